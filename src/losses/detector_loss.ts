import {
  BinaryCrossEntropyElement,
  type BinaryCrossEntropyWeights,
} from "./binary_cross_entropy.ts";
import { BoxPair, checkBox, type PerCorner } from "./box_pair.ts";
import type { BoxLossFunction } from "./box_loss.ts";
import { ciouLossOf } from "./ciou_loss.ts";
import { diouLossOf } from "./diou_loss.ts";
import type { ElementLoss } from "./element_loss.ts";
import type { FocalWeights } from "./focal_convention.ts";
import { giouLossOf } from "./giou_loss.ts";
import { iouLossOf } from "./iou_loss.ts";
import {
  checkFinite,
  checkLength,
  checkSetting,
  checkShares,
  countRows,
  type LossArray,
} from "./loss_arrays.ts";
import { QualityFocalElement, type QualityFocalWeights } from "./quality_focal.ts";
import { SigmoidFocalElement } from "./sigmoid_focal.ts";
import { VarifocalElement, type VarifocalWeights } from "./varifocal.ts";

/** Which loss scores get, with its settings. */
export type ClassLoss =
  | { readonly kind: "binary-cross-entropy" } & BinaryCrossEntropyWeights
  | { readonly kind: "sigmoid-focal" } & FocalWeights
  | { readonly kind: "quality-focal" } & QualityFocalWeights
  | { readonly kind: "varifocal" } & VarifocalWeights;

/** Which loss boxes get. */
export type BoxLossName = "iou" | "giou" | "diou" | "ciou";

/** What a detector put out for `n` anchor points, and what an assigner wants of them. */
export interface DetectorLossInput {
  /** Raw scores, `[n, classes]`. */
  readonly logits: ArrayLike<number>;
  /** Wanted scores, `[n, classes]`, within 0–1; an anchor with none above 0 is background. */
  readonly classTargets: ArrayLike<number>;
  /** Predicted boxes, `[n, 4]`, `x1 y1 x2 y2`. */
  readonly boxes: ArrayLike<number>;
  /** Wanted boxes, `[n, 4]`, same space; those of background anchors are not read. */
  readonly targetBoxes: ArrayLike<number>;
  /** How much each anchor counts, `[n]`, 0–1; 0 ignores it. All 1 where it is not given. */
  readonly anchorWeights?: ArrayLike<number>;
}

/** Settings of {@linkcode detectorLossInto}. */
export interface DetectorLossSettings {
  /** Number of classes. */
  readonly classes: number;
  /** Loss of scores; sigmoid focal with gamma 1.5 and alpha 0.25 where it is not given. */
  readonly classLoss?: ClassLoss;
  /** Loss of boxes; `ciou` where it is not given. */
  readonly boxLoss?: BoxLossName;
  /** What the class loss is multiplied with, from 0; 0.5 where it is not given. */
  readonly classGain?: number;
  /** What the box loss is multiplied with, from 0; 7.5 where it is not given. */
  readonly boxGain?: number;
  /** What both sums are divided by, above 0; the sum of targets, at least 1, otherwise. */
  readonly normaliser?: number;
}

/** Where derivatives of the total go; what is absent or `null` is not written. */
export interface DetectorLossOut {
  /** Derivatives by the logits, `[n, classes]`. */
  readonly logitGradient?: LossArray | null;
  /** Derivatives by the predicted boxes, `[n, 4]`; 0 for background anchors. */
  readonly boxGradient?: LossArray | null;
}

/** The composite loss and what it is made of. */
export interface DetectorLossValue {
  /** `classGain * classLoss + boxGain * boxLoss`. */
  readonly total: number;
  /** Sum of class losses over the normaliser, in nats. */
  readonly classLoss: number;
  /** Sum of weighted box losses over the normaliser. */
  readonly boxLoss: number;
  /** Anchors with a target above 0 that are not ignored. */
  readonly positives: number;
  /** What both sums were divided by. */
  readonly normaliser: number;
}

const BOX_LOSSES: Readonly<Record<BoxLossName, BoxLossFunction>> = {
  iou: iouLossOf,
  giou: giouLossOf,
  diou: diouLossOf,
  ciou: ciouLossOf,
};
const EPSILON = 1e-7;

/**
 * Computes the composite loss of a detector, and its derivatives by scores and boxes:
 * `classGain * sum(w class) / m + boxGain * sum(w t box) / m`, over all anchors for classes and over
 * anchors with a target for boxes, where `w` is the anchor's weight, `t` the sum of its targets, and
 * `m = max(sum(w t), 1)`. Weighting and defaults of the gains are those of Ultralytics'
 * `v8DetectionLoss` without its distribution focal loss; an IoU as target makes `quality-focal` or
 * `varifocal` of it, a one-hot target plain focal loss.
 *
 * @param input Scores, boxes and their targets.
 * @param settings Which losses, and how they are weighed.
 * @param out Receives derivatives of the total.
 * @throws {RangeError} If lengths do not fit, a value is out of range, or a box of an anchor with a
 * target is out of order. Nothing is written then.
 *
 * @example Two anchors, one of them with an object
 * ```ts
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 * import { detectorLossInto } from "@fovea/fovea/losses";
 *
 * const boxGradient = new Float64Array(8);
 * const loss = detectorLossInto(
 *   {
 *     logits: [0.8, -1.5],
 *     classTargets: [1, 0],
 *     boxes: [0, 0, 10, 10, 0, 0, 4, 4],
 *     targetBoxes: [0, 0, 10, 10, 0, 0, 0, 0],
 *   },
 *   { classes: 1 },
 *   { boxGradient },
 * );
 * assertEquals(loss.positives, 1);
 * assertAlmostEquals(loss.classLoss, 0.027785, 1e-6);
 * assertAlmostEquals(loss.boxLoss, 0, 1e-8);
 * assertEquals([...boxGradient.subarray(4)], [0, 0, 0, 0]);
 * ```
 */
