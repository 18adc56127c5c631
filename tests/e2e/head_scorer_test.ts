import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { type Detections, type FrameTap, HeadWeights, loadDetector, perceive } from "../../mod.ts";
import { openImages } from "../../src/camera/open_camera.ts";
import type { Detector } from "../../src/pipeline/loaded_detector.ts";
import { HeadScorer } from "../../src/refine/head_scorer.ts";
import { cellCamera, RED, tinyModel } from "../support/cell_camera.ts";
import { testWithShared } from "../support/shared.ts";

const CONFIDENCE = 0.05;
const IMAGES = 6;

/** A head that says other things: some classes louder, others quieter, objectness changed. */
function disturbed(head: HeadWeights, version: number): HeadWeights {
  const values = head.layers.map(({ classRows, channels, rows }, i) => {
    const { weight, bias } = head.layer(i);
    const of = (row: number): number => classRows.length === 0 ? row : (row - classRows[0]!) % 7;
    return {
      weight: weight.map((w, at) => of(Math.floor(at / channels)) === 2 ? 1.3 * w : w),
      bias: bias.map((b, row) => row < rows && of(row) === 2 ? b + 0.7 : b),
    };
  });
  return head.withValues(values, version);
}

async function tapAll(detector: Detector, paths: readonly string[]): Promise<FrameTap[]> {
  const taps: FrameTap[] = [];
  const rows = Int32Array.from({ length: detector.headGrid!.rows }, (_, row) => row);
  await using camera = await openImages(paths, { poolFrames: 8 });
  const tap = { select: { rows }, onTap: (one: FrameTap) => void taps.push(one) };
  for await (const _result of perceive(camera, detector, { tap }));
  return taps;
}

async function detectAll(detector: Detector, paths: readonly string[]) {
  const found = [];
  await using camera = await openImages(paths, { poolFrames: 8 });
  for await (const { detections } of perceive(camera, detector)) found.push(detections);
  return found;
}

/** Detections that are surely found by both: those nearer to the threshold may fall either way. */
function checkSame(
  scored: Detections,
  run: readonly { score: number; classIndex: number; xyxyPx: readonly number[] }[],
): number {
  const sure = run.filter(({ score }) => score > CONFIDENCE + 1e-4);
  assert(Math.abs(scored.count - run.length) <= run.length - sure.length + 1);
  let compared = 0;
  for (const [i, { score, classIndex, xyxyPx }] of sure.entries()) {
    const same = Array.from({ length: scored.count }, (_, at) => at).find((at) =>
      scored.classIndex[at] === classIndex &&
      xyxyPx.every((corner, c) => Math.abs(corner - scored.xyxyPx[4 * at + c]!) < 1e-3)
    );
    assert(same !== undefined, `detection ${i} of class ${classIndex}, ${score}`);
    assertAlmostEquals(scored.score[same]!, score, 1e-5);
    compared++;
  }
  return compared;
}

for (const name of ["yolox_nano_416x416", "yolov8n", "yolo26n"]) {
  testWithShared(
    `HeadScorer tells what ${name} finds with another head`,
    [`models/${name}.onnx`, "coco64/images"],
    async ([model, folder]) => {
      const paths = [...Deno.readDirSync(folder)].map((entry) => `${folder}/${entry.name}`).sort()
        .slice(0, IMAGES);
      await using detector = await loadDetector(model, { head: true, confidence: CONFIDENCE });
      const shipped = detector.shippedHead!;
      const scorer = new HeadScorer(detector.spec, detector.headLayout!, {
        confidence: CONFIDENCE,
      });
      const taps = await tapAll(detector, paths);
      for (const head of [shipped, disturbed(shipped, 1)]) {
        if (head !== shipped) await detector.adoptHead(head);
        let compared = 0;
        for (const [i, run] of (await detectAll(detector, paths)).entries()) {
          compared += checkSame(scorer.detect(taps[i]!, shipped, head), run);
        }
        assert(compared > 20, `${compared} detections`);
      }
    },
  );
}

Deno.test("HeadScorer refuses heads of other layers, and a tiny model's are told right", async () => {
  await using detector = await loadDetector(tinyModel("yolo_v8"), { head: true });
  await using camera = cellCamera(1, () => [{ x: 3, y: 5, rgb: RED }]);
  const layout = detector.headLayout!;
  const scorer = new HeadScorer(detector.spec, layout);
  const rows = Int32Array.from({ length: detector.headGrid!.rows }, (_, row) => row);
  const taps: FrameTap[] = [];
  const tap = { select: { rows }, onTap: (one: FrameTap) => void taps.push(one) };
  for await (const { detections } of perceive(camera, detector, { tap })) {
    const shipped = detector.shippedHead!;
    assertEquals(checkSame(scorer.detect(taps[0]!, shipped, shipped), detections), 1);
    const other = new HeadWeights({
      model: shipped.model,
      classNames: ["red"],
      layers: [{ name: "x", rows: 1, channels: 2, classRows: [0], objectnessRows: [] }],
      values: [{ weight: new Float32Array(2), bias: new Float32Array(1) }],
    });
    assertThrows(() => scorer.detect(taps[0]!, shipped, other), RangeError, "layers");
  }
});
