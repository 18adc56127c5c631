import { type ElementLoss, evaluateElements, evaluateInto } from "./element_loss.ts";
import { logSigmoid, sigmoid, softplus } from "./log_sigmoid.ts";
import { checkSetting, type LossOut, type LossResult } from "./loss_arrays.ts";
import type { ReductionOptions } from "./reduction.ts";

/** Settings of {@linkcode varifocalInto}. */
export interface VarifocalWeights {
  /** Weight of negatives, from 0; 0.75 where it is not given. */
  readonly alpha?: number;
  /** Focusing parameter of negatives, from 0; 2 where it is not given. */
  readonly gamma?: number;
  /**
   * Whether the weight of negatives, `alpha p^gamma`, counts as a constant in the derivative. Off
   * where it is not given: MMDetection and Ultralytics differentiate through it.
   */
  readonly detachWeight?: boolean;
}

/** Varifocal loss of one logit. */
export class VarifocalElement implements ElementLoss {
  value = 0;
  slope = 0;
  readonly #alpha: number;
  readonly #gamma: number;
  readonly #slopeGamma: number;

  /** @throws {RangeError} If a weight is negative. */
  constructor({ alpha = 0.75, gamma = 2, detachWeight = false }: VarifocalWeights) {
    checkSetting("alpha", alpha, 0);
    checkSetting("gamma", gamma, 0);
    this.#alpha = alpha;
    this.#gamma = gamma;
    this.#slopeGamma = detachWeight ? 0 : gamma;
  }

  evaluate(logit: number, target: number): void {
    const p = sigmoid(logit);
    const notP = sigmoid(-logit);
    if (target > 0) {
      const crossEntropy = target * softplus(-logit) + (1 - target) * softplus(logit);
      this.value = target * crossEntropy;
      this.slope = target * ((1 - target) * p - target * notP);
      return;
    }
    const crossEntropy = softplus(logit);
    const weight = this.#alpha * Math.exp(this.#gamma * logSigmoid(logit));
    this.value = weight * crossEntropy;
    this.slope = weight * (p + this.#slopeGamma * notP * crossEntropy);
  }
}

/**
 * Writes the varifocal loss of each logit into `out`, in nats, with `p = sigmoid(logit)`:
 * `VFL = q BCE(p, q)` where the target `q` (the IoU of the box for its class) is above 0, and
 * `alpha p^gamma BCE(p, 0)` where it is 0, and its derivative by the logit. Only negatives are
 * focused; positives weigh as much as their box is good. Returns the sum. Finite for every finite
 * logit. Source: Zhang et al. 2021, "VarifocalNet", eq. 2.
 *
 * @param logits Raw scores, `[n]`.
 * @param targets `q` for each logit, `[n]`, within 0–1.
 * @param weights Alpha, gamma, and what is differentiated, see {@linkcode VarifocalWeights}.
 * @param out Receives losses and derivatives, `[n]` each.
 * @throws {RangeError} If lengths differ, a logit is not finite, a target is not within 0–1, or a
 * weight is negative. Nothing is written then.
 *
 * @example A negative and a positive
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { varifocalInto } from "@fovea/fovea/losses";
 *
 * const loss = new Float64Array(2);
 * varifocalInto([0, 0], [0, 0.8], {}, { loss });
 * assertAlmostEquals(loss[0]!, 0.75 * 0.25 * Math.LN2, 1e-15);
 * assertAlmostEquals(loss[1]!, 0.8 * Math.LN2, 1e-15);
 * ```
 */
export function varifocalInto(
  logits: ArrayLike<number>,
  targets: ArrayLike<number>,
  weights: VarifocalWeights,
  out: LossOut,
): number {
  return evaluateInto(new VarifocalElement(weights), logits, targets, out);
}

/**
 * Varifocal loss, reduced; by default the mean, as in MMDetection. Ultralytics reduces by
 * `row-mean-sum`. Formula, ranges and errors as {@linkcode varifocalInto}.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { varifocal } from "@fovea/fovea/losses";
 *
 * const { value } = varifocal([1.9, -8], [0.25, 0], { reduction: "sum" });
 * assertAlmostEquals(value, 0.391097, 1e-6);
 * ```
 */
export function varifocal(
  logits: ArrayLike<number>,
  targets: ArrayLike<number>,
  options: VarifocalWeights & ReductionOptions = {},
): LossResult {
  return evaluateElements(new VarifocalElement(options), logits, targets, options);
}
