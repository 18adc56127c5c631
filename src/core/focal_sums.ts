/** How scores are read by `Kernels.focalRows` and `focalColumns`, and how they are weighed. */
export interface FocalSettings {
  /** Whether scores are logits or ready probabilities. */
  readonly activation: "logit" | "probability";
  /** Focusing parameter, 0–20; multiples of 0.5 are the fastest. */
  readonly gamma: number;
  /**
   * Weight of positives in the gradient, 0–1; negatives weigh `1 - alpha`. `null`: both weigh 1.
   * Sums are not weighed by it, see {@linkcode weighFocal}.
   */
  readonly alpha: number | null;
  /**
   * Negatives with a probability below this are easy, 0.001–1; one that is equal to it in float32
   * may count either way.
   */
  readonly easyBelow: number;
}

/**
 * What `Kernels.focalRows` and `focalColumns` find, in nats, without alpha. Owned by whoever made
 * it and overwritten by every call.
 *
 * A positive is the cell of a row's target class; all other cells of rows that are not ignored are
 * negatives.
 */
export interface FocalSums {
  /** Cells that were summed as positives. */
  positives: number;
  /** Cells that were summed as negatives. */
  negatives: number;
  /** Cells left out because they are NaN or infinite. */
  nonFinite: number;
  /** Focal loss of positives. */
  positiveFocal: number;
  /** Focal loss of negatives, easy ones included. */
  negativeFocal: number;
  /** Focal loss of easy negatives. */
  easyFocal: number;
  /** Cross-entropy of positives. */
  positiveCrossEntropy: number;
  /** Cross-entropy of negatives, easy ones included. */
  negativeCrossEntropy: number;
  /** Cross-entropy of easy negatives. */
  easyCrossEntropy: number;
  /** Receives the focal loss of the negatives of each class, `[classes]`; `null` for none. */
  classFocal: Float64Array | null;
  /**
   * Receives the derivative of the weighted focal loss by each logit, `[rows, classes]` (or
   * `[classes, anchors]` from columns), 0 where a cell was left out; `null` for none.
   */
  gradient: Float32Array | null;
}

/** Class of rows that do not count at all; -1 is background, whose cells are all negatives. */
export const IGNORED = -2;

/** Sums of nothing, with arrays to fill where they are given. */
export function makeFocalSums(
  arrays: Partial<Pick<FocalSums, "classFocal" | "gradient">> = {},
): FocalSums {
  return {
    positives: 0,
    negatives: 0,
    nonFinite: 0,
    positiveFocal: 0,
    negativeFocal: 0,
    easyFocal: 0,
    positiveCrossEntropy: 0,
    negativeCrossEntropy: 0,
    easyCrossEntropy: 0,
    classFocal: arrays.classFocal ?? null,
    gradient: arrays.gradient ?? null,
  };
}

/** The focal loss of all cells with `alpha` as weight of positives, `null` for no weighting. */
export function weighFocal(sums: FocalSums, alpha: number | null): number {
  const { positiveFocal, negativeFocal } = sums;
  return alpha === null
    ? positiveFocal + negativeFocal
    : alpha * positiveFocal + (1 - alpha) * negativeFocal;
}
