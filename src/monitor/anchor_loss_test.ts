import { assertAlmostEquals, assertEquals } from "@std/assert";
import { createAdapter } from "../detector/adapter.ts";
import { type AnchorPoints, anchorPointsOf } from "../detector/anchor_points.ts";
import { boxIou } from "../core/box_overlap.ts";
import type { Xyxy } from "../core/xyxy.ts";
import { candidatesBytes, candidatesView } from "../core/candidates.ts";
import type { DetectorSpec } from "../core/detector_spec.ts";
import type { OutputView } from "../core/ports.ts";
import { makeSpec } from "../../tests/support/adapter_bench.ts";
import { anchorLoss, type AnchorScene, type OwnDetection, ROW_SCORE_MIN } from "./anchor_loss.ts";
import { ReferenceKernels } from "../native/reference_kernels.ts";
import type { ScoreMap } from "../detector/score_map.ts";

const WIDTH = 128;
const HEIGHT = 64;
const ROWS = 16 * 8 + 8 * 4 + 4 * 2;

const kernels = new ReferenceKernels();

function probabilityAt(
  { data, offset, rowStep, columnStep }: ScoreMap,
  row: number,
  column: number,
) {
  return data[offset + row * rowStep + column * columnStep]!;
}

/** A seeded generator: the same pictures every time. */
function generator(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

/** A YOLOv8-like output with two objects and a noisy background. */
function makeOutput(seed: number, points: AnchorPoints): Float32Array {
  const random = generator(seed);
  const objects: readonly (readonly [number, number, number, number, number])[] = [
    [40, 30, 30, 26, 0],
    [95, 36, 40, 44, 2],
  ];
  const data = new Float32Array(7 * ROWS);
  for (let row = 0; row < ROWS; row++) {
    const [x, y] = [points.x[row]!, points.y[row]!];
    const near = objects.find(([cx, cy, w, h]) =>
      Math.abs(x - cx) < w / 2 && Math.abs(y - cy) < h / 2
    );
    const [cx, cy, w, h] = near ?? [x, y, 12, 12];
    const box = [cx + 3 * random(), cy + 3 * random(), w + 6 * random(), h + 6 * random()];
    for (const [i, value] of box.entries()) data[i * ROWS + row] = value;
    for (let column = 0; column < 3; column++) {
      const isObject = near !== undefined && near[4] === column;
      data[(4 + column) * ROWS + row] = isObject ? 0.3 + 0.6 * random() : random() ** 8 * 0.3;
    }
  }
  return data;
}

/** Boxes out of their columns. */
function boxList(xyxy: Float32Array): Xyxy[] {
  return Array.from({ length: xyxy.length / 4 }, (_, i): Xyxy => {
    const [x1, y1, x2, y2] = xyxy.subarray(4 * i, 4 * i + 4);
    return [x1!, y1!, x2!, y2!];
  });
}

function makeScene(seed: number): { scene: AnchorScene; points: AnchorPoints } {
  const spec: DetectorSpec = makeSpec({
    family: "yolo-v8",
    options: { rows: ROWS, layout: "columns", scores: "probability" },
    width: WIDTH,
    height: HEIGHT,
  });
  const points = anchorPointsOf(spec)!;
  const data = makeOutput(seed, points);
  const adapter = createAdapter(spec);
  const view: OutputView = { get: () => ({ type: "float32", dims: [1, 7, ROWS], data }) };
  const scratch = candidatesView(new ArrayBuffer(candidatesBytes(ROWS)), 0, ROWS);
  function boxesOf(rows: readonly number[]): Float32Array {
    scratch.count = rows.length;
    scratch.anchorIndex.set(rows);
    adapter.boxesInto(view, scratch);
    return scratch.xyxyNet.subarray(0, 4 * rows.length);
  }
  const scores = adapter.scores(view);
  const best = (row: number) => Math.max(...[0, 1, 2].map((c) => probabilityAt(scores, row, c)));
  const all = Array.from({ length: ROWS }, (_, row) => row);
  const strong = all.filter((row) => best(row) >= ROW_SCORE_MIN);
  const boxes = boxList(boxesOf(all));
  const detections: OwnDetection[] = strong
    .filter((row) => best(row) >= 0.05)
    .sort((a, b) => best(b) - best(a))
    .filter((row, i, sorted) =>
      !sorted.slice(0, i).some((other) => boxIou(boxes[row]!, 0, boxes[other]!, 0) > 0.5)
    )
    .map((row) => ({
      row,
      xyxyNet: boxes[row]!,
      score: best(row),
      classIndex: [0, 1, 2].find((c) => probabilityAt(scores, row, c) === best(row))!,
    }));
  const candidates = {
    count: strong.length,
    anchorIndex: Int32Array.from(strong),
    xyxyNet: Float32Array.from(strong.flatMap((row) => boxes[row]!)),
  };
  return { scene: { scores, points, detections, candidates, boxesOf }, points };
}

/** The definition, cell by cell over all rows. */
function slowly({ scores, detections, boxesOf }: AnchorScene, points: AnchorPoints) {
  const all = Array.from({ length: ROWS }, (_, row) => row);
  const boxes = boxList(boxesOf(all));
  const targets = detections.filter(({ score }) => score >= 0.5);
  const weak = detections.filter(({ score }) => score < 0.5 && score >= 0.1);
  const isIn = (row: number, [x1, y1, x2, y2]: Xyxy) =>
    points.x[row]! > x1 && points.x[row]! < x2 && points.y[row]! > y1 && points.y[row]! < y2;
  const positive = new Map<number, number>();
  let positives = 0;
  for (const { xyxyNet: box, classIndex } of targets) {
    const [cx, cy] = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
    const near = all.filter((row) =>
      isIn(row, box) && Math.abs(points.x[row]! - cx) < 2.5 * points.stride[row]! &&
      Math.abs(points.y[row]! - cy) < 2.5 * points.stride[row]!
    ).sort((a, b) => boxIou(boxes[b]!, 0, box, 0) - boxIou(boxes[a]!, 0, box, 0)).slice(0, 10);
    const sum = near.reduce((total, row) => total + boxIou(boxes[row]!, 0, box, 0), 0);
    for (const row of near.slice(0, Math.floor(Math.min(10, Math.max(1, sum))))) {
      positive.set(row, classIndex);
      positives++;
    }
  }
  const ignored = (row: number) =>
    weak.some(({ xyxyNet }) => boxIou(xyxyNet, 0, boxes[row]!, 0) > 0.4) ||
    targets.some(({ xyxyNet }) => {
      const iou = boxIou(xyxyNet, 0, boxes[row]!, 0);
      return iou > 0.4 || (iou > 0.2 && isIn(row, xyxyNet));
    });
  let [crossEntropy, focalLoss] = [0, 0];
  for (const row of all) {
    if (!positive.has(row) && ignored(row)) continue;
    for (const column of [0, 1, 2]) {
      const p = probabilityAt(scores, row, column);
      const isPositive = positive.get(row) === column;
      crossEntropy += isPositive ? -0.25 * Math.log(p) : -0.75 * Math.log1p(-p);
      focalLoss += isPositive
        ? -0.25 * (1 - p) ** 2 * Math.log(p)
        : -0.75 * p ** 2 * Math.log1p(-p);
    }
  }
  return { positives, crossEntropy, focalLoss };
}

for (const seed of [1, 2, 3, 4, 5]) {
  Deno.test(`anchorLoss() is the definition, cell by cell, scene ${seed}`, () => {
    const { scene, points } = makeScene(seed);
    const found = anchorLoss(scene, kernels, new Int32Array(ROWS));
    const wanted = slowly(scene, points);
    assertEquals(found.positives, wanted.positives);
    assertAlmostEquals(found.crossEntropy, wanted.crossEntropy, 0.02 * wanted.crossEntropy);
    assertAlmostEquals(found.focalLoss, wanted.focalLoss, 1e-3 * wanted.focalLoss);
  });
}

Deno.test("easy negatives hold much of the cross-entropy and little of the focal loss", () => {
  const { scene } = makeScene(1);
  const { crossEntropy, easyCrossEntropy, focalLoss, easyFocalLoss } = anchorLoss(
    scene,
    kernels,
    new Int32Array(ROWS),
  );
  const [plain, focal] = [easyCrossEntropy / crossEntropy, easyFocalLoss / focalLoss];
  assertEquals(plain >= 0 && plain <= 1 && focal >= 0 && focal < plain, true);
});

Deno.test("without detections every cell is a negative", () => {
  const { scene } = makeScene(1);
  const { positives, crossEntropy } = anchorLoss(
    { ...scene, detections: [] },
    kernels,
    new Int32Array(ROWS),
  );
  let wanted = 0;
  for (let row = 0; row < ROWS; row++) {
    for (const column of [0, 1, 2]) wanted -= Math.log1p(-probabilityAt(scene.scores, row, column));
  }
  assertEquals(positives, 0);
  assertAlmostEquals(crossEntropy, 0.75 * wanted, 1e-3 * wanted);
});
