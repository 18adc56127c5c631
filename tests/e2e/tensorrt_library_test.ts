// The command line on a machine that has TensorRT as far as libraries can tell: the real binding
// asks a library which passes everything on to the real ONNX Runtime but the provider, and a stand-in
// for the CUDA driver runs fovea's own kernels. What is proven is everything up to NVIDIA's doors.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { buildHostProgram, findHostCompilerFault } from "../../kernels/cuda/host/build.ts";
import { makeBitmap } from "../support/bitmap.ts";
import { tinyModel } from "../support/cell_camera.ts";
import { type CliOutcome, runCli, withTempFolder } from "../support/cli_process.ts";
import { buildFakeTensorRt } from "../support/fake_tensorrt/build.ts";

/** Pictures that differ; a long stream shows them over and over. */
const PICTURES = 12;

/** Makes a folder of `count` pictures with six things each. */
async function makePictures(folder: string, count: number): Promise<void> {
  await Deno.mkdir(folder);
  for (let i = 0; i < PICTURES; i++) {
    const cells = Array.from({ length: 6 }, (_, k) => {
      const [x, y] = [8 * ((2 * k + i) % 16), 8 * (1 + (i + k) % 10)];
      const rgb = k % 2 === 0 ? [255, 0, 0] as const : [0, 0, 255] as const;
      return { xyxyPx: [x, y, x + 8, y + 8] as const, rgb };
    });
    await makeBitmap(`${folder}/${i}.bmp`, 128, 96, cells);
  }
  for (let i = PICTURES; i < count; i++) {
    await Deno.link(`${folder}/${i % PICTURES}.bmp`, `${folder}/${i}.bmp`);
  }
}

/** Runs `fovea run` on a folder of pictures; `wrong` is what is wrong with the engine. */
async function runOnTensorRt(
  folder: string,
  wrong: string,
  flags: readonly string[],
): Promise<CliOutcome> {
  const libraries = `${folder}/libraries`;
  const env = {
    FAKE_TENSORRT: wrong,
    FOVEA_LIBCUDA: await buildHostProgram("emulator"),
    LD_LIBRARY_PATH: libraries,
  };
  const engine = ["--engine", "libonnxruntime", "--library", `${libraries}/libonnxruntime.so`];
  const cache = ["--provider-option", `tensorrt.cacheFolder=${folder}/engines`];
  const model = ["-m", tinyModel("yolo_v8"), "--conf", "0.5", "--no-track"];
  const source = [`images:${folder}/pictures?fps=2`];
  return await runCli(["run", ...source, ...model, ...engine, ...cache, ...flags], { env });
}

function testWithStandIns(name: string, fn: (folder: string) => Promise<void>): void {
  const fault = findHostCompilerFault();
  Deno.test({
    name: fault === null ? name : `${name} [skipped: ${fault}]`,
    ignore: fault !== null,
    fn: () =>
      withTempFolder(async (folder) => {
        await Deno.mkdir(`${folder}/libraries`);
        await buildFakeTensorRt(`${folder}/libraries`);
        await fn(folder);
      }),
  });
}

/** The files of the only engine in the cache. */
function builtFiles(folder: string): string[] {
  const folders = [...Deno.readDirSync(`${folder}/engines`)].map(({ name }) => name);
  assertEquals(folders.length, 1);
  assertMatch(folders[0]!, /-sm\d+_trt101003_ort1\.\d+\.\d+_fp32_[0-9a-f]{16}$/);
  return [...Deno.readDirSync(`${folder}/engines/${folders[0]}`)].map(({ name }) => name).sort();
}

const BUILT = ["cache_sm86.timing", "fovea.json", "graph_0_sm86.engine"];

testWithStandIns("TensorRT that is waited for is built once, through the C API", async (folder) => {
  await makePictures(`${folder}/pictures`, PICTURES);
  const flags = ["--providers", "tensorrt", "--workers", "1"];
  for (const builds of [1, 0]) {
    const { code, stderr, stdout } = await runOnTensorRt(folder, "", flags);
    assertEquals(code, 0, stderr);
    assertEquals(stderr.match(/fake tensorrt: builds/g)?.length ?? 0, builds, stderr);
    assertMatch(stderr, /libonnxruntime tensorrt/);
    assertEquals(stdout.trim().split("\n").length, PICTURES);
    assertEquals(builtFiles(folder), BUILT);
  }
});

testWithStandIns(
  "TensorRT takes over from CUDA, through the C API and on the device",
  async (folder) => {
    const count = 2_000;
    await makePictures(`${folder}/pictures`, count);
    const flags = ["--providers", "tensorrt,cuda", "--json", "--stats", `${folder}/stats.json`];
    const { code, stderr, stdout } = await runOnTensorRt(folder, "", flags);
    assertEquals(code, 0, stderr);
    const results = stdout.trim().split("\n").map((line) => JSON.parse(line));
    assertEquals(results.map(({ seq }) => seq), Array.from({ length: count }, (_, i) => i));
    const first = results.findIndex(({ provider }) => provider === "tensorrt");
    assert(first > 0, "both providers serve");
    assert(results.every(({ provider }, i) => provider === (i < first ? "cuda" : "tensorrt")));
    assert(results.every(({ detections }) => detections.length === 6));
    assertEquals(builtFiles(folder), BUILT);
    const stats = JSON.parse(await Deno.readTextFile(`${folder}/stats.json`));
    assertEquals([stats.provider, stats.modelMsSamples.length], ["tensorrt", 1]);
  },
);

testWithStandIns(
  "an engine that finds nothing is refused, and the words say so",
  async (folder) => {
    const count = 2_000;
    await makePictures(`${folder}/pictures`, count);
    const flags = ["--providers", "tensorrt,cpu"];
    const { code, stderr } = await runOnTensorRt(folder, "deaf", flags);
    assertEquals(code, 0, stderr);
    assertStringIncludes(stderr, "TensorRT builds its engine: it may take minutes");
    assertStringIncludes(stderr, "tensorrt is not ready; cpu serves instead");
    assertStringIncludes(stderr, "TensorRT's engine is refused: it loses 100.0 %");
    const again = await runOnTensorRt(folder, "deaf", [
      ...["--providers", "tensorrt", "--max-frames", "1"],
    ]);
    assertEquals(again.code, 1);
    assertStringIncludes(again.stderr, "ENGINE_REFUSED");
  },
);

testWithStandIns("an engine that TensorRT cannot build leaves the stream alone", async (folder) => {
  await makePictures(`${folder}/pictures`, 1_000);
  const flags = ["--providers", "tensorrt,cpu"];
  const { code, stderr } = await runOnTensorRt(folder, "fails", flags);
  assertEquals(code, 0, stderr);
  assertStringIncludes(stderr, "TensorRT EP failed to create engine from network");
  assertEquals([...Deno.readDirSync(`${folder}/engines`)], []);
});

testWithStandIns("a run that ends while TensorRT builds does not wait for it", async (folder) => {
  await makePictures(`${folder}/pictures`, 2_000);
  const flags = ["--providers", "tensorrt,cpu", "--max-frames", "1500"];
  const { code, stderr, stdout } = await runOnTensorRt(folder, "slow", flags);
  assertEquals(code, 0, stderr);
  assertStringIncludes(stderr, "fake tensorrt: builds in");
  assertEquals(stdout.trim().split("\n").length, 1_500);
  assertEquals([...Deno.readDirSync(`${folder}/engines`)], []);
});
