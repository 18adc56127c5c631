/** What a peer's process tells when it ends. */
export interface PeerRun {
  /** Results per second between the first and the last one; starting up is not counted. */
  readonly fps: number;
  /** Number of results. */
  readonly frames: number;
  /** Detections in all results. */
  readonly detections: number;
}

/**
 * Runs `peers/<script>` in a process of its own.
 *
 * @throws {Error} If it fails, with what it said.
 */
export async function runPeer(script: string, args: readonly string[]): Promise<PeerRun> {
  const url = new URL(`./${script}`, import.meta.url);
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", url.pathname, ...args],
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`Cannot run ${script}: ${new TextDecoder().decode(stderr)}`);
  const { detections, finishedMs } = JSON.parse(new TextDecoder().decode(stdout)) as {
    detections: number;
    finishedMs: number[];
  };
  const spanMs = finishedMs.at(-1)! - finishedMs[0]!;
  return { fps: (finishedMs.length - 1) * 1000 / spanMs, frames: finishedMs.length, detections };
}

/** Whether FFmpeg's programs, which the plain script needs, are on this machine. */
export async function hasFfmpeg(): Promise<boolean> {
  try {
    const runs = ["ffmpeg", "ffprobe"].map((name) =>
      new Deno.Command(name, { args: ["-version"], stdout: "null", stderr: "null" }).output()
    );
    return (await Promise.all(runs)).every(({ success }) => success);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
