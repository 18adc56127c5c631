import { type DetectionOutcomes, OUTCOME } from "./outcomes.ts";
import type { ScoredBoxes } from "./parse_detections.ts";

/** Detections whose scores lie in one range. */
export interface ReliabilityBin {
  /** Lowest score. */
  readonly from: number;
  /** Highest score; it belongs to the next bin, in the last bin to this one. */
  readonly to: number;
  /** Number of detections. */
  readonly count: number;
  /** Their average score; `null` where there are none. */
  readonly meanScore: number | null;
  /** Share of them that found an object; `null` where there are none. */
  readonly precision: number | null;
}

/**
 * How well scores tell the chance that a detection is right, at IoU 0.5.
 *
 * The error is the detection calibration error by score: `ECE = Σ n_m / n · |precision_m − score_m|`
 * over bins of equal width, with the precision of a bin in the place of a classifier's accuracy.
 * Objects that nobody found do not enter it; detections in crowds do not count.
 *
 * Sources: Naeini et al. 2015, "Obtaining Well Calibrated Probabilities Using Bayesian Binning",
 * for the error; Küppers et al. 2020, "Multivariate Confidence Calibration for Object
 * Detection", for detections.
 */
export interface Calibration {
  /** Error over all detections, 0–1; `null` where there are none. */
  readonly ece: number | null;
  /** Error over the detections from the reported score on; `null` where there are none. */
  readonly eceReported: number | null;
  /** Ten ranges of scores, rising. */
  readonly bins: readonly ReliabilityBin[];
}

/** Ranges of scores. */
const BINS = 10;

/** Measures calibration; `score` is the lowest that is reported. */
export function measureCalibration(
  detections: ScoredBoxes,
  outcomes: DetectionOutcomes,
  score: number,
): Calibration {
  const all = fillBins(detections, outcomes, 0);
  return {
    ece: calibrationError(all),
    eceReported: calibrationError(fillBins(detections, outcomes, score)),
    bins: all,
  };
}

function fillBins(
  detections: ScoredBoxes,
  { kind }: DetectionOutcomes,
  scoreMin: number,
): ReliabilityBin[] {
  const bins = Array.from({ length: BINS }, () => ({ count: 0, hits: 0, scores: 0 }));
  for (let i = 0; i < detections.count; i++) {
    const score = detections.score[i]!;
    const isCounted = kind[i] === OUTCOME.hit || kind[i] === OUTCOME.false;
    if (!isCounted || score < scoreMin) continue;
    const bin = bins[Math.min(BINS - 1, Math.floor(score * BINS))]!;
    bin.count++;
    bin.scores += score;
    if (kind[i] === OUTCOME.hit) bin.hits++;
  }
  return bins.map(({ count, hits, scores }, i) => ({
    from: i / BINS,
    to: (i + 1) / BINS,
    count,
    meanScore: count === 0 ? null : scores / count,
    precision: count === 0 ? null : hits / count,
  }));
}

function calibrationError(bins: readonly ReliabilityBin[]): number | null {
  const total = bins.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) return null;
  const gaps = bins.map(({ count, meanScore, precision }) =>
    count === 0 ? 0 : count * Math.abs(precision! - meanScore!)
  );
  return gaps.reduce((sum, gap) => sum + gap, 0) / total;
}
