import { boxIou } from "../core/box_overlap.ts";
import {
  type FrameTargets,
  hasScore,
  overlapsAny,
  type ScoredBox,
  type TargetBox,
} from "./target_box.ts";

/** Weight of targets in the loss; unmatched detections weigh `1 - ALPHA`. Lin et al. 2017. */
const ALPHA = 0.25;
/** Probability that a target nobody found is taken to have. */
const MISSED_PROBABILITY = 0.02;
/** IoU from which a detection may be the one of a target. */
const MATCH_IOU = 0.5;
/** IoU above which a detection without target is excused by an ignored place or as a duplicate. */
const EXCUSED_IOU = 0.4;
/** Probabilities are kept this far from 0 and 1, so that one frame cannot outweigh a day. */
const PROBABILITY_MIN = 1e-4;
const PROBABILITY_MAX = 1 - 1e-6;

/** What became of one target or one detection. */
export interface ObjectTerm {
  /** A target found, a target missed, or a detection that belongs to no target. */
  readonly kind: "found" | "missed" | "unmatched";
  /** The target, or the detection where there is none. */
  readonly box: TargetBox;
  /** Probability of the detection; that of a missed target is 0.02. */
  readonly probability: number;
  /** IoU of target and detection; 0 where one is missing. */
  readonly iou: number;
}

/** A frame's targets and detections, matched. */
export interface ObjectMatches {
  /** Every target and every detection that counts. */
  readonly terms: readonly ObjectTerm[];
  /** Number of targets. */
  readonly targets: number;
}

/** A loss with the number of targets it is a mean over. */
export interface ObjectLoss {
  /** Sum over targets and unmatched detections over `max(1, targets)`, in nats. */
  readonly value: number;
  /** Number of targets. */
  readonly targets: number;
}

/**
 * Matches the detections of a frame with its targets, one to one and greedily: targets in falling
 * order of their best IoU take the best-scored detection of their class with an IoU of at least
 * 0.5. Detections that stay alone count as unmatched, unless an ignored place or a target of their
 * class covers them by an IoU above 0.4. Those whose score is NaN or infinite count for nothing.
 *
 * @param detections After non-maximum suppression, down to weak scores (0.05), in source pixels.
 *
 * @example One target found, one missed, one detection too many
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { matchObjects } from "@fovea/fovea/monitor";
 *
 * const detections = [
 *   { classIndex: 0, score: 0.9, xyxyPx: [0, 0, 10, 10] },
 *   { classIndex: 0, score: 0.3, xyxyPx: [50, 50, 60, 60] },
 * ] as const;
 * const targets = [
 *   { classIndex: 0, xyxyPx: [1, 0, 10, 10] },
 *   { classIndex: 1, xyxyPx: [20, 20, 30, 30] },
 * ] as const;
 * const { terms } = matchObjects(detections, { targets, ignored: [] });
 * assertEquals(terms.map(({ kind }) => kind), ["found", "missed", "unmatched"]);
 * ```
 */
export function matchObjects(
  detections: readonly ScoredBox[],
  { targets, ignored }: FrameTargets,
): ObjectMatches {
  const used = new Set<ScoredBox>();
  const terms: ObjectTerm[] = [];
  for (const target of byBestIou(targets, detections)) {
    const found = bestFor(target, detections, used);
    if (found !== null) used.add(found);
    terms.push({
      kind: found === null ? "missed" : "found",
      box: target,
      probability: clampProbability(found?.score ?? MISSED_PROBABILITY),
      iou: found === null ? 0 : boxIou(target.xyxyPx, 0, found.xyxyPx, 0),
    });
  }
  for (const detection of detections) {
    if (used.has(detection) || !hasScore(detection)) continue;
    const { xyxyPx, classIndex, score } = detection;
    if (overlapsAny(xyxyPx, ignored, EXCUSED_IOU)) continue;
    const isDuplicate = targets.some((target) =>
      target.classIndex === classIndex && boxIou(target.xyxyPx, 0, xyxyPx, 0) > EXCUSED_IOU
    );
    if (isDuplicate) continue;
    terms.push({
      kind: "unmatched",
      box: detection,
      probability: Math.min(Math.max(0, score), PROBABILITY_MAX),
      iou: 0,
    });
  }
  return { terms, targets: targets.length };
}

/**
 * The focal loss of one object in nats, with its class weight:
 * `-a (1 - p)^g ln p` for a target, `-(1 - a) p^g ln(1 - p)` for an unmatched detection, `a` =
 * 0.25. Source: Lin et al. 2017, "Focal Loss for Dense Object Detection", eq. 5.
 *
 * @param gamma Focusing, at least 0; 0 gives the weighted cross-entropy.
 *
 * @example A missed target, with and without focusing
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { objectTermLoss } from "@fovea/fovea/monitor";
 *
 * const box = { classIndex: 0, xyxyPx: [0, 0, 10, 10] } as const;
 * const missed = { kind: "missed", box, probability: 0.02, iou: 0 } as const;
 * assertAlmostEquals(objectTermLoss(missed, 0), 0.25 * -Math.log(0.02), 1e-12);
 * assertAlmostEquals(objectTermLoss(missed, 2), 0.98 ** 2 * 0.25 * -Math.log(0.02), 1e-12);
 * ```
 */
export function objectTermLoss({ kind, probability: p }: ObjectTerm, gamma: number): number {
  return kind === "unmatched"
    ? -(1 - ALPHA) * p ** gamma * Math.log1p(-p)
    : -ALPHA * (1 - p) ** gamma * Math.log(p);
}

/** The object-level loss of a matched frame; see {@linkcode objectTermLoss}. *
 * @example A frame in which everything is found with certainty costs nothing
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { matchObjects, objectLoss } from "@fovea/fovea/monitor";
 *
 * const car = { classIndex: 0, xyxyPx: [0, 0, 10, 10] } as const;
 * const matches = matchObjects([{ ...car, score: 1 }], { targets: [car], ignored: [] });
 * assertEquals(objectLoss(matches, 2).value < 1e-12, true);
 * ```
 */
export function objectLoss({ terms, targets }: ObjectMatches, gamma: number): ObjectLoss {
  let sum = 0;
  for (const term of terms) sum += objectTermLoss(term, gamma);
  return { value: sum / Math.max(1, targets), targets };
}

/** Targets in falling order of the IoU with their best detection; equal ones keep their order. */
function byBestIou(
  targets: readonly TargetBox[],
  detections: readonly ScoredBox[],
): readonly TargetBox[] {
  const best = new Map(targets.map((target) => [
    target,
    detections.reduce((most, { xyxyPx }) => Math.max(most, boxIou(target.xyxyPx, 0, xyxyPx, 0)), 0),
  ]));
  return [...targets].sort((a, b) => best.get(b)! - best.get(a)!);
}

function bestFor(
  target: TargetBox,
  detections: readonly ScoredBox[],
  used: ReadonlySet<ScoredBox>,
): ScoredBox | null {
  let best: ScoredBox | null = null;
  for (const detection of detections) {
    if (detection.classIndex !== target.classIndex || used.has(detection)) continue;
    if (!hasScore(detection)) continue;
    if (detection.score <= (best?.score ?? 0)) continue;
    if (boxIou(target.xyxyPx, 0, detection.xyxyPx, 0) >= MATCH_IOU) best = detection;
  }
  return best;
}

function clampProbability(p: number): number {
  return Math.min(PROBABILITY_MAX, Math.max(PROBABILITY_MIN, p));
}
