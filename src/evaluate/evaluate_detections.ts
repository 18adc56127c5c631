import { endOfCategory, orderByClassAndImage, sortByScore } from "./box_order.ts";
import { type Calibration, measureCalibration } from "./calibration.ts";
import { ClassMatches } from "./class_matches.ts";
import { averageMetrics, type CocoMetrics, CurveReader } from "./coco_metrics.ts";
import { AREA, IOU_50 } from "./coco_rules.ts";
import { type ConfusionMatrix, countConfusion } from "./confusion.ts";
import type { GroundTruth } from "./ground_truth.ts";
import {
  bestOperatingPoint,
  type HitCounts,
  type OperatingPoint,
  operatingPoint,
} from "./operating_point.ts";
import { type DetectionOutcomes, OUTCOME } from "./outcomes.ts";
import type { ScoredBoxes } from "./parse_detections.ts";

/** What an evaluation must be told. */
export interface EvaluateOptions {
  /** Lowest score that a user of the detector would see, 0–1: for `f1`, confusion, calibration. */
  readonly score: number;
}

/** How one class did. */
export interface ClassEvaluation extends HitCounts {
  /** The class's `id` in the annotations. */
  readonly id: number;
  /** Its name. */
  readonly name: string;
  /** COCO's figures of this class alone. */
  readonly metrics: CocoMetrics;
  /** Precision, recall and F1 at IoU 0.5 from the reported score on. */
  readonly f1: OperatingPoint;
  /** Objects to find; crowds do not count. */
  readonly truths: number;
  /** Detections of any score. */
  readonly detections: number;
  /**
   * Precision, `[10, 101]`: at each IoU threshold 0.5, 0.55, … 0.95, at each recall 0, 0.01, … 1;
   * `null` where there is no object to find.
   */
  readonly precision: Float64Array | null;
}

/** How a detector did. */
export interface Evaluation extends HitCounts {
  /** COCO's twelve figures. */
  readonly metrics: CocoMetrics;
  /** Every class of the annotations, by rising id. */
  readonly perClass: readonly ClassEvaluation[];
  /** Precision, recall and F1 over all classes at IoU 0.5 from the reported score on. */
  readonly f1: OperatingPoint;
  /** The same at the score where F1 is highest; `null` where nothing is ever found. */
  readonly bestF1: OperatingPoint | null;
  /** What scores are worth. */
  readonly calibration: Calibration;
  /** What is taken for what. */
  readonly confusion: ConfusionMatrix;
  /** Objects to find; crowds do not count. */
  readonly truths: number;
  /** What became of every detection, for reports of your own. */
  readonly outcomes: DetectionOutcomes;
}

/**
 * Evaluates detections by COCO's rules: crowds that absorb detections, area ranges by the
 * annotated area, at most 100 detections of a class in a picture, ten IoU thresholds, precision at
 * 101 recalls, equal scores in the order they came. The figures equal those of pycocotools
 * (`iouType="bbox"`), with one difference: an annotation with the id 0, which pycocotools takes for
 * none, is an annotation like any other.
 *
 * @param truth From {@linkcode parseAnnotations}.
 * @param detections From {@linkcode parseDetections} with the same ground truth.
 * @throws {RangeError} If `score` is not within 0–1, or the detections are of another ground truth.
 *
 * @example A hit, a miss and a false detection
 * ```ts
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 * import { evaluateDetections, parseAnnotations, parseDetections } from "@fovea/fovea/evaluate";
 *
 * const truth = parseAnnotations({
 *   images: [{ id: 0 }],
 *   categories: [{ id: 3, name: "car" }],
 *   annotations: [
 *     { id: 1, image_id: 0, category_id: 3, bbox: [10, 10, 40, 20] },
 *     { id: 2, image_id: 0, category_id: 3, bbox: [200, 10, 40, 20] },
 *   ],
 * });
 * const detections = parseDetections([
 *   { image_id: 0, category_id: 3, bbox: [10, 10, 40, 20], score: 0.9 },
 *   { image_id: 0, category_id: 3, bbox: [90, 90, 40, 20], score: 0.6 },
 * ], truth);
 * const { metrics, f1 } = evaluateDetections(truth, detections, { score: 0.3 });
 * assertEquals(f1, { score: 0.3, precision: 0.5, recall: 0.5, f1: 0.5 });
 * // Precision is 1 up to a recall of 0.5, which is 51 of the 101 points, and 0 beyond.
 * assertAlmostEquals(metrics.AP50!, 51 / 101);
 * // No object is that large.
 * assertEquals(metrics.APl, null);
 * ```
 */
