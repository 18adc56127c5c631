import {
  type BoxLossOptions,
  type BoxLossSettings,
  evaluateBoxes,
  evaluateBoxesInto,
} from "./box_loss.ts";
import { type BoxPair, CORNERS, type PerCorner } from "./box_pair.ts";
import type { LossOut, LossResult } from "./loss_arrays.ts";

/** The IoU loss of one pair. */
export function iouLossOf(pair: BoxPair, epsilon: number, slope: PerCorner): number {
  for (const corner of CORNERS) slope[corner] = -pair.iouSlope(corner, epsilon);
  return 1 - pair.iou(epsilon);
}

/**
 * Writes the IoU loss of each pair of boxes into `out`: `1 - I / (U + epsilon)`, the intersection
 * over the union, 0–1, and its derivative by the predicted corners. Returns the sum. Boxes that do
 * not overlap have loss 1 and no derivative; two boxes without extent have loss 1.
 * Source: Yu et al. 2016, "UnitBox", with `1 - IoU` in place of `-ln(IoU)`.
 *
 * @param predicted Boxes, `[n, 4]`, `x1 y1 x2 y2` with `x1 <= x2` and `y1 <= y2`; any unit.
 * @param target Their targets, `[n, 4]`, same space.
 * @param settings See {@linkcode BoxLossSettings}.
 * @param out Receives losses, `[n]`, and derivatives, `[n, 4]`.
 * @throws {RangeError} If lengths differ, a corner is not finite or out of order, or epsilon is
 * negative. Nothing is written then.
 *
 * @example Half of the prediction is right
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { iouLossInto } from "@fovea/fovea/losses";
 *
 * const gradient = new Float64Array(4);
 * const sum = iouLossInto([0, 0, 10, 10], [0, 0, 5, 10], { epsilon: 0 }, { gradient });
 * assertAlmostEquals(sum, 0.5, 1e-15);
 * assertAlmostEquals(gradient[2]!, 0.05, 1e-15);
 * ```
 */
export function iouLossInto(
  predicted: ArrayLike<number>,
  target: ArrayLike<number>,
  settings: BoxLossSettings,
  out: LossOut,
): number {
  return evaluateBoxesInto(iouLossOf, predicted, target, settings, out);
}

/**
 * IoU loss, reduced over boxes; by default the mean. Formula, ranges and errors as
 * {@linkcode iouLossInto}.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { iouLoss } from "@fovea/fovea/losses";
 *
 * const { value } = iouLoss([0, 0, 10, 10, 2, 2, 6, 6], [0, 0, 10, 10, 0, 0, 10, 10]);
 * assertAlmostEquals(value, 0.42, 1e-8);
 * ```
 */
export function iouLoss(
  predicted: ArrayLike<number>,
  target: ArrayLike<number>,
  options: BoxLossOptions = {},
): LossResult {
  return evaluateBoxes(iouLossOf, predicted, target, options);
}
