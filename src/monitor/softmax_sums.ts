import { type FocalSettings, type FocalSums, IGNORED } from "../core/focal_sums.ts";
import type { ScoreMap } from "../detector/score_map.ts";

/** Probabilities are kept this far from 0 and 1. */
const PROBABILITY_MIN = 2 ** -25;

/**
 * What `Kernels.focalRows` does, for the few models whose scores are a softmax over classes and "no
 * object": every class of a row is a cell of its own, with its softmax as the probability.
 */
export function sumSoftmax(
  scores: ScoreMap,
  targets: Int32Array,
  { gamma, easyBelow }: Pick<FocalSettings, "gamma" | "easyBelow">,
  out: FocalSums,
): void {
  for (let row = 0; row < scores.rows; row++) {
    if (targets[row] === IGNORED) continue;
    const probabilities = softmax(scores, row);
    for (let column = 0; column < scores.columns; column++) {
      const p = probabilities[column]!;
      if (!Number.isFinite(p)) out.nonFinite++;
      else if (targets[row] === column) addPositive(out, p, gamma);
      else addNegative(out, p, gamma, easyBelow);
    }
  }
}

function softmax({ data, offset, rowStep, softmaxColumns }: ScoreMap, row: number): Float64Array {
  const start = offset + row * rowStep;
  const logits = data.subarray(start, start + softmaxColumns);
  const largest = logits.reduce((most, logit) => Math.max(most, logit), -Infinity);
  const weights = Float64Array.from(logits, (logit) => Math.exp(logit - largest));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

function addPositive(out: FocalSums, p: number, gamma: number): void {
  const loss = -Math.log(Math.max(PROBABILITY_MIN, p));
  out.positives++;
  out.positiveCrossEntropy += loss;
  out.positiveFocal += (1 - p) ** gamma * loss;
}

function addNegative(out: FocalSums, p: number, gamma: number, easyBelow: number): void {
  const loss = -Math.log1p(-Math.min(1 - PROBABILITY_MIN, p));
  const focal = p ** gamma * loss;
  out.negatives++;
  out.negativeCrossEntropy += loss;
  out.negativeFocal += focal;
  if (p >= easyBelow) return;
  out.easyCrossEntropy += loss;
  out.easyFocal += focal;
}
