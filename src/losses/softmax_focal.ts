import {
  checkFinite,
  checkLength,
  checkOut,
  checkSetting,
  countRows,
  type LossOut,
  type LossResult,
} from "./loss_arrays.ts";
import { reduceTerms, type ReductionOptions } from "./reduction.ts";

/** Settings of {@linkcode softmaxFocalInto}. */
export interface SoftmaxFocalWeights {
  /** Focusing parameter, from 0; 2 where it is not given. */
  readonly gamma?: number;
  /** Weight of each class, `[classes]`, from 0; all 1 where it is not given or `null`. */
  readonly alpha?: ArrayLike<number> | null;
}

/**
 * Writes the softmax focal loss of each row into `out`, in nats:
 * `FL = -a_t (1 - p_t)^gamma ln(p_t)`, `p = softmax(row)`, with `t` the row's class, and its
 * derivative by every logit. Returns the sum. `1 - p_t` is summed from the other classes, so that
 * a sure row keeps its digits: finite for every finite logit and every gamma.
 * Source: Lin et al. 2017, "Focal Loss for Dense Object Detection", eq. 4, over a softmax.
 *
 * @param logits Raw scores, `[rows, classes]`.
 * @param targets The class of each row, `[rows]`, whole numbers from 0.
 * @param weights Gamma and alpha, see {@linkcode SoftmaxFocalWeights}.
 * @param out Receives losses, `[rows]`, and derivatives, `[rows, classes]`.
 * @throws {RangeError} If lengths do not fit, a logit is not finite, a class does not exist, or a
 * weight is negative. Nothing is written then.
 *
 * @example Two classes are a sigmoid of the difference
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { sigmoidFocalInto, softmaxFocalInto } from "@fovea/fovea/losses";
 *
 * const softmax = softmaxFocalInto([0.3, 1.1], [1], { gamma: 2 }, {});
 * const sigmoid = sigmoidFocalInto([0.8], [1], { gamma: 2, alpha: null }, {});
 * assertAlmostEquals(softmax, sigmoid, 1e-15);
 * ```
 */
export function softmaxFocalInto(
  logits: ArrayLike<number>,
  targets: ArrayLike<number>,
  weights: SoftmaxFocalWeights,
  out: LossOut,
): number {
  const rows = targets.length;
  const classes = rows === 0 ? 1 : logits.length / rows;
  const { gamma = 2, alpha = null } = weights;
  checkSetting("gamma", gamma, 0);
  if (rows === 0) checkLength("the list of logits", logits.length, 0);
  countRows(logits.length, classes);
  checkOut(out, rows, logits.length);
  checkFinite("logit", logits);
  checkClasses(targets, classes);
  if (alpha !== null && rows > 0) {
    checkLength("alpha", alpha.length, classes);
    for (let c = 0; c < classes; c++) checkSetting(`alpha of class ${c}`, alpha[c]!, 0);
  }
  const { loss = null, gradient = null } = out;
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    const target = targets[row]!;
    const weight = alpha === null ? 1 : alpha[target]!;
    const value = weight *
      evaluateRow(logits, row * classes, classes, target, gamma, weight, gradient);
    sum += value;
    if (loss !== null) loss[row] = value;
  }
  return sum;
}

/** The loss of one row without its weight; writes the derivatives with it. */
function evaluateRow(
  logits: ArrayLike<number>,
  first: number,
  classes: number,
  target: number,
  gamma: number,
  weight: number,
  gradient: LossOut["gradient"] & object | null,
): number {
  let largest = -Infinity;
  for (let c = 0; c < classes; c++) largest = Math.max(largest, logits[first + c]!);
  let others = 0;
  for (let c = 0; c < classes; c++) {
    if (c !== target) others += Math.exp(logits[first + c]! - largest);
  }
  const lead = logits[first + target]! - largest;
  const own = Math.exp(lead);
  const total = own + others;
  const missing = others / total;
  // ln(p_t): from what is missing where p_t is near 1, from the logit where it may be tiny.
  const crossEntropy = own >= others ? -Math.log1p(-missing) : Math.log(total) - lead;
  const modulator = missing ** gamma;
  if (gradient !== null) {
    // (1 - p_t)^(gamma - 1) ln(p_t) as the modulator times a ratio that tends to -1.
    const ratio = missing > 0 ? crossEntropy / missing : 1;
    const pull = weight * modulator * (gamma * (own / total) * ratio + 1);
    for (let c = 0; c < classes; c++) {
      const share = Math.exp(logits[first + c]! - largest) / total;
      gradient[first + c] = pull * (c === target ? -missing : share);
    }
  }
  return modulator * crossEntropy;
}

function checkClasses(targets: ArrayLike<number>, classes: number): void {
  for (let row = 0; row < targets.length; row++) {
    const target = targets[row]!;
    if (!(Number.isInteger(target) && target >= 0 && target < classes)) {
      throw new RangeError(
        `Cannot compute the loss: row ${row} is of class ${target}, there are ${classes}`,
      );
    }
  }
}

/**
 * Softmax focal loss, reduced over rows; by default the mean. Formula, ranges and errors as
 * {@linkcode softmaxFocalInto}.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { softmaxFocal } from "@fovea/fovea/losses";
 *
 * const { value, gradient } = softmaxFocal([2, -1, 0.5, 0], [0], { gamma: 1 });
 * assertAlmostEquals(value, 0.0992472, 1e-7);
 * assertAlmostEquals(gradient.reduce((sum, slope) => sum + slope), 0, 1e-15);
 * ```
 */
export function softmaxFocal(
  logits: ArrayLike<number>,
  targets: ArrayLike<number>,
  options: SoftmaxFocalWeights & Omit<ReductionOptions, "columns"> = {},
): LossResult {
  const terms = {
    loss: new Float64Array(targets.length),
    gradient: new Float64Array(logits.length),
  };
  softmaxFocalInto(logits, targets, options, terms);
  return reduceTerms(terms, options);
}
