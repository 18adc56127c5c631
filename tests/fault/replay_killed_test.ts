// Processes that are killed while they append to a replay buffer, again and again: it always opens,
// every frame that was told to be kept is there, and every number in it is right.
import { assert, assertEquals, assertGreater } from "@std/assert";
import { ReplayBuffer } from "../../src/refine/replay_buffer.ts";
import { pickRows } from "../../src/refine/training_rows.ts";
import { makeReplayRows, REPLAY_LAYOUT, REPLAY_MODEL } from "../support/replay_frames.ts";
import { TextLineStream } from "../support/text_lines.ts";
import { drawFrom } from "../support/training_jobs.ts";

const WRITER = new URL("./replay_writer.ts", import.meta.url).href;
/** Kills in all, by as many hands as there are buffers. */
const KILLS = 200;
const HANDS = 4;
/** Frames that a writer may be ahead of what was read of it. */
const AHEAD = 12;
/** A buffer with room for everything, and one that is written anew every dozen frames. */
const SIZES = [64 * 2 ** 20, 12_000];

/** Starts a writer and kills it at a chance moment; the last frame that it told to be kept. */
async function killWriter(folder: string, bytesMax: number, lines: number): Promise<number> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-check",
      "-A",
      WRITER,
      folder,
      String(bytesMax),
      String(lines + AHEAD),
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const told = child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
  let kept = -1;
  let left = lines;
  for await (const line of told) {
    const [, seq] = /^kept (\d+)$/.exec(line) ?? [];
    if (seq !== undefined) kept = Number(seq);
    // It writes on while this line was on its way, so that any moment may be its last.
    if (left-- === 0) child.kill("SIGKILL");
  }
  assertEquals((await child.status).signal, "SIGKILL");
  await child.stdin.abort().catch(() => {});
  return kept;
}

async function killAgainAndAgain(hand: number, kills: number): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "fovea-replay-killed-" });
  const bytesMax = SIZES[hand % SIZES.length]!;
  const draw = drawFrom(hand + 1);
  try {
    for (let kill = 0; kill < kills; kill++) {
      const kept = await killWriter(folder, bytesMax, Math.floor(40 * draw()));
      await using buffer = await ReplayBuffer.open(folder, {
        model: REPLAY_MODEL,
        layout: REPLAY_LAYOUT,
        bytesMax,
      });
      checkFrames(buffer, kept, bytesMax === SIZES[0]);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function checkFrames(buffer: ReplayBuffer, kept: number, all: boolean): void {
  const seqs: number[] = [];
  for (const stratum of ["clean", "drifted"] as const) {
    const rows = buffer.rows(stratum);
    let at = 0;
    for (const { meta, count } of buffer.frames(stratum)) {
      const seq = Number(meta.seq);
      const picked = pickRows(rows, Array.from({ length: count }, (_, i) => at + i));
      const made = makeReplayRows(seq);
      const expected = count === made.count ? made : pickRows(made, [0]);
      assert(picked.features.every((value, i) => value === expected.features[i]));
      assertEquals([...picked.target], [...expected.target]);
      seqs.push(seq);
      at += count;
    }
  }
  seqs.sort((a, b) => a - b);
  if (kept === -1) return;
  // Nothing that was told to be kept is missing, but for what had to give way.
  assert(seqs.at(-1)! >= kept, `${seqs.at(-1)} of ${kept}`);
  if (all) assertEquals(seqs, Array.from(seqs.keys()));
}

Deno.test(`a replay buffer opens after each of ${KILLS} kills, with all that was kept`, async () => {
  const hands = Array.from({ length: HANDS }, (_, hand) => killAgainAndAgain(hand, KILLS / HANDS));
  await Promise.all(hands);
});

Deno.test({
  name: "a replay buffer on a full disk says so and loses nothing",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "fovea-replay-full-" });
    try {
      // Its files may not grow beyond 16 KiB, a part of what it would like to write.
      const script = `trap '' XFSZ; ulimit -f 32; exec "$0" run --quiet --no-check -A "$@"`;
      const { stdout, stderr } = await new Deno.Command("sh", {
        args: ["-c", script, Deno.execPath(), WRITER, folder, "1000000", "80"],
        stdin: "null",
      }).output();
      const lines = new TextDecoder().decode(stdout).trim().split("\n");
      assertEquals(lines.at(-1), "done", new TextDecoder().decode(stderr));
      const kept = lines.filter((line) => line.startsWith("kept"));
      const full = lines.filter((line) => line.startsWith("SINK_WRITE"));
      assertEquals(kept.length + full.length, 80);
      assertGreater(kept.length, 10);
      assertGreater(full.length, 10);
      await using buffer = await ReplayBuffer.open(folder, {
        model: REPLAY_MODEL,
        layout: REPLAY_LAYOUT,
        bytesMax: 1_000_000,
      });
      assertEquals(buffer.droppedBytes, 0);
      assertEquals(buffer.frames("clean").length + buffer.frames("drifted").length, kept.length);
      checkFrames(buffer, kept.length - 1, true);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
