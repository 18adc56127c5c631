import { checkSetting } from "./loss_arrays.ts";
import type { Reduction } from "./reduction.ts";

/** The names of all conventions. */
export const FOCAL_CONVENTION_NAMES = ["ultralytics", "torchvision", "mmdet"] as const;

/** Whose conventions a focal loss follows. */
export type FocalConventionName = (typeof FOCAL_CONVENTION_NAMES)[number];

/** What a focal loss is computed with, whatever the convention it was stated in. */
export interface FocalWeights {
  /** Focusing parameter, from 0; 0 is cross-entropy. */
  readonly gamma: number;
  /** Weight of positives, 0–1; negatives weigh `1 - alpha`. `null`: both weigh 1. */
  readonly alpha: number | null;
}

/** The defaults of one library. */
export interface FocalConvention extends FocalWeights {
  /** How elements become one value. */
  readonly reduction: Reduction;
}

/**
 * How three libraries compute sigmoid focal loss by default. The formula of an element is the same
 * in all of them; the defaults, the reduction and the meaning of odd values of alpha are not.
 *
 * | | `ultralytics` | `torchvision` | `mmdet` |
 * |---|---|---|---|
 * | gamma | 1.5 | 2 | 2 |
 * | alpha | 0.25 | 0.25 | 0.25 |
 * | reduction | `row-mean-sum` | `none` | `mean`, or sum / `averageFactor` |
 * | alpha = 0 | no weighting | positives weigh 0 | positives weigh 0 |
 * | alpha < 0 | no weighting | no weighting | refused: losses would be negative |
 * | alpha = `null` | no weighting | no weighting | no weighting |
 *
 * `null` is not a value of theirs; it always means "no weighting" here. Alpha above 1 would make
 * the loss of negatives negative and is refused in all of them. mmdet adds 2^-23 to its
 * `avg_factor` so that 0 does not divide; here 0 is refused.
 *
 * Sources: Ultralytics 8.3, `ultralytics/utils/loss.py`, class `FocalLoss` (weights only
 * `if alpha > 0`); torchvision 0.28, `torchvision/ops/focal_loss.py` (weights `if alpha >= 0`);
 * MMDetection 3.3, `mmdet/models/losses/focal_loss.py` (always weights) and `utils.py`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { FOCAL_CONVENTIONS } from "@fovea/fovea/losses";
 *
 * assertEquals(FOCAL_CONVENTIONS.torchvision.gamma, 2);
 * assertEquals(FOCAL_CONVENTIONS.ultralytics.reduction, "row-mean-sum");
 * ```
 */
export const FOCAL_CONVENTIONS: Readonly<Record<FocalConventionName, FocalConvention>> = {
  ultralytics: { gamma: 1.5, alpha: 0.25, reduction: "row-mean-sum" },
  torchvision: { gamma: 2, alpha: 0.25, reduction: "none" },
  mmdet: { gamma: 2, alpha: 0.25, reduction: "mean" },
};

/**
 * What `alpha` means in a convention: a weight within 0–1, or `null` for no weighting.
 *
 * @throws {RangeError} If the convention has no meaning for it, see {@linkcode FOCAL_CONVENTIONS}.
 *
 * @example Zero is not zero everywhere
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { resolveAlpha } from "@fovea/fovea/losses";
 *
 * assertEquals(resolveAlpha("ultralytics", 0), null);
 * assertEquals(resolveAlpha("torchvision", 0), 0);
 * assertEquals(resolveAlpha("torchvision", -1), null);
 * assertThrows(() => resolveAlpha("mmdet", -1), RangeError);
 * ```
 */
export function resolveAlpha(convention: FocalConventionName, alpha: number | null): number | null {
  findConvention(convention);
  if (alpha === null) return null;
  if (!Number.isFinite(alpha) || alpha > 1) checkSetting("alpha", alpha, 0, 1);
  switch (convention) {
    case "ultralytics":
      return alpha > 0 ? alpha : null;
    case "torchvision":
      return alpha >= 0 ? alpha : null;
    case "mmdet":
      checkSetting("alpha", alpha, 0, 1);
      return alpha;
  }
}

/** @throws {RangeError} If there is no convention of that name. */
export function findConvention(name: FocalConventionName): FocalConvention {
  if (!FOCAL_CONVENTION_NAMES.includes(name)) {
    const names = FOCAL_CONVENTION_NAMES.join(", ");
    throw new RangeError(`Cannot follow the convention "${name}": use one of ${names}`);
  }
  return FOCAL_CONVENTIONS[name];
}
