/**
 * `sigmoid(x) = 1 / (1 + exp(-x))`, 0–1, with full relative precision also where it is tiny.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { sigmoid } from "@fovea/fovea/losses";
 *
 * assertEquals(sigmoid(0), 0.5);
 * assertEquals(sigmoid(-100), Math.exp(-100));
 * ```
 */
export function sigmoid(x: number): number {
  const tail = Math.exp(-Math.abs(x));
  return (x >= 0 ? 1 : tail) / (1 + tail);
}

/**
 * `softplus(x) = ln(1 + exp(x))`, in nats: the cross-entropy of logit `x` where the target is 0.
 * Finite for every finite `x`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { softplus } from "@fovea/fovea/losses";
 *
 * assertEquals(softplus(0), Math.LN2);
 * assertEquals(softplus(1e4), 1e4);
 * ```
 */
export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/**
 * `ln(sigmoid(x))`, in nats, never above 0. Finite for every finite `x`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { logSigmoid } from "@fovea/fovea/losses";
 *
 * assertEquals(logSigmoid(-1e4), -1e4);
 * ```
 */
export function logSigmoid(x: number): number {
  return Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x)));
}
