// A run that never comes back, as one on a GPU that hangs: nothing on the worker's thread can end
// it. The worker is thrown away, its picture is lost and told, and another worker goes on.
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { FoveaError } from "../../src/core/errors.ts";
import type { FrameResult } from "../../src/core/result.ts";
import { perceive } from "../../src/pipeline/perceive.ts";
import { cellCamera, type PaintedCell, RED } from "../support/cell_camera.ts";
import { collect, TensorRtBench } from "../support/tensorrt_bench.ts";

const OPTIONS = { providers: ["cpu"], runTimeoutMs: 100 } as const;
const HANGS = { hang: "1" };

/** A red cell in every picture, and a white first one where it hangs. */
function paint(seq: number, hangs: readonly number[]): PaintedCell[] {
  const red = { x: 5, y: 5, rgb: RED };
  return hangs.includes(seq) ? [red, { x: 0, y: 0, rgb: [255, 255, 255] }] : [red];
}

function summary(results: readonly FrameResult[]) {
  return results.map(({ kind, seq, state, detections, headVersion }) => {
    const classes = detections.map(({ className }) => className).join();
    return [kind, seq, state, classes, headVersion];
  });
}

for (const workers of [1, 2]) {
  Deno.test(`a worker that hangs is replaced, with one picture lost of ${workers} workers`, async () => {
    await using bench = await TensorRtBench.open();
    await bench.closeGate();
    await using camera = cellCamera(12, (seq) => paint(seq, [4]));
    await using detector = await bench.load(HANGS, { ...OPTIONS, workers, head: true });
    await detector.adoptHead(detector.shippedHead!.withVersion(7));
    const results = await collect(camera, detector, () => false);
    assertEquals(
      summary(results),
      Array.from(
        { length: 12 },
        (_, seq) => seq === 4 ? ["state", 4, "stale", "", 7] : ["frame", seq, "live", "red", 7],
      ),
    );
    assertStringIncludes(results[4]!.stateReason!, "no answer for 1100 ms");
    assertEquals(bench.kinds, ["worker-replaced"]);
    const { error } = await bench.event("worker-replaced");
    assertEquals([error.code, error.message], ["ENGINE_TIMEOUT", results[4]!.stateReason!]);
    assertEquals(camera.leases.out, 0);
    // The new worker takes heads like the old one.
    await detector.adoptHead(detector.shippedHead!.withVersion(8));
    await using next = cellCamera(1, () => [{ x: 5, y: 5, rgb: RED }]);
    assertEquals(summary(await collect(next, detector, () => false)), [
      ["frame", 0, "live", "red", 8],
    ]);
  });
}

Deno.test("a model that hangs at every picture ends the loop", async () => {
  await using bench = await TensorRtBench.open();
  await bench.closeGate();
  await using camera = cellCamera(20, (seq) => paint(seq, [2, 3, 4, 5, 6, 7, 8]));
  await using detector = await bench.load(HANGS, OPTIONS);
  const results: FrameResult[] = [];
  const error = await assertRejects(
    async () => {
      for await (const result of perceive(camera, detector)) results.push(result);
    },
    FoveaError,
    "no answer",
  );
  assertEquals(error.code, "ENGINE_TIMEOUT");
  assertEquals(results.map(({ state }) => state), ["live", "live", "stale", "stale"]);
  assertEquals(camera.leases.out, 0);
});

Deno.test("a head that is offered to a worker that hangs is not adopted, and the old one goes on", async () => {
  await using bench = await TensorRtBench.open();
  await bench.closeGate();
  await using camera = cellCamera(8, (seq) => paint(seq, [3]));
  await using detector = await bench.load(HANGS, { ...OPTIONS, head: true });
  const shipped = detector.shippedHead!;
  let adopting: Promise<unknown> = Promise.resolve();
  const results = await collect(camera, detector, ({ seq }) => {
    // Picture 3 is with the worker by now, and the head stands behind it.
    if (seq === 2) {
      adopting = assertRejects(() => detector.adoptHead(shipped.withVersion(1)), FoveaError);
    }
    return false;
  });
  assertEquals((await adopting as FoveaError).code, "ENGINE_TIMEOUT");
  assertEquals(results.map(({ headVersion }) => headVersion), Array(8).fill(0));
  assertEquals(detector.head!.version, 0);
});

Deno.test("a detector is closed while its worker is being replaced", async () => {
  await using bench = await TensorRtBench.open();
  await bench.closeGate();
  await using camera = cellCamera(8, (seq) => paint(seq, [1]));
  await using detector = await bench.load(HANGS, OPTIONS);
  const results = await collect(camera, detector, ({ state }) => state === "stale");
  assertEquals(results.length, 2);
});
