import {
  evaluateOverlap,
  evaluateOverlapInto,
  type OverlapIndex,
  type OverlapOptions,
  type OverlapSettings,
} from "./overlap_loss.ts";
import type { LossOut, LossResult } from "./loss_arrays.ts";

/** Settings of {@linkcode tverskyInto}. */
export interface TverskySettings extends OverlapSettings {
  /** Weight of false positives, from 0; 0.3 where it is not given. */
  readonly alpha?: number;
  /** Weight of false negatives, from 0; 0.7 where it is not given. */
  readonly beta?: number;
}

/**
 * Writes the Tversky loss of each row (mask) into `out`:
 * `1 - (TP + smooth) / (TP + alpha FP + beta FN + smooth + epsilon)`, 0–1, with `TP = sum(p y)`,
 * `FP = sum(p (1 - y))`, `FN = sum((1 - p) y)`, and its derivative by the input. Returns the sum.
 * With beta above alpha, missing a lesion costs more than imagining one; 0.5 and 0.5 is Dice with
 * twice the `smooth`. Source: Salehi et al. 2017, "Tversky loss function for image segmentation".
 *
 * @param input Logits or probabilities, `[rows, columns]`, see {@linkcode OverlapSettings}.
 * @param targets `y`, `[rows, columns]`, within 0–1.
 * @param settings See {@linkcode TverskySettings}.
 * @param out Receives losses, `[rows]`, and derivatives, `[rows, columns]`.
 * @throws {RangeError} If lengths do not fit, a value is out of range, or smooth and epsilon are
 * both 0. Nothing is written then.
 *
 * @example A missed pixel costs more than a false one
 * ```ts
 * import { assertGreater } from "@std/assert";
 * import { tverskyInto } from "@fovea/fovea/losses";
 *
 * const settings = { input: "probabilities" } as const;
 * const missed = tverskyInto([1, 0, 0, 0], [1, 1, 0, 0], settings, {});
 * const imagined = tverskyInto([1, 1, 1, 0], [1, 1, 0, 0], settings, {});
 * assertGreater(missed, imagined);
 * ```
 */
export function tverskyInto(
  input: ArrayLike<number>,
  targets: ArrayLike<number>,
  settings: TverskySettings,
  out: LossOut,
): number {
  return evaluateOverlapInto(tverskyIndex(settings), input, targets, settings, out);
}

/**
 * Tversky loss, reduced over rows; by default the mean. Formula, ranges and errors as
 * {@linkcode tverskyInto}.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { tversky } from "@fovea/fovea/losses";
 *
 * const { value } = tversky([0.9, 0.1, 0.8, 0.3], [1, 0, 1, 0], {
 *   input: "probabilities",
 *   smooth: 0,
 *   epsilon: 1e-12,
 * });
 * assertAlmostEquals(value, 0.1625616, 1e-6);
 * ```
 */
export function tversky(
  input: ArrayLike<number>,
  targets: ArrayLike<number>,
  options: OverlapOptions<TverskySettings> = {},
): LossResult {
  return evaluateOverlap(tverskyIndex(options), input, targets, options);
}

/** The index of these settings, with an exponent. */
export function tverskyIndex(settings: TverskySettings, exponent = 1): OverlapIndex {
  const { alpha = 0.3, beta = 0.7 } = settings;
  return { truePositives: 1, falsePositives: alpha, falseNegatives: beta, exponent };
}
