import {
  checkFinite,
  checkLength,
  checkOut,
  checkShares,
  type LossOut,
  type LossResult,
} from "./loss_arrays.ts";
import { reduceTerms, type ReductionOptions } from "./reduction.ts";

/** A loss of one logit and one target. One object serves a whole array: nothing is allocated. */
export interface ElementLoss {
  /** The loss at the last pair that was evaluated. */
  readonly value: number;
  /** Its derivative by the logit. */
  readonly slope: number;
  /** Evaluates a finite logit against a target within 0–1. */
  evaluate(logit: number, target: number): void;
}

/**
 * Writes the losses of all elements and their derivatives into `out`; returns the sum of losses.
 * Everything is checked before anything is written.
 *
 * @throws {RangeError} If lengths differ, a logit is not finite, or a target is not within 0–1.
 */
export function evaluateInto(
  element: ElementLoss,
  logits: ArrayLike<number>,
  targets: ArrayLike<number>,
  out: LossOut,
): number {
  const count = logits.length;
  checkLength("the list of targets", targets.length, count);
  checkOut(out, count, count);
  checkFinite("logit", logits);
  checkShares("target", targets);
  const { loss = null, gradient = null } = out;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    element.evaluate(logits[i]!, targets[i]!);
    sum += element.value;
    if (loss !== null) loss[i] = element.value;
    if (gradient !== null) gradient[i] = element.slope;
  }
  return sum;
}

/** The same with arrays of its own, reduced. */
export function evaluateElements(
  element: ElementLoss,
  logits: ArrayLike<number>,
  targets: ArrayLike<number>,
  options: ReductionOptions,
): LossResult {
  const terms = {
    loss: new Float64Array(logits.length),
    gradient: new Float64Array(logits.length),
  };
  evaluateInto(element, logits, targets, terms);
  return reduceTerms(terms, options);
}
