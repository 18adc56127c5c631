import {
  type BoxLossOptions,
  type BoxLossSettings,
  evaluateBoxes,
  evaluateBoxesInto,
} from "./box_loss.ts";
import { type BoxPair, CORNERS, type PerCorner } from "./box_pair.ts";
import type { LossOut, LossResult } from "./loss_arrays.ts";

/** The DIoU loss of one pair. */
export function diouLossOf(pair: BoxPair, epsilon: number, slope: PerCorner): number {
  const { hullWidth, hullHeight, hullSlope, offsetX, offsetY } = pair;
  const divisor = hullWidth ** 2 + hullHeight ** 2 + epsilon;
  const distance = divisor > 0 ? (offsetX ** 2 + offsetY ** 2) / divisor : 0;
  for (const corner of CORNERS) {
    const isX = corner % 2 === 0;
    // A corner moves the centre by half as much: d(offset^2) is the offset itself.
    const offsetBy = isX ? offsetX : offsetY;
    const diagonalBy = 2 * hullSlope[corner] * (isX ? hullWidth : hullHeight);
    const distanceBy = divisor > 0 ? (offsetBy - distance * diagonalBy) / divisor : 0;
    slope[corner] = distanceBy - pair.iouSlope(corner, epsilon);
  }
  return 1 - pair.iou(epsilon) + distance;
}

/**
 * Writes the distance IoU loss of each pair of boxes into `out`: `1 - IoU + d^2 / (c^2 + epsilon)`,
 * 0–2, where `d` is the distance of the centres and `c` the diagonal of the smallest box around
 * both, and its derivative by the predicted corners. Returns the sum.
 * Source: Zheng et al. 2020, "Distance-IoU Loss", eq. 7, with `epsilon` as torchvision adds it.
 *
 * @param predicted Boxes, `[n, 4]`, `x1 y1 x2 y2` with `x1 <= x2` and `y1 <= y2`; any unit.
 * @param target Their targets, `[n, 4]`, same space.
 * @param settings See {@linkcode BoxLossSettings}.
 * @param out Receives losses, `[n]`, and derivatives, `[n, 4]`.
 * @throws {RangeError} If lengths differ, a corner is not finite or out of order, or epsilon is
 * negative. Nothing is written then.
 *
 * @example A box in the middle of its target is off by its size only
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { diouLossInto } from "@fovea/fovea/losses";
 *
 * const sum = diouLossInto([2, 2, 6, 6], [0, 0, 8, 8], {}, {});
 * assertAlmostEquals(sum, 0.75, 1e-8);
 * ```
 */
export function diouLossInto(
  predicted: ArrayLike<number>,
  target: ArrayLike<number>,
  settings: BoxLossSettings,
  out: LossOut,
): number {
  return evaluateBoxesInto(diouLossOf, predicted, target, settings, out);
}

/**
 * DIoU loss, reduced over boxes; by default the mean. Formula, ranges and errors as
 * {@linkcode diouLossInto}.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { diouLoss } from "@fovea/fovea/losses";
 *
 * const { value } = diouLoss([0, 0, 10, 10], [5, 5, 15, 15]);
 * assertAlmostEquals(value, 1 - 1 / 7 + 50 / 450, 1e-8);
 * ```
 */
export function diouLoss(
  predicted: ArrayLike<number>,
  target: ArrayLike<number>,
  options: BoxLossOptions = {},
): LossResult {
  return evaluateBoxes(diouLossOf, predicted, target, options);
}
