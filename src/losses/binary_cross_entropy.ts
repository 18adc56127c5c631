import { type ElementLoss, evaluateElements, evaluateInto } from "./element_loss.ts";
import { sigmoid, softplus } from "./log_sigmoid.ts";
import { checkSetting, type LossOut, type LossResult } from "./loss_arrays.ts";
import type { ReductionOptions } from "./reduction.ts";

/** Settings of {@linkcode binaryCrossEntropyInto}. */
export interface BinaryCrossEntropyWeights {
  /** What the positive part is multiplied with, from 0; 1 where it is not given. */
  readonly positiveWeight?: number;
}

/** Binary cross-entropy of one logit. */
export class BinaryCrossEntropyElement implements ElementLoss {
  value = 0;
  slope = 0;
  readonly #positiveWeight: number;

  /** @throws {RangeError} If the weight is not a number from 0. */
  constructor(weights: BinaryCrossEntropyWeights) {
    this.#positiveWeight = weights.positiveWeight ?? 1;
    checkSetting("positiveWeight", this.#positiveWeight, 0);
  }

  evaluate(logit: number, target: number): void {
    const positive = this.#positiveWeight * target;
    const negative = 1 - target;
    this.value = positive * softplus(-logit) + negative * softplus(logit);
    this.slope = negative * sigmoid(logit) - positive * sigmoid(-logit);
  }
}

/**
 * Writes the binary cross-entropy of each logit into `out`, in nats:
 * `BCE = -w y ln(p) - (1 - y) ln(1 - p)`, `p = sigmoid(logit)`, and its derivative by the logit.
 * Returns the sum. Finite for every finite logit.
 *
 * @param logits Raw scores, `[n]`.
 * @param targets `y` for each logit, `[n]`, within 0–1; may be soft.
 * @param weights `w`, see {@linkcode BinaryCrossEntropyWeights}.
 * @param out Receives losses and derivatives, `[n]` each.
 * @throws {RangeError} If lengths differ, a logit is not finite, a target is not within 0–1, or the
 * weight is negative. Nothing is written then.
 *
 * @example An undecided logit
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { binaryCrossEntropyInto } from "@fovea/fovea/losses";
 *
 * const out = { loss: new Float64Array(1), gradient: new Float64Array(1) };
 * assertEquals(binaryCrossEntropyInto([0], [1], {}, out), Math.LN2);
 * assertEquals([...out.gradient], [-0.5]);
 * ```
 */
export function binaryCrossEntropyInto(
  logits: ArrayLike<number>,
  targets: ArrayLike<number>,
  weights: BinaryCrossEntropyWeights,
  out: LossOut,
): number {
  return evaluateInto(new BinaryCrossEntropyElement(weights), logits, targets, out);
}

/**
 * Binary cross-entropy with logits, reduced; by default the mean, as in PyTorch. Formula, ranges
 * and errors as {@linkcode binaryCrossEntropyInto}.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { binaryCrossEntropy } from "@fovea/fovea/losses";
 *
 * const { value } = binaryCrossEntropy([0.8, -1.5, 0.1], [1, 0, 1]);
 * assertAlmostEquals(value, 0.405637, 1e-6);
 * ```
 */
export function binaryCrossEntropy(
  logits: ArrayLike<number>,
  targets: ArrayLike<number>,
  options: BinaryCrossEntropyWeights & ReductionOptions = {},
): LossResult {
  return evaluateElements(new BinaryCrossEntropyElement(options), logits, targets, options);
}
