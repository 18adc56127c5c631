import {
  evaluateOverlap,
  evaluateOverlapInto,
  type OverlapIndex,
  type OverlapOptions,
  type OverlapSettings,
} from "./overlap_loss.ts";
import type { LossOut, LossResult } from "./loss_arrays.ts";

/**
 * Writes the soft Dice loss of each row (mask) into `out`:
 * `1 - (2 TP + smooth) / (2 TP + FP + FN + smooth + epsilon)`, 0–1, with `TP = sum(p y)`,
 * `FP = sum(p (1 - y))`, `FN = sum((1 - p) y)`, and its derivative by the input. Returns the sum.
 * True negatives do not count: a large healthy background costs nothing.
 * Source: Milletari et al. 2016, "V-Net", with plain sums in the divisor in place of squares, as in
 * Sudre et al. 2017.
 *
 * @param input Logits or probabilities, `[rows, columns]`, see {@linkcode OverlapSettings}.
 * @param targets `y`, `[rows, columns]`, within 0–1.
 * @param settings See {@linkcode OverlapSettings}.
 * @param out Receives losses, `[rows]`, and derivatives, `[rows, columns]`.
 * @throws {RangeError} If lengths do not fit, a value is out of range, or smooth and epsilon are
 * both 0. Nothing is written then.
 *
 * @example Half of the mask found
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { diceInto } from "@fovea/fovea/losses";
 *
 * const settings = { input: "probabilities", smooth: 0, epsilon: 1e-12 } as const;
 * const sum = diceInto([1, 0, 0, 0], [1, 1, 0, 0], settings, {});
 * assertAlmostEquals(sum, 1 / 3, 1e-9);
 * ```
 */
export function diceInto(
  input: ArrayLike<number>,
  targets: ArrayLike<number>,
  settings: OverlapSettings,
  out: LossOut,
): number {
  return evaluateOverlapInto(DICE_INDEX, input, targets, settings, out);
}

/**
 * Dice loss, reduced over rows; by default the mean. Formula, ranges and errors as
 * {@linkcode diceInto}.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { dice } from "@fovea/fovea/losses";
 *
 * const { value } = dice([3, -2, 1, -0.5], [1, 0, 1, 0]);
 * assertAlmostEquals(value, 0.15696, 1e-6);
 * ```
 */
export function dice(
  input: ArrayLike<number>,
  targets: ArrayLike<number>,
  options: OverlapOptions<OverlapSettings> = {},
): LossResult {
  return evaluateOverlap(DICE_INDEX, input, targets, options);
}

const DICE_INDEX: OverlapIndex = {
  truePositives: 2,
  falsePositives: 1,
  falseNegatives: 1,
  exponent: 1,
};
