import {
  type BoxLossOptions,
  type BoxLossSettings,
  evaluateBoxes,
  evaluateBoxesInto,
} from "./box_loss.ts";
import { type BoxPair, CORNERS, type PerCorner } from "./box_pair.ts";
import type { LossOut, LossResult } from "./loss_arrays.ts";

/** The GIoU loss of one pair. */
export function giouLossOf(pair: BoxPair, epsilon: number, slope: PerCorner): number {
  const { hullWidth, hullHeight, hullSlope, union, unionSlope } = pair;
  const hull = hullWidth * hullHeight;
  const divisor = hull + epsilon;
  const waste = divisor > 0 ? (hull - union) / divisor : 0;
  for (const corner of CORNERS) {
    const hullBy = hullSlope[corner] * (corner % 2 === 0 ? hullHeight : hullWidth);
    const wasteBy = divisor > 0 ? (hullBy - unionSlope[corner] - waste * hullBy) / divisor : 0;
    slope[corner] = wasteBy - pair.iouSlope(corner, epsilon);
  }
  return 1 - pair.iou(epsilon) + waste;
}

/**
 * Writes the generalised IoU loss of each pair of boxes into `out`:
 * `1 - IoU + (C - U) / (C + epsilon)`, 0–2, where `C` is the area of the smallest box around both
 * and `U` that of their union, and its derivative by the predicted corners. Returns the sum. Boxes
 * that do not overlap are drawn together. Source: Rezatofighi et al. 2019, "Generalized Intersection
 * over Union", with `epsilon` as torchvision adds it.
 *
 * @param predicted Boxes, `[n, 4]`, `x1 y1 x2 y2` with `x1 <= x2` and `y1 <= y2`; any unit.
 * @param target Their targets, `[n, 4]`, same space.
 * @param settings See {@linkcode BoxLossSettings}.
 * @param out Receives losses, `[n]`, and derivatives, `[n, 4]`.
 * @throws {RangeError} If lengths differ, a corner is not finite or out of order, or epsilon is
 * negative. Nothing is written then.
 *
 * @example Apart, and farther apart
 * ```ts
 * import { assertLess } from "@std/assert";
 * import { giouLoss } from "@fovea/fovea/losses";
 *
 * const target = [0, 0, 10, 10];
 * const near = giouLoss([12, 0, 22, 10], target).value;
 * const far = giouLoss([40, 0, 50, 10], target).value;
 * assertLess(near, far);
 * ```
 */
export function giouLossInto(
  predicted: ArrayLike<number>,
  target: ArrayLike<number>,
  settings: BoxLossSettings,
  out: LossOut,
): number {
  return evaluateBoxesInto(giouLossOf, predicted, target, settings, out);
}

/**
 * GIoU loss, reduced over boxes; by default the mean. Formula, ranges and errors as
 * {@linkcode giouLossInto}.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { giouLoss } from "@fovea/fovea/losses";
 *
 * const { value } = giouLoss([0, 0, 10, 10], [5, 5, 15, 15]);
 * assertAlmostEquals(value, 1 - 1 / 7 + 50 / 225, 1e-8);
 * ```
 */
export function giouLoss(
  predicted: ArrayLike<number>,
  target: ArrayLike<number>,
  options: BoxLossOptions = {},
): LossResult {
  return evaluateBoxes(giouLossOf, predicted, target, options);
}
