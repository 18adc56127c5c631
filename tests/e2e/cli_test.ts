// The command line as a process: what it prints where, and how it ends.
import {
  assert,
  assertEquals,
  assertGreater,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import type { FrameResult } from "../../src/core/result.ts";
import { STAGES } from "../../src/core/result.ts";
import { defaultEngine } from "../../src/engine/load_engine.ts";
import { makeBitmap } from "../support/bitmap.ts";
import { runCli, withTempFolder } from "../support/cli_process.ts";
import { makeClip } from "../support/clips.ts";
import { decodePictures } from "../support/decode_pictures.ts";
import { testWithShared } from "../support/shared.ts";

const MODEL = "models/tiny/yolo_v8.onnx";

/** A clip of `frames` small grey frames, 25 a second. */
async function makeGreyClip(folder: string, frames: number): Promise<string> {
  const path = `${folder}/clip.mp4`;
  await makeClip({ path, width: 128, height: 96, frames, fps: 25 });
  return path;
}

function readLines(stdout: string): FrameResult[] {
  assert(stdout.endsWith("\n"), "the last line is whole");
  return stdout.trimEnd().split("\n").map((line) => JSON.parse(line) as FrameResult);
}

Deno.test("fovea --help lists the commands and the exit codes", async () => {
  const { code, stdout, stderr } = await runCli(["--help"]);
  assertEquals([code, stderr], [0, ""]);
  const words = ["run", "inspect", "loss", "doctor", "Exit codes"];
  for (const word of words) assertStringIncludes(stdout, word);
});

Deno.test("fovea run --help names every flag with its default", async () => {
  const { code, stdout, stderr } = await runCli(["run", "--help"]);
  assertEquals([code, stderr], [0, ""]);
  for (
    const flag
      of ("--model --policy --camera-backend --max-frames --duration --degrade --conf --iou --classes " +
        "--agnostic --max-detections --no-track --engine --providers --fallback --threads --workers --spinning " +
        "--graph-optimization --family --imgsz --channels --scale --letterbox --pad --names " +
        "--family-option --save --stats --json --help").split(" ")
  ) assertMatch(stdout, new RegExp(`${flag}\\b`));
  assertStringIncludes(stdout, "(default: 0.45)");
  assertMatch(stdout, /--conf <score> +lowest score to report, 0 to 1; .+ manifest .+ 0\.25\n/);
});

Deno.test("fovea inspect --help and fovea doctor --help explain themselves", async () => {
  const inspect = await runCli(["help", "inspect"]);
  assertEquals(inspect.code, 0);
  assertStringIncludes(inspect.stdout, "--letterbox");
  const doctor = await runCli(["doctor", "--help"]);
  assertEquals(doctor.code, 0);
  assertStringIncludes(doctor.stdout, "--json");
});

Deno.test("fovea loss prints the example of the glossary", async () => {
  const args = ["loss", "--gamma", "1.5", "--logits", "0.8,-1.5,0.1", "--targets", "1,0,1"];
  assertEquals(await runCli(args), { code: 0, stdout: "0.080528\n", stderr: "" });
  const json = await runCli([...args, "--json"], { permissions: ["--allow-read"] });
  assertEquals(json, { code: 0, stdout: '{"value":0.08052775724608184}\n', stderr: "" });
});

Deno.test("fovea --version prints the version in deno.json", async () => {
  const config = JSON.parse(await Deno.readTextFile(new URL("../../deno.json", import.meta.url)));
  const { code, stdout } = await runCli(["--version"]);
  assertEquals([code, stdout], [0, `${config.version}\n`]);
});

Deno.test("fovea without a command prints its help on standard error and ends with 2", async () => {
  const { code, stdout, stderr } = await runCli([]);
  assertEquals([code, stdout], [2, ""]);
  assertStringIncludes(stderr, "Usage: fovea");
});

Deno.test("fovea run --json prints one result a line and nothing else", () =>
  withTempFolder(async (folder) => {
    const clip = await makeGreyClip(folder, 30);
    const { code, stdout, stderr } = await runCli(["run", clip, "--model", MODEL, "--json"]);
    assertEquals([code, stderr], [0, ""]);
    const results = readLines(stdout);
    assertEquals(results.map(({ seq }) => seq), Array.from({ length: 30 }, (_, i) => i));
    const [first] = results;
    assertEquals(Object.keys(first!), [
      "kind",
      "seq",
      "ptsMs",
      "ageMs",
      "dropped",
      "epoch",
      "state",
      "stateReason",
      "width",
      "height",
      "detections",
      "tracks",
      "monitor",
      "nonFinite",
      "engine",
      "provider",
      "headVersion",
      "timingsMs",
    ]);
    assertEquals([first!.engine, first!.provider, first!.kind], [
      await defaultEngine(),
      "cpu",
      "frame",
    ]);
    assertEquals(Object.keys(first!.timingsMs), [...STAGES]);
  }));

Deno.test("fovea run finds what is in a picture, in pixels of the picture", () =>
  withTempFolder(async (folder) => {
    const image = `${folder}/red.bmp`;
    await makeBitmap(image, 256, 192, [{ xyxyPx: [64, 32, 80, 48], rgb: [255, 0, 0] }]);
    const { stdout } = await runCli(["run", image, "-m", MODEL, "--json"]);
    const [result] = readLines(stdout);
    assertEquals(result!.detections.length, 1);
    const [detection] = result!.detections;
    assertEquals([detection!.className, detection!.classIndex], ["red", 0]);
    assertEquals(detection!.xyxyPx, [64, 32, 80, 48]);
    assertGreater(detection!.score, 0.9);
  }));

Deno.test("fovea run tells people a line a frame, and the rest on standard error", () =>
  withTempFolder(async (folder) => {
    const image = `${folder}/red.bmp`;
    await makeBitmap(image, 256, 192, [{ xyxyPx: [64, 32, 80, 48], rgb: [255, 0, 0] }]);
    const { code, stdout, stderr } = await runCli(["run", image, "-m", MODEL]);
    assertEquals(code, 0);
    assertMatch(stdout, /^frame 0 {2}0\.00 s {2}\d+\.\d ms {2}red [01]\.\d\d\n$/);
    assertStringIncludes(stderr, `${MODEL}: yolo-v8, 2 classes, 128x96 rgb`);
    assertStringIncludes(stderr, "red.bmp: 256x192");
    assertMatch(stderr, /1 frame in \d+\.\d s/);
  }));

Deno.test("fovea run --max-frames and --duration end the run in time", () =>
  withTempFolder(async (folder) => {
    const clip = await makeGreyClip(folder, 50);
    const few = await runCli(["run", clip, "-m", MODEL, "--json", "--max-frames", "7"]);
    assertEquals([few.code, readLines(few.stdout).length], [0, 7]);
    const paced = ["--policy", "latest", "--duration", "0.4"];
    const short = await runCli(["run", clip, "-m", MODEL, "--json", ...paced]);
    assertEquals(short.code, 0);
    assert(readLines(short.stdout).length < 40, "two seconds of video were not played to the end");
  }));

Deno.test("fovea run --policy every:N takes every Nth frame", () =>
  withTempFolder(async (folder) => {
    const clip = await makeGreyClip(folder, 20);
    const { stdout } = await runCli(["run", clip, "-m", MODEL, "--json", "--policy", "every:6"]);
    assertEquals(readLines(stdout).map(({ seq }) => seq), [0, 6, 12, 18]);
  }));

Deno.test("fovea run --workers keeps frames in order", () =>
  withTempFolder(async (folder) => {
    const clip = await makeGreyClip(folder, 40);
    const { stdout } = await runCli(["run", clip, "-m", MODEL, "--json", "--workers", "3"]);
    assertEquals(readLines(stdout).map(({ seq }) => seq), Array.from({ length: 40 }, (_, i) => i));
  }));

Deno.test("fovea run --classes and --conf pick what is reported", () =>
  withTempFolder(async (folder) => {
    const image = `${folder}/two.bmp`;
    await makeBitmap(image, 128, 96, [
      { xyxyPx: [8, 8, 16, 16], rgb: [255, 0, 0] },
      { xyxyPx: [64, 64, 72, 72], rgb: [0, 0, 255] },
    ]);
    const blue = await runCli(["run", image, "-m", MODEL, "--json", "--classes", "blue"]);
    assertEquals(readLines(blue.stdout)[0]!.detections.map((d) => d.className), ["blue"]);
    const sure = await runCli(["run", image, "-m", MODEL, "--json", "--conf", "1"]);
    assertEquals(readLines(sure.stdout)[0]!.detections, []);
  }));

Deno.test("fovea run --stats writes what the run amounted to", () =>
  withTempFolder(async (folder) => {
    const clip = await makeGreyClip(folder, 25);
    const path = `${folder}/stats.json`;
    const { code } = await runCli(["run", clip, "-m", MODEL, "--json", "--stats", path]);
    assertEquals(code, 0);
    const stats = JSON.parse(await Deno.readTextFile(path));
    assertEquals([stats.frames, stats.dropped, stats.ended], [25, 0, "finished"]);
    assertEquals([stats.engine, stats.provider, stats.model], [
      await defaultEngine(),
      "cpu",
      MODEL,
    ]);
    assertEquals(Object.keys(stats.stagesMs), [...STAGES]);
    const { p50, p95, p99 } = stats.stagesMs.total;
    assert(p50 > 0 && p50 <= p95 && p95 <= p99);
    assert(stats.modelMs > 0 && stats.fps > 0 && stats.seconds > 0);
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
      "clip.mp4",
      "stats.json",
    ]);
  }));