export function evaluateDetections(
  truth: GroundTruth,
  detections: ScoredBoxes,
  options: EvaluateOptions,
): Evaluation {
  const { score } = options;
  if (!(score >= 0 && score <= 1)) {
    throw new RangeError(`Cannot evaluate from the score ${score} on: 0 to 1 is possible`);
  }
  checkBelonging(detections, truth);
  const outcomes: DetectionOutcomes = {
    kind: new Uint8Array(detections.count),
    truthIndex: new Int32Array(detections.count).fill(-1),
  };
  const perClass = evaluateClasses(truth, detections, outcomes, score);
  const sum = (key: keyof HitCounts | "truths"): number =>
    perClass.reduce((total, one) => total + one[key], 0);
  const counts = { hits: sum("hits"), falses: sum("falses"), misses: sum("misses") };
  return {
    ...counts,
    metrics: averageMetrics(perClass.map(({ metrics }) => metrics)),
    perClass,
    f1: operatingPoint(score, counts),
    bestF1: bestOperatingPoint(detections, outcomes, sum("truths")),
    calibration: measureCalibration(detections, outcomes, score),
    confusion: countConfusion(truth, detections, outcomes, score),
    truths: sum("truths"),
    outcomes,
  };
}

/** Detections hold indices, which mean nothing with another ground truth. */
function checkBelonging({ imageIndex, categoryIndex }: ScoredBoxes, truth: GroundTruth): void {
  const [images, categories] = [truth.images.length, truth.categories.length];
  for (let i = 0; i < imageIndex.length; i++) {
    if (imageIndex[i]! < images && categoryIndex[i]! < categories) continue;
    throw new RangeError(`Cannot evaluate detection ${i}: it is of another ground truth`);
  }
}

/** Evaluates class by class and fills in `outcomes`. */
function evaluateClasses(
  truth: GroundTruth,
  detections: ScoredBoxes,
  outcomes: DetectionOutcomes,
  score: number,
): ClassEvaluation[] {
  const { images, categories, boxes } = truth;
  const truthOrder = orderByClassAndImage(boxes, categories.length, images.length);
  const order = orderByClassAndImage(detections, categories.length, images.length);
  const largest = largestClass(detections.categoryIndex, categories.length);
  const matches = new ClassMatches(boxes, detections, largest);
  const curves = new CurveReader(largest);
  let [truthAt, at] = [0, 0];
  return categories.map(({ id, name }, category): ClassEvaluation => {
    const truthEnd = endOfCategory(truthOrder, boxes.categoryIndex, truthAt, category);
    const end = endOfCategory(order, detections.categoryIndex, at, category);
    const count = end - at;
    matches.match(truthOrder.subarray(truthAt, truthEnd), order.subarray(at, end));
    [truthAt, at] = [truthEnd, end];
    const counts = noteOutcomes(matches, detections, outcomes, score);
    const { metrics, precision } = curves.read(matches, byFallingScore(matches, detections));
    const truths = matches.positives[AREA.all]!;
    const f1 = operatingPoint(score, counts);
    return { id, name, metrics, f1, ...counts, truths, detections: count, precision };
  });
}

/** The places of a class's detections over all pictures by falling score. */
function byFallingScore(matches: ClassMatches, detections: ScoredBoxes): Int32Array {
  const scores = new Float64Array(matches.count);
  for (let i = 0; i < matches.count; i++) scores[i] = detections.score[matches.detection[i]!]!;
  const order = Int32Array.from({ length: matches.count }, (_, i) => i);
  sortByScore(order, scores);
  return order;
}

/** Notes what became of a class's detections; counts those from the reported score on. */
function noteOutcomes(
  matches: ClassMatches,
  detections: ScoredBoxes,
  outcomes: DetectionOutcomes,
  score: number,
): HitCounts {
  const [taken, ignored] = [matches.taken[AREA.all]!, matches.ignored[AREA.all]!];
  const bit = 1 << IOU_50;
  let [hits, falses] = [0, 0];
  for (let i = 0; i < matches.count; i++) {
    const index = matches.detection[i]!;
    const isHit = (taken[i]! & bit) !== 0;
    const kind = (ignored[i]! & bit) !== 0 ? OUTCOME.ignored : isHit ? OUTCOME.hit : OUTCOME.false;
    outcomes.kind[index] = kind;
    outcomes.truthIndex[index] = matches.truth50[i]!;
    if (detections.score[index]! < score) continue;
    if (kind === OUTCOME.hit) hits++;
    else if (kind === OUTCOME.false) falses++;
  }
  return { hits, falses, misses: matches.positives[AREA.all]! - hits };
}

function largestClass(categoryIndex: Int32Array, categories: number): number {
  const counts = new Int32Array(categories);
  for (let i = 0; i < categoryIndex.length; i++) counts[categoryIndex[i]!]!++;
  return counts.reduce((largest, count) => Math.max(largest, count), 0);
}
