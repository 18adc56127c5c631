import { logSigmoid } from "./log_sigmoid.ts";

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
 * import { jointLogit } from "@fovea/fovea/losses";
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