testWithShared(
  "fovea run detects cars in a real clip with a real detector",
  ["media/car-detection.mp4", "models/yolox_nano_416x416.onnx"],
  async ([clip, model]) => {
    const length = ["--max-frames", "60", "--policy", "every:4"];
    const { code, stdout } = await runCli(["run", clip, "-m", model, "--json", ...length]);
    assertEquals(code, 0);
    const names = new Set(readLines(stdout).flatMap((r) => r.detections.map((d) => d.className)));
    assert(names.has("car"), `found ${[...names].join(", ")}`);
  },
);

Deno.test("fovea run --degrade makes pictures worse from a delivered frame on", () =>
  withTempFolder(async (folder) => {
    const clip = await makeGreyClip(folder, 12);
    const flags = ["--policy", "every:2", "--degrade", "cast:1@9,fog:4@3", "--degrade", "dark:4@5"];
    const { code, stdout, stderr } = await runCli([
      ...["run", clip, "-m", MODEL, "--json", "--conf", "1", "--save", `${folder}/%06d.png`],
      ...flags,
    ]);
    assertEquals([code, stderr], [0, ""]);
    assertEquals(readLines(stdout).map(({ seq }) => seq), [0, 2, 4, 6, 8, 10]);
    const greens: number[] = [];
    // Below the status line and above the number.
    for (const seq of [0, 4, 6, 10]) {
      const { pictures } = await decodePictures(`${folder}/${`${seq}`.padStart(6, "0")}.png`);
      greens.push(pictures[0]!.colorAt(96, 60)[1]);
    }
    const [first, clear, foggy, night] = greens;
    assert(clear! < 180 && first! < 180, `${greens}`);
    // Fog: 186 and a little more. Night on top: 0.07 * 255 * (193 / 255)^3, and noise.
    assert(foggy! > 186 && foggy! < 205 && night! < 30, `${greens}`);
  }));
