import {
  evaluateOverlap,
  evaluateOverlapInto,
  type OverlapIndex,
  type OverlapOptions,
} from "./overlap_loss.ts";
import type { LossOut, LossResult } from "./loss_arrays.ts";
import { tverskyIndex, type TverskySettings } from "./tversky.ts";

/** Settings of {@linkcode focalTverskyInto}. */
export interface FocalTverskySettings extends TverskySettings {
  /**
   * The exponent of `1 - index`, above 0; 0.75 where it is not given. The paper writes it as
   * `1 / gamma`, with gamma within 1–3 (4/3 is best there): 0.75 here is 4/3 there.
   */
  readonly gamma?: number;
}

/**
 * Writes the focal Tversky loss of each row (mask) into `out`: `(1 - TI)^gamma`, 0–1, with
 * `TI = (TP + smooth) / (TP + alpha FP + beta FN + smooth + epsilon)` and soft counts as in
 * `tverskyInto`, and its derivative by the input. Returns the sum. Gamma below 1 keeps pulling at
 * masks that are nearly right, above 1 it lets them go. Below 1, the derivative of a perfect row
 * has no bound around it; it counts as 0. Source: Abraham & Khan 2019, "A novel focal Tversky loss
 * function".
 *
 * @param input Logits or probabilities, `[rows, columns]`, see {@linkcode OverlapSettings}.
 * @param targets `y`, `[rows, columns]`, within 0–1.
 * @param settings See {@linkcode FocalTverskySettings}.
 * @param out Receives losses, `[rows]`, and derivatives, `[rows, columns]`.
 * @throws {RangeError} If lengths do not fit, a value is out of range, or smooth and epsilon are
 * both 0. Nothing is written then.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { focalTverskyInto, tverskyInto } from "@fovea/fovea/losses";
 *
 * const [input, targets] = [[3, -2, 1, -0.5], [1, 0, 1, 0]];
 * const plain = tverskyInto(input, targets, {}, {});
 * const focal = focalTverskyInto(input, targets, { gamma: 2 }, {});
 * assertAlmostEquals(focal, plain ** 2, 1e-15);
 * ```
 */
export function focalTverskyInto(
  input: ArrayLike<number>,
  targets: ArrayLike<number>,
  settings: FocalTverskySettings,
  out: LossOut,
): number {
  return evaluateOverlapInto(focalTverskyIndex(settings), input, targets, settings, out);
}

/**
 * Focal Tversky loss, reduced over rows; by default the mean. Formula, ranges and errors as
 * {@linkcode focalTverskyInto}.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { focalTversky } from "@fovea/fovea/losses";
 *
 * const { value } = focalTversky([0.9, 0.1, 0.8, 0.3], [1, 0, 1, 0], { input: "probabilities" });
 * assertAlmostEquals(value, 0.189585, 1e-6);
 * ```
 */
export function focalTversky(
  input: ArrayLike<number>,
  targets: ArrayLike<number>,
  options: OverlapOptions<FocalTverskySettings> = {},
): LossResult {
  return evaluateOverlap(focalTverskyIndex(options), input, targets, options);
}

function focalTverskyIndex(settings: FocalTverskySettings): OverlapIndex {
  return tverskyIndex(settings, settings.gamma ?? 0.75);
}
