// `fovea world` as its users start it: frames and their truth in files, and what it refuses.
import { assert, assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { openCamera } from "../../src/camera/open_camera.ts";
import { type CocoDataset, StreetWorld } from "../../src/world/mod.ts";
import { runCli, spawnCli, withTempFolder } from "../support/cli_process.ts";

const SETTINGS = { seed: 5, width: 128, height: 96, frames: 12 };
const URI = "synthetic:street?seed=5&size=128x96&frames=12";

async function readDataset(path: string): Promise<CocoDataset> {
  return JSON.parse(await Deno.readTextFile(path)) as CocoDataset;
}

Deno.test("fovea world writes frames as they are, and the truth about each of them", () =>
  withTempFolder(async (folder) => {
    const annotations = `${folder}/truth.json`;
    const files = ["--annotations", annotations, "--save", `${folder}/frames/%04d.png`];
    const { code, stdout, stderr } = await runCli(["world", URI, ...files, "--json"]);
    assertEquals([code, stderr], [0, ""]);
    const world = new StreetWorld(SETTINGS);
    const { images, annotations: rows, categories, info } = await readDataset(annotations);
    assertEquals(info.description, `fovea ${URI}`);
    assertEquals(categories.map(({ id, name }) => [id, name]), [
      [1, "car"],
      [2, "van"],
      [3, "bicycle"],
      [4, "pedestrian"],
    ]);
    assertEquals(images.map(({ id }) => id), Array.from({ length: 12 }, (_, i) => i));
    for (const { id, file_name } of images) {
      const here = rows.filter(({ image_id }) => image_id === id);
      assertEquals(
        here.map(({ track_id, category_id, bbox: [x, y] }) => [track_id, category_id, x, y]),
        world.at(id).objects.map(({ trackId, classIndex, xyxyPx: [x, y] }) => [
          trackId,
          classIndex + 1,
          x,
          y,
        ]),
      );
      assertEquals(file_name, `${String(id).padStart(4, "0")}.png`);
    }
    await assertPixels(`${folder}/frames/0007.png`, world, 7);
    const report = JSON.parse(stdout) as Record<string, unknown>;
    assertEquals([report.frames, report.objects], [12, rows.length]);
    assertEquals(report.files, [annotations, `${folder}/frames/%04d.png`]);
  }));

/** A saved picture, read back, is the frame to the bit. */
async function assertPixels(path: string, world: StreetWorld, seq: number): Promise<void> {
  const { width, height } = world.settings;
  const expected = new Uint8Array(3 * width * height);
  world.renderRgb(seq, expected);
  await using camera = await openCamera(path);
  const event = await camera.next();
  assert(event.kind === "frame");
  using frame = event.frame;
  assertEquals(frame.picture.format, "rgb24");
  const { strideBytes } = frame.picture.planes[0]!;
  const bytes = frame.planeBytes(0);
  for (let row = 0; row < height; row++) {
    assertEquals(
      bytes.subarray(row * strideBytes, row * strideBytes + 3 * width),
      expected.subarray(row * 3 * width, (row + 1) * 3 * width),
    );
  }
}

Deno.test("fovea world writes a video, and draws boxes where it is asked to", () =>
  withTempFolder(async (folder) => {
    const [plain, boxed] = [`${folder}/plain.png`, `${folder}/boxed.png`];
    const video = `${folder}/clip.mp4`;
    const truth = `${folder}/truth.json`;
    const run = ["world", URI, "--max-frames", "5", "--annotations", truth];
    const first = await runCli([...run, "--save", plain, "--save", video]);
    assertEquals([first.code, first.stderr], [0, ""]);
    assertStringIncludes(first.stdout, "5 frames, ");
    assertStringIncludes(first.stdout, `wrote ${video}`);
    assertEquals((await readDataset(truth)).images[4]!.file_name, "plain.png#4");
    await using camera = await openCamera(video);
    const { width, height, fps, frameCount } = camera.info;
    assertEquals([width, height, fps, frameCount], [128, 96, 25, 5]);
    const second = await runCli([...run, "--save", boxed, "--boxes"]);
    assertEquals(second.code, 0);
    assert((await Deno.readFile(plain)).join() !== (await Deno.readFile(boxed)).join());
  }));

Deno.test("fovea world ends well at Ctrl-C: what was drawn is written", () =>
  withTempFolder(async (folder) => {
    await Deno.mkdir(`${folder}/frames`);
    const watcher = Deno.watchFs(`${folder}/frames`);
    const child = spawnCli([
      "world",
      "synthetic:street?size=64x48",
      "--max-frames",
      "100000",
      "--annotations",
      `${folder}/truth.json`,
      "--save",
      `${folder}/frames/%d.png`,
    ]);
    // If the command fails there will be no picture to wait for.
    child.status.then(() => watcher.close()).catch(() => undefined);
    for await (const { paths } of watcher) {
      if (paths.some((path) => path.endsWith("/3.png"))) break;
    }
    child.kill("SIGINT");
    const { code, stderr } = await child.output();
    assertEquals([code, new TextDecoder().decode(stderr)], [130, ""]);
    const { images } = await readDataset(`${folder}/truth.json`);
    assertGreater(images.length, 3);
    await Deno.stat(`${folder}/frames/${images.length - 1}.png`);
  }));

Deno.test("fovea world refuses what it cannot do, and leaves nothing behind", () =>
  withTempFolder(async (folder) => {
    const truth = ["--annotations", `${folder}/truth.json`];
    const cases: [args: string[], code: number, words: string[]][] = [
      [["synthetic:street?frames=3"], 2, ["for nothing", "--annotations"]],
      [["synthetic:street", ...truth], 2, ["it has no end", "--max-frames"]],
      [["synthetic:street?frames=200000", ...truth], 2, ["200000 frames", "100000"]],
      [["models/README.md", ...truth], 1, ["error CAMERA_OPEN"]],
      [["synthetic:town", ...truth], 1, ["error CAMERA_URI", "synthetic:street"]],
      [["synthetic:street?weather=hail:1", ...truth], 1, ["hail is unknown", "rain"]],
      [[URI, ...truth, "--save", `${folder}/truth.json`], 2, [".json"]],
      [[URI, "--annotations", `${folder}/a.png`, "--save", `${folder}/a.png`], 2, ["another"]],
      [[URI, ...truth, "--save", `${folder}/a.gif`], 2, [".gif"]],
      [[URI, ...truth, "--max-frames", "0"], 2, ["--max-frames"]],
      [[URI, "--annotations", `${folder}/none/truth.json`], 1, ["error SINK_OPEN", "folder"]],
    ];
    for (const [args, code, words] of cases) {
      const { stderr, stdout, code: found } = await runCli(["world", ...args]);
      assertEquals([found, stdout], [code, ""], `${args.join(" ")}: ${stderr}`);
      for (const word of words) assertStringIncludes(stderr, word);
      assertEquals([...Deno.readDirSync(folder)], []);
    }
  }));

Deno.test("a source without truth is refused", () =>
  withTempFolder(async (folder) => {
    const picture = `${folder}/one.png`;
    const made = await runCli(["world", URI, "--max-frames", "1", "--save", picture]);
    assertEquals(made.code, 0);
    const { code, stderr } = await runCli([
      "world",
      picture,
      "--annotations",
      `${folder}/truth.json`,
    ]);
    assertEquals(code, 2);
    assertStringIncludes(stderr, "it has none");
  }));

Deno.test("fovea run sees a world like any other camera", async () => {
  const { code, stdout, stderr } = await runCli([
    "run",
    "synthetic:street?size=128x96&frames=6&weather=fog:2@3",
    "--model",
    "models/tiny/yolo_v8.onnx",
    "--json",
  ]);
  assertEquals([code, stderr], [0, ""]);
  const results = stdout.trim().split("\n").map((line) => JSON.parse(line));
  assertEquals(results.map(({ seq, width, state }) => [seq, width, state]), [
    ...[0, 1, 2, 3, 4, 5].map((seq) => [seq, 128, "live"]),
  ]);
});
