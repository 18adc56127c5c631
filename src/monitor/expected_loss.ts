import { objectTermLoss } from "./object_loss.ts";
import { hasScore, type ScoredBox } from "./target_box.ts";

/** Score from which an own detection is taken for a target. */
const OWN_TARGET_SCORE = 0.5;
/** Detections below this say nothing about the level. */
const LEVEL_SCORE = 0.1;
/** Probability that a missing object is taken to have. */
const MISSED_PROBABILITY = 0.02;

/** What the scores alone say about a frame. */
export interface ScoreEvidence {
  /** Own detections taken as targets. */
  readonly targets: number;
  /** Focal loss of all detections, those targets taken as true and the others as false, in nats. */
  readonly lossSum: number;
  /** Mean score of detections above 0.1; 0 where there is none. */
  readonly meanScore: number;
}

/**
 * The loss to be expected of a detection if its score is a calibrated probability:
 * `s * -a (1 - s)^g ln s + (1 - s) * -(1 - a) s^g ln(1 - s)`. Blind to every confident error.
 *
 * @example A detection of 0.5 promises more loss than one of 0.999
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { expectedLoss } from "@fovea/fovea/monitor";
 *
 * const box = { classIndex: 0, xyxyPx: [0, 0, 10, 10] } as const;
 * const loss = (score: number) => expectedLoss([{ ...box, score }], 2);
 * assertEquals(loss(0.5) > 10 * loss(0.999), true);
 * ```
 */
export function expectedLoss(detections: readonly ScoredBox[], gamma: number): number {
  return detections.filter(hasScore).reduce((sum, box) => {
    const probability = Math.min(1 - 1e-6, Math.max(1e-6, box.score));
    const found = objectTermLoss({ kind: "found", box, probability, iou: 0 }, gamma);
    const unmatched = objectTermLoss({ kind: "unmatched", box, probability, iou: 0 }, gamma);
    return sum + probability * found + (1 - probability) * unmatched;
  }, 0);
}

/** Takes the detector at its word: sure detections as targets, the others as false. */
export function readScores(detections: readonly ScoredBox[], gamma: number): ScoreEvidence {
  let [lossSum, targets, scoreSum, scored] = [0, 0, 0, 0];
  for (const box of detections) {
    if (!hasScore(box)) continue;
    const isTarget = box.score >= OWN_TARGET_SCORE;
    const probability = Math.min(1 - 1e-6, Math.max(1e-4, box.score));
    const kind = isTarget ? "found" : "unmatched";
    lossSum += objectTermLoss({ kind, box, probability, iou: 0 }, gamma);
    if (isTarget) targets++;
    if (box.score <= LEVEL_SCORE) continue;
    scoreSum += box.score;
    scored++;
  }
  return { targets, lossSum, meanScore: scored === 0 ? 0 : scoreSum / scored };
}

/**
 * Level of the loss over frames without labels, with a term for objects that are missing: what the
 * warm-up saw on average and these frames do not show counts as missed. It follows the true error
 * loosely, and an empty street looks like a blind detector to it.
 *
 * @param frames At least one.
 * @param targetsPerFrame Mean number of targets a frame in the warm-up.
 */
export function estimateLevel(
  frames: readonly ScoreEvidence[],
  targetsPerFrame: number,
  gamma: number,
): { readonly value: number; readonly targets: number; readonly meanScore: number } {
  const sum = (pick: (frame: ScoreEvidence) => number) =>
    frames.reduce((total, frame) => total + pick(frame), 0);
  const targets = sum((frame) => frame.targets);
  const usual = targetsPerFrame * frames.length;
  const missing = Math.max(0, usual - targets);
  const missed = objectTermLoss(
    {
      kind: "missed",
      box: { classIndex: 0, xyxyPx: [0, 0, 0, 0] },
      probability: MISSED_PROBABILITY,
      iou: 0,
    },
    gamma,
  );
  return {
    value: (sum((frame) => frame.lossSum) + missing * missed) / Math.max(1, targets, usual),
    targets,
    meanScore: sum((frame) => frame.meanScore) / frames.length,
  };
}
