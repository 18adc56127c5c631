import { type ElementLoss, evaluateElements, evaluateInto } from "./element_loss.ts";
import {
  findConvention,
  type FocalConventionName,
  type FocalWeights,
  resolveAlpha,
} from "./focal_convention.ts";
import { logSigmoid, sigmoid, softplus } from "./log_sigmoid.ts";
import { checkSetting, type LossOut, type LossResult } from "./loss_arrays.ts";
import type { ReductionOptions } from "./reduction.ts";

/** Options of {@linkcode sigmoidFocal}; what is not given is the convention's default. */
export interface SigmoidFocalOptions extends ReductionOptions {
  /** Whose defaults and whose meaning of alpha; `ultralytics` where it is not given. */
  readonly convention?: FocalConventionName;
  /** Focusing parameter, from 0. */
  readonly gamma?: number;
  /** Weight of positives as the convention means it, or `null` for no weighting. */
  readonly alpha?: number | null;
}

/** Sigmoid focal loss of one logit. */
export class SigmoidFocalElement implements ElementLoss {
  value = 0;
  slope = 0;
  readonly #gamma: number;
  readonly #positiveWeight: number;
  readonly #negativeWeight: number;

  /** @throws {RangeError} If gamma is negative or alpha is not within 0–1. */
  constructor({ gamma, alpha }: FocalWeights) {
    checkSetting("gamma", gamma, 0);
    if (alpha !== null) checkSetting("alpha", alpha, 0, 1);
    this.#gamma = gamma;
    this.#positiveWeight = alpha ?? 1;
    this.#negativeWeight = alpha === null ? 1 : 1 - alpha;
  }

  evaluate(logit: number, target: number): void {
    if (target === 0) {
      this.#evaluateHard(-logit, this.#negativeWeight);
      this.slope = -this.slope;
    } else if (target === 1) {
      this.#evaluateHard(logit, this.#positiveWeight);
    } else {
      this.#evaluateSoft(logit, target);
    }
  }

