import { assertAlmostEquals, assertEquals } from "@std/assert";
import {
  type CocoMetrics,
  evaluateDetections,
  type Evaluation,
  METRIC_NAMES,
  type OperatingPoint,
  parseAnnotations,
  parseDetections,
} from "../../src/evaluate/mod.ts";
import { testWithShared } from "../support/shared.ts";

// Figures from programs that share no code with fovea. evaluate_golden.py made them.

interface Case {
  readonly name: string;
  readonly images: string;
  readonly categories: string;
  readonly annotations: string;
  readonly detections: string;
  readonly metrics: CocoMetrics;
  readonly perClass: Readonly<Record<string, Pick<CocoMetrics, "AP" | "AP50" | "AR100">>>;
  readonly f1: OperatingPoint;
  readonly bestF1: OperatingPoint | null;
  readonly ece: number | null;
  readonly eceReported: number | null;
  readonly confusion: string;
}

const golden = JSON.parse(
  await Deno.readTextFile(new URL("./evaluate_golden.json", import.meta.url)),
) as { readonly score: number; readonly cases: readonly Case[] };

/** Rows of numbers from a string, as they stand in the file. */
function rows(text: string): number[][] {
  if (text === "") return [];
  return text.split(";").map((row) => row.trim().split(" ").map(Number));
}

function evaluate(example: Case): Evaluation {
  const truth = parseAnnotations({
    images: rows(example.images).flat().map((id) => ({ id })),
    categories: rows(example.categories).flat().map((id) => ({ id, name: String(id) })),
    annotations: rows(example.annotations).map((
      [id, image_id, category_id, x, y, w, h, area, iscrowd],
    ) => ({ id, image_id, category_id, bbox: [x, y, w, h], area, iscrowd })),
  });
  const detections = rows(example.detections).map((
    [image_id, category_id, x, y, w, h, score],
  ) => ({ image_id, category_id, bbox: [x, y, w, h], score }));
  return evaluateDetections(truth, parseDetections(detections, truth), { score: golden.score });
}

/** Two figures agree; `null` only agrees with itself. */
function assertClose(actual: number | null, expected: number | null, what: string): void {
  if (actual === null || expected === null) assertEquals(actual, expected, what);
  else assertAlmostEquals(actual, expected, 1e-12, what);
}

function assertPoint(actual: OperatingPoint | null, expected: OperatingPoint | null): void {
  if (actual === null || expected === null) return assertEquals(actual, expected);
  for (const key of ["score", "precision", "recall", "f1"] as const) {
    assertClose(actual[key], expected[key], key);
  }
}

for (const example of golden.cases) {
  Deno.test(`figures equal those of pycocotools: ${example.name}`, () => {
    const { metrics, perClass } = evaluate(example);
    for (const name of METRIC_NAMES) assertClose(metrics[name], example.metrics[name], name);
    assertEquals(perClass.map(({ id }) => String(id)), Object.keys(example.perClass));
    for (const { id, metrics } of perClass) {
      for (const name of ["AP", "AP50", "AR100"] as const) {
        assertClose(metrics[name], example.perClass[id]![name], `${name} of ${id}`);
      }
    }
  });

  Deno.test(`F1, calibration and confusion equal those by definition: ${example.name}`, () => {
    const { f1, bestF1, calibration, confusion } = evaluate(example);
    assertPoint(f1, example.f1);
    assertPoint(bestF1, example.bestF1);
    assertClose(calibration.ece, example.ece, "ece");
    assertClose(calibration.eceReported, example.eceReported, "eceReported");
    assertEquals([...confusion.counts], rows(example.confusion).flat());
  });
}

for (const model of ["yolo26n", "yolov8n", "yolox_nano_416"]) {
  const files = [
    "coco64/instances.json",
    `coco64/reference/${model}.dets.json`,
    `coco64/reference/${model}.metrics.json`,
  ] as const;
  testWithShared(`figures of real detections equal those of pycocotools: ${model}`, files, (
    [annotations, detections, reference],
  ) => {
    const truth = parseAnnotations(Deno.readTextFileSync(annotations));
    const found = parseDetections(Deno.readTextFileSync(detections), truth);
    const { metrics } = evaluateDetections(truth, found, { score: 0.3 });
    const expected = JSON.parse(Deno.readTextFileSync(reference)).metrics as CocoMetrics;
    for (const name of METRIC_NAMES) {
      assertAlmostEquals(metrics[name]!, expected[name]!, 1e-6, name);
    }
  });
}