export function detectorLossInto(
  input: DetectorLossInput,
  settings: DetectorLossSettings,
  out: DetectorLossOut,
): DetectorLossValue {
  const { classes, classGain = 0.5, boxGain = 7.5 } = settings;
  const element = makeElement(settings.classLoss);
  const lossOf = findBoxLoss(settings.boxLoss);
  const anchors = checkInput(input, classes, out);
  checkSetting("classGain", classGain, 0);
  checkSetting("boxGain", boxGain, 0);
  const { positives, mass } = weighTargets(input, classes, anchors);
  const normaliser = settings.normaliser ?? Math.max(mass, 1);
  checkSetting("normaliser", normaliser, Number.MIN_VALUE);
  const classLoss = sumClasses(element, input, classes, classGain / normaliser, out) / normaliser;
  const boxLoss = sumBoxes(lossOf, input, classes, boxGain / normaliser, out) / normaliser;
  const total = classGain * classLoss + boxGain * boxLoss;
  return { total, classLoss, boxLoss, positives, normaliser };
}

function makeElement(
  choice: ClassLoss = { kind: "sigmoid-focal", gamma: 1.5, alpha: 0.25 },
): ElementLoss {
  switch (choice.kind) {
    case "binary-cross-entropy":
      return new BinaryCrossEntropyElement(choice);
    case "sigmoid-focal":
      return new SigmoidFocalElement(choice);
    case "quality-focal":
      return new QualityFocalElement(choice);
    case "varifocal":
      return new VarifocalElement(choice);
    default:
      throw new RangeError(`Cannot compute a class loss of kind ${JSON.stringify(choice)}`);
  }
}

function findBoxLoss(name: BoxLossName = "ciou"): BoxLossFunction {
  const found = BOX_LOSSES[name];
  if (found === undefined) throw new RangeError(`Cannot compute a box loss named "${name}"`);
  return found;
}

/** Checks everything, and returns the number of anchors. */
function checkInput(input: DetectorLossInput, classes: number, out: DetectorLossOut): number {
  const { logits, classTargets, boxes, targetBoxes, anchorWeights } = input;
  const anchors = countRows(logits.length, classes);
  checkLength("the list of class targets", classTargets.length, logits.length);
  checkLength("the list of boxes", boxes.length, 4 * anchors);
  checkLength("the list of target boxes", targetBoxes.length, 4 * anchors);
  if (anchorWeights !== undefined) {
    checkLength("the list of anchor weights", anchorWeights.length, anchors);
    checkShares("anchor weight", anchorWeights);
  }
  const { logitGradient, boxGradient } = out;
  if (logitGradient) checkLength("the gradient of logits", logitGradient.length, logits.length);
  if (boxGradient) checkLength("the gradient of boxes", boxGradient.length, boxes.length);
  checkFinite("logit", logits);
  checkShares("class target", classTargets);
  for (let anchor = 0; anchor < anchors; anchor++) {
    if (targetOf(input, classes, anchor) === 0) continue;
    checkBox("box", boxes, anchor);
    checkBox("target box", targetBoxes, anchor);
  }
  return anchors;
}

/** The sum of an anchor's targets times its weight. */
function targetOf(input: DetectorLossInput, classes: number, anchor: number): number {
  const { classTargets, anchorWeights } = input;
  let sum = 0;
  for (let i = anchor * classes; i < (anchor + 1) * classes; i++) sum += classTargets[i]!;
  return sum * (anchorWeights === undefined ? 1 : anchorWeights[anchor]!);
}

function weighTargets(
  input: DetectorLossInput,
  classes: number,
  anchors: number,
): { positives: number; mass: number } {
  let positives = 0;
  let mass = 0;
  for (let anchor = 0; anchor < anchors; anchor++) {
    const target = targetOf(input, classes, anchor);
    if (target > 0) positives++;
    mass += target;
  }
  return { positives, mass };
}

function sumClasses(
  element: ElementLoss,
  input: DetectorLossInput,
  classes: number,
  scale: number,
  out: DetectorLossOut,
): number {
  const { logits, classTargets, anchorWeights } = input;
  const { logitGradient = null } = out;
  let sum = 0;
  for (let first = 0, anchor = 0; first < logits.length; first += classes, anchor++) {
    const weight = anchorWeights === undefined ? 1 : anchorWeights[anchor]!;
    for (let i = first; i < first + classes; i++) {
      element.evaluate(logits[i]!, classTargets[i]!);
      sum += weight * element.value;
      if (logitGradient !== null) logitGradient[i] = scale * weight * element.slope;
    }
  }
  return sum;
}

function sumBoxes(
  lossOf: BoxLossFunction,
  input: DetectorLossInput,
  classes: number,
  scale: number,
  out: DetectorLossOut,
): number {
  const { boxes, targetBoxes } = input;
  const { boxGradient = null } = out;
  const pair = new BoxPair();
  const slope: PerCorner = [0, 0, 0, 0];
  let sum = 0;
  for (let anchor = 0; anchor < boxes.length / 4; anchor++) {
    const weight = targetOf(input, classes, anchor);
    if (weight === 0) {
      boxGradient?.fill(0, 4 * anchor, 4 * anchor + 4);
      continue;
    }
    pair.load(boxes, targetBoxes, anchor);
    sum += weight * lossOf(pair, EPSILON, slope);
    if (boxGradient === null) continue;
    for (let i = 0; i < 4; i++) boxGradient[4 * anchor + i] = scale * weight * slope[i]!;
  }
  return sum;
}
