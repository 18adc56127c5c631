import { checkSetting, countRows, type LossResult, type LossTerms } from "./loss_arrays.ts";

/** The names of all reductions. */
export const REDUCTIONS = ["none", "sum", "mean", "row-mean-sum"] as const;

/**
 * How the losses of elements become one value.
 *
 * | name | value | in PyTorch |
 * |---|---|---|
 * | `none` | as `sum`; the elements are what is wanted | the tensor, and its `.sum().backward()` |
 * | `sum` | sum over all elements | `.sum()` |
 * | `mean` | sum divided by the number of elements, or by `averageFactor` | `.mean()` |
 * | `row-mean-sum` | mean over the columns of each row, summed over rows | `.mean(1).sum()` |
 */
export type Reduction = (typeof REDUCTIONS)[number];

/** How to reduce. */
export interface ReductionOptions {
  /** Which reduction. */
  readonly reduction?: Reduction;
  /** Elements of a row (classes of an anchor), for `row-mean-sum`; 1 where it is not given. */
  readonly columns?: number;
  /**
   * For `mean`: what the sum is divided by in place of the number of elements; mmdet's
   * `avg_factor`, in detectors the number of positives. Greater than 0.
   */
  readonly averageFactor?: number;
}

/**
 * What every loss and derivative is multiplied with by a reduction.
 *
 * @throws {RangeError} If an option is out of range or does not go with the reduction.
 */
export function reductionScale(elements: number, options: ReductionOptions): number {
  const { reduction = "mean", columns = 1, averageFactor } = options;
  if (!REDUCTIONS.includes(reduction)) {
    throw new RangeError(`Cannot reduce by "${reduction}": use one of ${REDUCTIONS.join(", ")}`);
  }
  if (averageFactor !== undefined) {
    if (reduction !== "mean") {
      throw new RangeError(`Cannot use averageFactor with the reduction ${reduction}: only mean`);
    }
    checkSetting("averageFactor", averageFactor, Number.MIN_VALUE);
    return 1 / averageFactor;
  }
  countRows(elements, columns);
  if (reduction === "row-mean-sum") return 1 / columns;
  // No elements give 0, not NaN: a frame without candidates has no loss.
  return reduction === "mean" ? 1 / Math.max(elements, 1) : 1;
}

/** Reduces terms to a value, and scales the gradient so that it belongs to that value. */
export function reduceTerms(terms: LossTerms, options: ReductionOptions): LossResult {
  const { loss, gradient } = terms;
  const scale = reductionScale(loss.length, options);
  let sum = 0;
  for (let i = 0; i < loss.length; i++) sum += loss[i]!;
  if (scale !== 1) {
    for (let i = 0; i < gradient.length; i++) gradient[i]! *= scale;
  }
  return { value: sum * scale, loss, gradient };
}
