import { BoxPair, checkBoxes, type PerCorner } from "./box_pair.ts";
import {
  checkLength,
  checkOut,
  checkSetting,
  countRows,
  type LossOut,
  type LossResult,
} from "./loss_arrays.ts";
import { reduceTerms, type ReductionOptions } from "./reduction.ts";

/** Settings of the losses of the IoU family. */
export interface BoxLossSettings {
  /** What is added to every divisor, from 0; 1e-7 where it is not given, as in torchvision. */
  readonly epsilon?: number;
}

/** Options of the reduced losses of the IoU family. */
export interface BoxLossOptions extends BoxLossSettings, Omit<ReductionOptions, "columns"> {}

/** A loss of one pair of boxes: returns it and writes its derivatives by the predicted corners. */
export type BoxLossFunction = (pair: BoxPair, epsilon: number, slope: PerCorner) => number;

const EPSILON = 1e-7;

/**
 * Writes the losses of all pairs and their derivatives into `out`; returns the sum of losses.
 * Everything is checked before anything is written.
 *
 * @throws {RangeError} If lengths do not fit, a box is out of order or not finite, or epsilon is
 * negative.
 */
export function evaluateBoxesInto(
  lossOf: BoxLossFunction,
  predicted: ArrayLike<number>,
  target: ArrayLike<number>,
  settings: BoxLossSettings,
  out: LossOut,
): number {
  const { epsilon = EPSILON } = settings;
  checkSetting("epsilon", epsilon, 0);
  const rows = countRows(predicted.length, 4);
  checkLength("the list of target boxes", target.length, predicted.length);
  checkOut(out, rows, predicted.length);
  checkBoxes("predicted box", predicted);
  checkBoxes("target box", target);
  const { loss = null, gradient = null } = out;
  const pair = new BoxPair();
  const slope: PerCorner = [0, 0, 0, 0];
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    pair.load(predicted, target, row);
    const value = lossOf(pair, epsilon, slope);
    sum += value;
    if (loss !== null) loss[row] = value;
    if (gradient !== null) gradient.set(slope, 4 * row);
  }
  return sum;
}

/** The same with arrays of its own, reduced over rows. */
export function evaluateBoxes(
  lossOf: BoxLossFunction,
  predicted: ArrayLike<number>,
  target: ArrayLike<number>,
  options: BoxLossOptions,
): LossResult {
  const terms = {
    loss: new Float64Array(countRows(predicted.length, 4)),
    gradient: new Float64Array(predicted.length),
  };
  evaluateBoxesInto(lossOf, predicted, target, options, terms);
  return reduceTerms(terms, options);
}
