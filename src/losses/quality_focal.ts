import { type ElementLoss, evaluateElements, evaluateInto } from "./element_loss.ts";
import { sigmoid, softplus } from "./log_sigmoid.ts";
import { checkSetting, type LossOut, type LossResult } from "./loss_arrays.ts";
import type { ReductionOptions } from "./reduction.ts";

/** Settings of {@linkcode qualityFocalInto}. */
export interface QualityFocalWeights {
  /** Focusing parameter, from 0; 2 where it is not given. */
  readonly beta?: number;
}

/** Quality focal loss of one logit. */
export class QualityFocalElement implements ElementLoss {
  value = 0;
  slope = 0;
  readonly #beta: number;

  /** @throws {RangeError} If beta is negative. */
  constructor(weights: QualityFocalWeights) {
    this.#beta = weights.beta ?? 2;
    checkSetting("beta", this.#beta, 0);
  }

  evaluate(logit: number, target: number): void {
    const p = sigmoid(logit);
    const notP = sigmoid(-logit);
    // p - y without cancelling where both are near 0 or near 1.
    const excess = (1 - target) * p - target * notP;
    const distance = Math.abs(excess);
    const crossEntropy = (1 - target) * softplus(logit) + target * softplus(-logit);
    const modulator = distance ** this.#beta;
    // At p = y the modulator has a minimum: its derivative is 0, or counts as 0 where beta <= 1.
    const ratio = distance > 0 ? p * notP / excess : 0;
    this.value = modulator * crossEntropy;
    this.slope = modulator * (excess + this.#beta * ratio * crossEntropy);
  }
}

/**
 * Writes the quality focal loss of each logit into `out`, in nats:
 * `QFL = |y - p|^beta BCE(p, y)`, `p = sigmoid(logit)`, where the target `y` is the quality of the
 * box (its IoU) for the right class and 0 for all others, and its derivative by the logit, through
 * the modulating factor as well. Returns the sum. Finite for every finite logit.
 * Source: Li et al. 2020, "Generalized Focal Loss", eq. 2.
 *
 * @param logits Raw scores, `[n]`.
 * @param targets Quality for each logit, `[n]`, within 0–1.
 * @param weights Beta, see {@linkcode QualityFocalWeights}.
 * @param out Receives losses and derivatives, `[n]` each.
 * @throws {RangeError} If lengths differ, a logit is not finite, a target is not within 0–1, or
 * beta is negative. Nothing is written then.
 *
 * @example A score that equals the quality costs nothing
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { qualityFocalInto } from "@fovea/fovea/losses";
 *
 * const gradient = new Float64Array(2);
 * const sum = qualityFocalInto([0, 0], [0.5, 1], {}, { gradient });
 * assertAlmostEquals(sum, 0.25 * Math.LN2, 1e-15);
 * assertAlmostEquals(gradient[0]!, 0, 1e-15);
 * ```
 */
export function qualityFocalInto(
  logits: ArrayLike<number>,
  targets: ArrayLike<number>,
  weights: QualityFocalWeights,
  out: LossOut,
): number {
  return evaluateInto(new QualityFocalElement(weights), logits, targets, out);
}

/**
 * Quality focal loss, reduced; by default the mean. Formula, ranges and errors as
 * {@linkcode qualityFocalInto}.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { qualityFocal } from "@fovea/fovea/losses";
 *
 * const { value } = qualityFocal([0.3, -0.7], [0.4, 0.9], { beta: 1, reduction: "sum" });
 * assertAlmostEquals(value, 0.715146, 1e-6);
 * ```
 */
export function qualityFocal(
  logits: ArrayLike<number>,
  targets: ArrayLike<number>,
  options: QualityFocalWeights & ReductionOptions = {},
): LossResult {
  return evaluateElements(new QualityFocalElement(options), logits, targets, options);
}
