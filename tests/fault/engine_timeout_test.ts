// A run that hangs: it is ended at its deadline and the next picture is served; a worker that is
// thrown away in the middle of it takes nothing down.
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { FoveaError, type FrameResult, loadDetector, openCamera, perceive } from "../../mod.ts";
import { loadLibOnnxRuntime } from "../../src/engine/libonnxruntime.ts";
import { OrtEnvironment } from "../../src/native/ort_environment.ts";
import { OrtLibrary } from "../../src/native/ort_library.ts";
import { OrtRunWatchdog } from "../../src/native/ort_run_watchdog.ts";
import { bundledLibrary } from "../../src/engine/onnxruntime_places.ts";
import { makeBitmap } from "../support/bitmap.ts";

const MODEL = new URL("../../models/tiny/yolo_v8_endless.onnx", import.meta.url);
/** Brighter than what a cell needs, darker than what keeps the model busy. */
const RED = [245, 40, 40] as const;

/** Runs with a folder of pictures; those that are given as slow keep the model busy. */
async function withPictures(
  slow: readonly boolean[],
  run: (uri: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "fovea_timeout_" });
  try {
    const cell = [16, 16, 24, 24] as const;
    for (const [i, isSlow] of slow.entries()) {
      const rgb = isSlow ? [255, 255, 255] as const : RED;
      await makeBitmap(`${folder}/${i}.bmp`, 128, 96, [{ xyxyPx: cell, rgb }]);
    }
    await run(`images:${folder}`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a picture that takes too long is told as a state, and the next one is served", async () => {
  await withPictures([true, false, true], async (uri) => {
    await using camera = await openCamera(uri);
    await using detector = await loadDetector(MODEL, { runTimeoutMs: 800, confidence: 0.5 });
    assertEquals(detector.engine, "libonnxruntime");
    const results = await Array.fromAsync(perceive(camera, detector));
    assertEquals(results.map(({ kind, seq, state }) => [kind, seq, state]), [
      ["state", 0, "stale"],
      ["frame", 1, "live"],
      ["state", 2, "stale"],
    ]);
    assertStringIncludes(results[0]!.stateReason!, "within 800 ms");
    assertEquals(results[0]!.detections, []);
    assertEquals(results[1]!.detections.map(({ className }) => className), ["red"]);
  });
});

Deno.test("a model that takes too long every time ends the loop with an error", async () => {
  await withPictures([true, true, true], async (uri) => {
    await using camera = await openCamera(uri);
    await using detector = await loadDetector(MODEL, { runTimeoutMs: 300, confidence: 0.5 });
    const states: string[] = [];
    const error = await assertRejects(
      async () => {
        for await (const { state } of perceive(camera, detector)) states.push(state);
      },
      FoveaError,
      "within 300 ms",
    );
    assertEquals([error.code, states], ["ENGINE_TIMEOUT", ["stale", "stale"]]);
    await withPictures([false], async (uri) => {
      await using next = await openCamera(uri);
      const [{ state, seq }] = await Array.fromAsync(perceive(next, detector)) as [FrameResult];
      assertEquals([state, seq], ["live", 0]);
    });
  });
});

Deno.test("a deadline is refused by an engine that cannot keep it", async () => {
  const options = { engine: "onnxruntime-node", runTimeoutMs: 400 } as const;
  const error = await assertRejects(() => loadDetector(MODEL, options), FoveaError);
  assertEquals(error.code, "ENGINE_OPTION");
});

Deno.test("a worker that is thrown away in the middle of a run takes nothing down", async () => {
  const entry = new URL("../support/slow_engine_worker.ts", import.meta.url);
  const worker = new Worker(entry, { type: "module" });
  await new Promise((resolve, reject) => {
    worker.onmessage = resolve;
    worker.onerror = reject;
  });
  worker.terminate();
  // The native run goes on for a while; another session is loaded and runs beside it.
  await using engine = await loadLibOnnxRuntime(Deno.readFileSync(MODEL));
  const { name, type, dims } = engine.inputs[0]!;
  engine.setInput(name, { type, dims, data: new Float32Array(3 * 96 * 128) });
  assertEquals((await engine.run()).get("output0").dims, [1, 6, 252]);
});

Deno.test("a deadline that passes as the run ends does not end the next one", () => {
  const library = OrtLibrary.open([{ path: bundledLibrary()!, source: "test" }]);
  using environment = new OrtEnvironment(library);
  using watchdog = new OrtRunWatchdog(environment, 0.001);
  const before = watchdog.runOptions;
  watchdog.start();
  // Long enough for a microsecond to pass, whatever the machine does.
  while (!watchdog.expired) continue;
  assertEquals(watchdog.stop(false), true);
  // The flag of the old options may be set at any time from now on; nobody looks at it any more.
  assertEquals(Deno.UnsafePointer.equals(watchdog.runOptions, before), false);
});