  /** `z` is the logit of the right answer: nothing is divided, so that nothing can blow up. */
  #evaluateHard(z: number, weight: number): void {
    const crossEntropy = softplus(-z);
    const modulator = weight * Math.exp(this.#gamma * logSigmoid(-z));
    this.value = modulator * crossEntropy;
    this.slope = -modulator * (this.#gamma * sigmoid(z) * crossEntropy + sigmoid(-z));
  }

  #evaluateSoft(logit: number, target: number): void {
    const p = sigmoid(logit);
    const notP = sigmoid(-logit);
    // 1 - p_t, a mean of p and 1 - p, so that p (1 - p) / missing stays within 0–1.
    const missing = target * notP + (1 - target) * p;
    const crossEntropy = target * softplus(-logit) + (1 - target) * softplus(logit);
    const weight = target * this.#positiveWeight + (1 - target) * this.#negativeWeight;
    const modulator = weight * missing ** this.#gamma;
    const ratio = missing > 0 ? p * notP / missing : 0;
    this.value = modulator * crossEntropy;
    this.slope = modulator * ((1 - target) * p - target * notP +
      this.#gamma * (1 - 2 * target) * ratio * crossEntropy);
  }
}

/**
 * Writes the sigmoid focal loss of each logit into `out`, in nats:
 * `FL = -a_t (1 - p_t)^gamma ln(p_t)`, with `p = sigmoid(logit)`, `p_t = p` and `a_t = alpha` where
 * the target is 1, `p_t = 1 - p` and `a_t = 1 - alpha` where it is 0, and its derivative by the
 * logit. Returns the sum.
 *
 * Between 0 and 1, targets `y` count as torchvision counts them: cross-entropy against `y`,
 * `p_t = y p + (1 - y)(1 - p)`, `a_t = y alpha + (1 - y)(1 - alpha)`.
 *
 * Computed from `ln(sigmoid)`: finite for every finite logit and every gamma, also within 0–1 where
 * the derivative of the modulating factor alone is not.
 * Source: Lin et al. 2017, "Focal Loss for Dense Object Detection", eq. 5.
 *
 * @param logits Raw scores, `[n]`.
 * @param targets The target of each logit, `[n]`, within 0–1.
 * @param weights Gamma and alpha; conventions are resolved already, see `resolveAlpha`.
 * @param out Receives losses and derivatives, `[n]` each.
 * @throws {RangeError} If lengths differ, a logit is not finite, a target is not within 0–1, gamma
 * is negative, or alpha is not within 0–1. Nothing is written then.
 *
 * @example One undecided positive
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { sigmoidFocalInto } from "@fovea/fovea/losses";
 *
 * const gradient = new Float32Array(1);
 * const sum = sigmoidFocalInto([0], [1], { gamma: 2, alpha: 0.25 }, { gradient });
 * assertAlmostEquals(sum, 0.0625 * Math.LN2, 1e-15);
 * assertAlmostEquals(gradient[0]!, -0.0625 * (Math.LN2 + 0.5), 1e-8);
 * ```
 */
export function sigmoidFocalInto(
  logits: ArrayLike<number>,
  targets: ArrayLike<number>,
  weights: FocalWeights,
  out: LossOut,
): number {
  return evaluateInto(new SigmoidFocalElement(weights), logits, targets, out);
}

/**
 * Sigmoid focal loss in the convention of a library, reduced; by default Ultralytics'. Formula,
 * ranges and errors as {@linkcode sigmoidFocalInto}; defaults and the meaning of alpha as
 * `FOCAL_CONVENTIONS`.
 *
 * @example Ultralytics' `FocalLoss(gamma=1.5)` on three anchors of one class
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { sigmoidFocal } from "@fovea/fovea/losses";
 *
 * const logits = [0.8, -1.5, 0.1];
 * const targets = [1, 0, 1];
 * assertAlmostEquals(sigmoidFocal(logits, targets, { gamma: 1.5 }).value, 0.080528, 1e-6);
 * assertAlmostEquals(
 *   sigmoidFocal(logits, targets, { convention: "torchvision", reduction: "mean" }).value,
 *   0.016765,
 *   1e-6,
 * );
 * ```
 */
export function sigmoidFocal(
  logits: ArrayLike<number>,
  targets: ArrayLike<number>,
  options: SigmoidFocalOptions = {},
): LossResult {
  const { convention = "ultralytics" } = options;
  const defaults = findConvention(convention);
  const alpha = options.alpha === undefined ? defaults.alpha : options.alpha;
  const weights = {
    alpha: resolveAlpha(convention, alpha),
    gamma: options.gamma ?? defaults.gamma,
  };
  const element = new SigmoidFocalElement(weights);
  const reduction = options.reduction ?? defaults.reduction;
  return evaluateElements(element, logits, targets, { ...options, reduction });
}

/**
 * Focal loss of a probability instead of a logit, without alpha: `-(1 - p_t)^gamma ln(p_t)` in
 * nats, for scores of detections after suppression.
 *
 * @param pt Probability that was given to the right answer, above 0 and up to 1.
 * @param gamma Focusing parameter, from 0.
 * @throws {RangeError} If `pt` or `gamma` is out of range.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 * import { focalOfProbability } from "@fovea/fovea/losses";
 *
 * assertEquals(focalOfProbability(0.5, 0), Math.LN2);
 * assertAlmostEquals(focalOfProbability(0.02, 2), 3.757, 1e-3);
 * ```
 */
export function focalOfProbability(pt: number, gamma: number): number {
  checkSetting("gamma", gamma, 0);
  if (!(pt > 0 && pt <= 1)) {
    throw new RangeError(`Cannot compute the loss: the probability is ${pt}, not within 0 and 1`);
  }
  return (1 - pt) ** gamma * -Math.log(pt);
}
