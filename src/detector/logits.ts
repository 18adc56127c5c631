import type { Candidates } from "../core/kernels.ts";

/** `sigmoid(x) = 1 / (1 + exp(-x))`, from 0 to 1 for any number. */
export function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

/** Largest logit a threshold may have: every finite float32 compares with it. */
const LOGIT_MAX = 3e38;

/** The logit whose sigmoid is `probability`, kept finite: -3e38 at 0 and 3e38 at 1. */
export function logitOf(probability: number): number {
  const logit = Math.log(probability / (1 - probability));
  return Math.min(Math.max(logit, -LOGIT_MAX), LOGIT_MAX);
}

/** Turns the candidates' logits into probabilities in place. */
export function activateScores(out: Candidates): void {
  for (let i = 0; i < out.count; i++) out.score[i] = sigmoid(out.score[i]!);
}

/** `ln(sigmoid(x))`, finite for any finite number. */
export function logSigmoid(logit: number): number {
  return Math.min(logit, 0) - Math.log1p(Math.exp(-Math.abs(logit)));
}

/** From this logit on, `1 - sigmoid(x)` is `exp(-x)` to the last bit of a double. */
const SURE = 37;

/**
 * The logit of `sigmoid(objectness) * sigmoid(classLogit)`: what a loss for YOLOX's product of two
 * scores is computed from.
 *
 * With `log p = ln sigmoid(objectness) + ln sigmoid(classLogit)` it is `z = log p - ln(1 - p)`,
 * where `ln(1 - p) = ln(-expm1(log p))`. Where both are sure, `1 - p` is the sum of what each lacks:
 * `z = -ln(exp(-objectness) + exp(-classLogit))`.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { jointLogit } from "@fovea/fovea/refine";
 *
 * assertAlmostEquals(jointLogit(0, 0), Math.log(1 / 3), 1e-12);
 * assertAlmostEquals(jointLogit(200, -3), -3, 1e-12);
 * assertAlmostEquals(jointLogit(100, 100), 100 - Math.LN2, 1e-12);
 * ```
 */
export function jointLogit(objectness: number, classLogit: number): number {
  const lower = Math.min(objectness, classLogit);
  if (lower > SURE) return lower - Math.log1p(Math.exp(-Math.abs(objectness - classLogit)));
  const logP = logSigmoid(objectness) + logSigmoid(classLogit);
  return logP - Math.log(-Math.expm1(logP));
}
