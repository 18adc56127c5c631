// Runs that are ended from outside: everything is written and closed before the process goes.
import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { openCamera } from "../../src/camera/open_camera.ts";
import { spawnCli, withTempFolder } from "../support/cli_process.ts";
import { makeClip } from "../support/clips.ts";

const MODEL = "models/tiny/yolo_v8.onnx";
/** More results than fit into a pipe that nobody empties, so that the run is still on. */
const FRAMES = 800;

/** A run with all outputs, ended by what a test does to it. */
interface RunningCli {
  readonly child: Deno.ChildProcess;
  readonly stdout: ReadableStreamDefaultReader<Uint8Array>;
  readonly saved: string;
  readonly statsPath: string;
  readonly folder: string;
}

function withRun(fn: (run: RunningCli) => Promise<void>): Promise<void> {
  return withTempFolder(async (folder) => {
    const clip = `${folder}/clip.mp4`;
    await makeClip({ path: clip, width: 128, height: 96, frames: FRAMES, fps: 25 });
    const saved = `${folder}/out/saved.mp4`;
    const statsPath = `${folder}/out/stats.json`;
    await Deno.mkdir(`${folder}/out`);
    const outputs = ["--save", saved, "--stats", statsPath];
    const child = spawnCli(["run", clip, "-m", MODEL, "--json", ...outputs]);
    await fn({ child, stdout: child.stdout.getReader(), saved, statsPath, folder });
  });
}

/** Reads whole lines until there are `count` of them or the stream ends. */
async function readLines(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  count = Infinity,
): Promise<string[]> {
  const decoder = new TextDecoder();
  let text = "";
  while (text.split("\n").length <= count) {
    const { done, value } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
  }
  return text.split("\n");
}

/** Counts the frames of a video by decoding all of them. */
async function countFrames(path: string): Promise<number> {
  await using camera = await openCamera(path);
  for (let count = 0;;) {
    const event = await camera.next();
    if (event.kind === "end") return count;
    if (event.kind !== "frame") continue;
    event.frame[Symbol.dispose]();
    count++;
  }
}

async function assertFinished(run: RunningCli, ended: string, framesMin: number): Promise<void> {
  const stats = JSON.parse(await Deno.readTextFile(run.statsPath));
  assertEquals(stats.ended, ended);
  assertGreaterOrEqual(stats.frames, framesMin);
  assert(stats.frames < FRAMES, "the run was not at its end");
  assertEquals(await countFrames(run.saved), stats.frames);
  const left = [...Deno.readDirSync(`${run.folder}/out`)].map(({ name }) => name).sort();
  assertEquals(left, ["saved.mp4", "stats.json"]);
}

Deno.test("Ctrl-C in the middle ends with 130, a video that plays, and the statistics", () =>
  withRun(async (run) => {
    await readLines(run.stdout, 20);
    run.child.kill("SIGINT");
    const rest = await readLines(run.stdout);
    assertEquals(rest.at(-1), "", "the last line is whole");
    const stderr = await run.child.stderr.text();
    assertEquals([(await run.child.status).code, stderr], [130, ""]);
    await assertFinished(run, "interrupted", 20);
  }));

Deno.test("a request to terminate ends with 143, a video that plays, and the statistics", () =>
  withRun(async (run) => {
    await readLines(run.stdout, 20);
    run.child.kill("SIGTERM");
    await readLines(run.stdout);
    await run.child.stderr.cancel();
    assertEquals((await run.child.status).code, 143);
    await assertFinished(run, "interrupted", 20);
  }));

Deno.test("a reader that leaves early ends the run quietly, with a video that plays", () =>
  withRun(async (run) => {
    await readLines(run.stdout, 3);
    await run.stdout.cancel();
    const stderr = await run.child.stderr.text();
    assertEquals([(await run.child.status).code, stderr], [0, ""]);
    await assertFinished(run, "output closed", 3);
  }));

Deno.test("Ctrl-C finishes the outputs even while the reader is stuck, a second one ends it", () =>
  withRun(async (run) => {
    await readLines(run.stdout, 1);
    using watcher = Deno.watchFs(`${run.folder}/out`);
    run.child.kill("SIGINT");
    for await (const { paths } of watcher) {
      if (paths.some((path) => path.endsWith("/stats.json"))) break;
    }
    await assertFinished(run, "interrupted", 1);
    run.child.kill("SIGINT");
    assertEquals((await run.child.status).code, 130);
    await run.stdout.cancel();
    await run.child.stderr.cancel();
  }));

Deno.test("Ctrl-C while a silent camera is being opened ends at once with 130", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const child = spawnCli(["run", `rtsp://127.0.0.1:${port}/silent`, "-m", MODEL, "--json"]);
  using _connection = await listener.accept();
  child.kill("SIGINT");
  const [stdout, stderr] = [await child.stdout.text(), await child.stderr.text()];
  assertEquals([(await child.status).code, stdout, stderr], [130, "", ""]);
});
