import {
  type BoxLossOptions,
  type BoxLossSettings,
  evaluateBoxes,
  evaluateBoxesInto,
} from "./box_loss.ts";
import type { BoxPair, PerCorner } from "./box_pair.ts";
import { diouLossOf } from "./diou_loss.ts";
import type { LossOut, LossResult } from "./loss_arrays.ts";

/** The CIoU loss of one pair. */
export function ciouLossOf(pair: BoxPair, epsilon: number, slope: PerCorner): number {
  const distanceLoss = diouLossOf(pair, epsilon, slope);
  const { width, height } = pair;
  const angle = Math.atan2(pair.targetWidth, pair.targetHeight) - Math.atan2(width, height);
  const shape = FACTOR * angle ** 2;
  const divisor = 1 - pair.iou(epsilon) + shape + epsilon;
  const alpha = divisor > 0 ? shape / divisor : 0;
  const square = width ** 2 + height ** 2;
  if (square > 0) {
    const pull = alpha * FACTOR * 2 * angle / square;
    slope[0] += pull * height;
    slope[1] -= pull * width;
    slope[2] -= pull * height;
    slope[3] += pull * width;
  }
  return distanceLoss + alpha * shape;
}

const FACTOR = 4 / Math.PI ** 2;

/**
 * Writes the complete IoU loss of each pair of boxes into `out`: DIoU's loss and `alpha v`, where
 * `v = 4 / pi^2 (atan(w_t / h_t) - atan(w / h))^2` compares the shapes and
 * `alpha = v / (1 - IoU + v + epsilon)`, and its derivative by the predicted corners. Returns the
 * sum. `alpha` counts as a constant in the derivative, as in the paper and in torchvision. A box
 * without extent has no shape to learn from: its `atan` is 0, without derivative.
 * Source: Zheng et al. 2020, "Distance-IoU Loss", eqs. 8 to 12.
 *
 * @param predicted Boxes, `[n, 4]`, `x1 y1 x2 y2` with `x1 <= x2` and `y1 <= y2`; any unit.
 * @param target Their targets, `[n, 4]`, same space.
 * @param settings See {@linkcode BoxLossSettings}.
 * @param out Receives losses, `[n]`, and derivatives, `[n, 4]`.
 * @throws {RangeError} If lengths differ, a corner is not finite or out of order, or epsilon is
 * negative. Nothing is written then.
 *
 * @example The right place and area, the wrong shape
 * ```ts
 * import { assertGreater } from "@std/assert";
 * import { ciouLoss, diouLoss } from "@fovea/fovea/losses";
 *
 * const [predicted, target] = [[0, 2, 16, 6], [4, 0, 12, 8]];
 * assertGreater(ciouLoss(predicted, target).value, diouLoss(predicted, target).value);
 * ```
 */
export function ciouLossInto(
  predicted: ArrayLike<number>,
  target: ArrayLike<number>,
  settings: BoxLossSettings,
  out: LossOut,
): number {
  return evaluateBoxesInto(ciouLossOf, predicted, target, settings, out);
}

/**
 * CIoU loss, reduced over boxes; by default the mean. Formula, ranges and errors as
 * {@linkcode ciouLossInto}.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { ciouLoss } from "@fovea/fovea/losses";
 *
 * const { value } = ciouLoss([0, 0, 4, 8], [0, 0, 8, 4]);
 * assertAlmostEquals(value, 0.762918, 1e-6);
 * ```
 */
export function ciouLoss(
  predicted: ArrayLike<number>,
  target: ArrayLike<number>,
  options: BoxLossOptions = {},
): LossResult {
  return evaluateBoxes(ciouLossOf, predicted, target, options);
}
