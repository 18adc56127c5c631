import { orderByImage } from "./box_order.ts";
import { overlap } from "./class_matches.ts";
import { IOU_50, IOU_THRESHOLDS } from "./coco_rules.ts";
import type { GroundTruth } from "./ground_truth.ts";
import { type DetectionOutcomes, OUTCOME } from "./outcomes.ts";
import type { ScoredBoxes } from "./parse_detections.ts";

/** Which classes are taken for which others, at IoU 0.5 and from the reported score on. */
export interface ConfusionMatrix {
  /** Names of rows and columns: the classes by rising id, then `null` for the background. */
  readonly classNames: readonly (string | null)[];
  /**
   * Number of cases, `[classes + 1, classes + 1]`: row by true class, column by detected class.
   * The last column holds objects that nothing was found for, the last row detections where there
   * is nothing; the last corner is 0.
   */
  readonly counts: Uint32Array;
}

/** A truth and a detection that lie on each other. */
interface Pair {
  readonly truth: number;
  readonly detection: number;
  readonly iou: number;
}

/**
 * Counts confusions. The diagonal holds the hits, as COCO's rules match them class by class; what
 * is left over is then matched across classes, the largest overlap first (then the higher score),
 * each box once, from IoU 0.5 on. So a truth that its own class found is never confused, and
 * diagonal, last row and last column agree with precision and recall up to what was confused.
 */
export function countConfusion(
  truth: GroundTruth,
  detections: ScoredBoxes,
  outcomes: DetectionOutcomes,
  score: number,
): ConfusionMatrix {
  const background = truth.categories.length;
  const counts = new Uint32Array((background + 1) ** 2);
  const add = (row: number, column: number): void => {
    counts[row * (background + 1) + column]!++;
  };
  const isFound = findHits(truth, detections, outcomes, score, add);
  const { boxes } = truth;
  const truthOrder = orderByImage(boxes, truth.images.length);
  const order = orderByImage(detections, truth.images.length);
  let [truthAt, at] = [0, 0];
  for (let image = 0; image < truth.images.length; image++) {
    const missed: number[] = [];
    for (; boxes.imageIndex[truthOrder[truthAt]!] === image; truthAt++) {
      const index = truthOrder[truthAt]!;
      if (boxes.isCrowd[index] === 0 && isFound[index] === 0) missed.push(index);
    }
    const falses: number[] = [];
    for (; detections.imageIndex[order[at]!] === image; at++) {
      const index = order[at]!;
      const isFalse = outcomes.kind[index] === OUTCOME.false;
      if (isFalse && detections.score[index]! >= score) falses.push(index);
    }
    for (const { truth: index, detection } of pairUp(truth, detections, missed, falses)) {
      add(boxes.categoryIndex[index]!, detections.categoryIndex[detection]!);
    }
    for (const index of missed) add(boxes.categoryIndex[index]!, background);
    for (const index of falses) add(background, detections.categoryIndex[index]!);
  }
  return { classNames: [...truth.categories.map(({ name }) => name), null], counts };
}

/** Counts the hits; returns 1 for each truth that was hit. */
function findHits(
  { boxes }: GroundTruth,
  detections: ScoredBoxes,
  { kind, truthIndex }: DetectionOutcomes,
  score: number,
  add: (row: number, column: number) => void,
): Uint8Array {
  const isFound = new Uint8Array(boxes.count);
  for (let i = 0; i < detections.count; i++) {
    if (kind[i] !== OUTCOME.hit || detections.score[i]! < score) continue;
    const index = truthIndex[i]!;
    isFound[index] = 1;
    add(boxes.categoryIndex[index]!, boxes.categoryIndex[index]!);
  }
  return isFound;
}

/** Pairs what overlaps and takes it out of both lists. */
function pairUp(
  { boxes }: GroundTruth,
  detections: ScoredBoxes,
  missed: number[],
  falses: number[],
): Pair[] {
  const candidates: Pair[] = [];
  for (const truth of missed) {
    for (const detection of falses) {
      const iou = overlap(detections.xywhPx, detection, boxes.xywhPx, truth, false);
      if (iou >= IOU_THRESHOLDS[IOU_50]!) candidates.push({ truth, detection, iou });
    }
  }
  candidates.sort((a, b) =>
    b.iou - a.iou || detections.score[b.detection]! - detections.score[a.detection]!
  );
  return candidates.filter(({ truth, detection }) => {
    const [i, j] = [missed.indexOf(truth), falses.indexOf(detection)];
    if (i < 0 || j < 0) return false;
    missed.splice(i, 1);
    falses.splice(j, 1);
    return true;
  });
}
