import { type DetectionOutcomes, OUTCOME } from "./outcomes.ts";
import type { ScoredBoxes } from "./parse_detections.ts";

/**
 * How a detector does that reports every detection from a score on, at IoU 0.5.
 *
 * Matching is COCO's, class by class. Crowds, and what is found in them, do not count.
 * `precision = hits / (hits + falses)`, `recall = hits / (hits + misses)`,
 * `f1 = 2 hits / (2 hits + falses + misses)`.
 */
export interface OperatingPoint {
  /** Lowest score that is reported, 0–1. */
  readonly score: number;
  /** Share of the detections that are right; `null` where there is no detection. */
  readonly precision: number | null;
  /** Share of the objects that are found; `null` where there is no object. */
  readonly recall: number | null;
  /** Harmonic mean of both; `null` where there is neither object nor detection. */
  readonly f1: number | null;
}

/** What {@linkcode OperatingPoint} is made of. */
export interface HitCounts {
  /** Objects that were found. */
  readonly hits: number;
  /** Detections that found nothing. */
  readonly falses: number;
  /** Objects that were not found. */
  readonly misses: number;
}

/** Turns counts into rates. */
export function operatingPoint(score: number, counts: HitCounts): OperatingPoint {
  const { hits, falses, misses } = counts;
  return {
    score,
    precision: ratio(hits, hits + falses),
    recall: ratio(hits, hits + misses),
    f1: ratio(2 * hits, 2 * hits + falses + misses),
  };
}

/**
 * The score at which F1 over all classes is highest; the highest such score where several are.
 * `null` where no object is found at any.
 */
export function bestOperatingPoint(
  detections: ScoredBoxes,
  outcomes: DetectionOutcomes,
  positives: number,
): OperatingPoint | null {
  const { score } = detections;
  const order = new Int32Array(detections.count);
  let counted = 0;
  for (let i = 0; i < detections.count; i++) {
    if (outcomes.kind[i] === OUTCOME.hit || outcomes.kind[i] === OUTCOME.false) {
      order[counted++] = i;
    }
  }
  const sorted = order.subarray(0, counted).sort((a, b) => score[b]! - score[a]!);
  let best: OperatingPoint | null = null;
  let hits = 0;
  for (let i = 0; i < counted; i++) {
    const at = sorted[i]!;
    if (outcomes.kind[at] === OUTCOME.hit) hits++;
    // Equal scores are reported together or not at all.
    if (i + 1 < counted && score[sorted[i + 1]!] === score[at]) continue;
    const f1 = 2 * hits / (i + 1 + positives);
    if (f1 > (best?.f1 ?? 0)) {
      best = operatingPoint(score[at]!, { hits, falses: i + 1 - hits, misses: positives - hits });
    }
  }
  return best;
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
