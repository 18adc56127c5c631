import { sigmoid } from "./log_sigmoid.ts";
import {
  checkFinite,
  checkLength,
  checkOut,
  checkSetting,
  checkShares,
  countRows,
  type LossOut,
  type LossResult,
} from "./loss_arrays.ts";
import { reduceTerms, type ReductionOptions } from "./reduction.ts";

/** Settings that all overlap losses share. */
export interface OverlapSettings {
  /** What the input holds; `logits` where it is not given. */
  readonly input?: "logits" | "probabilities";
  /** Elements (pixels) of a row; all of them where it is not given: one mask. */
  readonly columns?: number;
  /** What is added to numerator and divisor, from 0; 1 where it is not given. */
  readonly smooth?: number;
  /** What is added to the divisor alone, from 0; 0 where it is not given. */
  readonly epsilon?: number;
}

/** Options of the reduced overlap losses; rows are what is reduced over. */
export type OverlapOptions<Settings extends OverlapSettings> =
  & Settings
  & Omit<ReductionOptions, "columns">;

/** How an overlap index weighs soft counts, and what becomes of `1 - index`. */
export interface OverlapIndex {
  /** Weight of true positives, in numerator and divisor. */
  readonly truePositives: number;
  /** Weight of false positives, in the divisor. */
  readonly falsePositives: number;
  /** Weight of false negatives, in the divisor. */
  readonly falseNegatives: number;
  /** The exponent of `1 - index`, above 0. */
  readonly exponent: number;
}

/**
 * Writes `(1 - index)^exponent` of each row into `out`, with
 * `index = (a TP + smooth) / (a TP + b FP + c FN + smooth + epsilon)` over the soft counts
 * `TP = sum(p y)`, `FP = sum(p (1 - y))`, `FN = sum((1 - p) y)`, and the derivative by the input.
 * Returns the sum. Everything is checked before anything is written.
 *
 * @throws {RangeError} If lengths do not fit, a value is out of range, or `smooth` and `epsilon`
 * are both 0, so that a row without anything would divide by 0.
 */
export function evaluateOverlapInto(
  index: OverlapIndex,
  input: ArrayLike<number>,
  targets: ArrayLike<number>,
  settings: OverlapSettings,
  out: LossOut,
): number {
  const { input: kind = "logits", smooth = 1, epsilon = 0 } = settings;
  const columns = settings.columns ?? Math.max(input.length, 1);
  const rows = countRows(input.length, columns);
  checkLength("the list of targets", targets.length, input.length);
  checkOut(out, rows, input.length);
  checkIndex(index, smooth, epsilon);
  if (kind === "logits") checkFinite("logit", input);
  else checkShares("probability", input);
  checkShares("target", targets);
  const { loss = null } = out;
  const overlap = new RowOverlap(index, smooth, epsilon, kind === "logits");
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    overlap.count(input, targets, row * columns, columns);
    sum += overlap.value;
    if (loss !== null) loss[row] = overlap.value;
    if (out.gradient) overlap.writeSlopes(input, targets, row * columns, columns, out.gradient);
  }
  return sum;
}

/** The same with arrays of its own, reduced over rows. */
export function evaluateOverlap(
  index: OverlapIndex,
  input: ArrayLike<number>,
  targets: ArrayLike<number>,
  options: OverlapOptions<OverlapSettings>,
): LossResult {
  const columns = options.columns ?? Math.max(input.length, 1);
  const terms = {
    loss: new Float64Array(countRows(input.length, columns)),
    gradient: new Float64Array(input.length),
  };
  evaluateOverlapInto(index, input, targets, options, terms);
  // Here a row is one loss, so that `columns` has nothing to do with the reduction.
  const { columns: _, ...reduction } = options;
  return reduceTerms(terms, reduction);
}

/** Counts one row after the other; nothing is allocated per row. */
class RowOverlap {
  value = 0;
  #numerator = 0;
  #divisor = 1;
  readonly #index: OverlapIndex;
  readonly #smooth: number;
  readonly #epsilon: number;
  readonly #fromLogits: boolean;

  constructor(index: OverlapIndex, smooth: number, epsilon: number, fromLogits: boolean) {
    this.#index = index;
    this.#smooth = smooth;
    this.#epsilon = epsilon;
    this.#fromLogits = fromLogits;
  }

  count(
    input: ArrayLike<number>,
    targets: ArrayLike<number>,
    first: number,
    columns: number,
  ): void {
    let truePositives = 0;
    let falsePositives = 0;
    let falseNegatives = 0;
    for (let i = first; i < first + columns; i++) {
      const p = this.#fromLogits ? sigmoid(input[i]!) : input[i]!;
      const notP = this.#fromLogits ? sigmoid(-input[i]!) : 1 - p;
      const y = targets[i]!;
      truePositives += p * y;
      falsePositives += p * (1 - y);
      falseNegatives += notP * y;
    }
    const index = this.#index;
    this.#numerator = index.truePositives * truePositives + this.#smooth;
    this.#divisor = this.#numerator + index.falsePositives * falsePositives +
      index.falseNegatives * falseNegatives + this.#epsilon;
    this.value = (1 - this.#numerator / this.#divisor) ** index.exponent;
  }

  writeSlopes(
    input: ArrayLike<number>,
    targets: ArrayLike<number>,
    first: number,
    columns: number,
    gradient: NonNullable<LossOut["gradient"]>,
  ): void {
    const { truePositives, falsePositives, falseNegatives, exponent } = this.#index;
    const index = this.#numerator / this.#divisor;
    const missing = 1 - index;
    // A perfect row is the lowest point there is; below exponent 1 it is a cusp and counts as flat.
    const outer = missing > 0 || exponent >= 1 ? -exponent * missing ** (exponent - 1) : 0;
    for (let i = first; i < first + columns; i++) {
      const y = targets[i]!;
      const numeratorBy = truePositives * y;
      const divisorBy = numeratorBy + falsePositives * (1 - y) - falseNegatives * y;
      let slope = outer * (numeratorBy - index * divisorBy) / this.#divisor;
      if (this.#fromLogits) slope *= sigmoid(input[i]!) * sigmoid(-input[i]!);
      gradient[i] = slope;
    }
  }
}

function checkIndex(index: OverlapIndex, smooth: number, epsilon: number): void {
  checkSetting("the weight of false positives", index.falsePositives, 0);
  checkSetting("the weight of false negatives", index.falseNegatives, 0);
  checkSetting("gamma", index.exponent, Number.MIN_VALUE);
  checkSetting("smooth", smooth, 0);
  checkSetting("epsilon", epsilon, 0);
  if (smooth + epsilon === 0) {
    throw new RangeError(
      "Cannot compute the loss: smooth and epsilon are both 0, so an empty mask divides by 0",
    );
  }
}
