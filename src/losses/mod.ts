/**
 * Losses of detection and segmentation, each with its analytic gradient, in float64 or into the
 * caller's float32 arrays. Finite for every finite logit. The conventions of three libraries have
 * names, see {@linkcode FOCAL_CONVENTIONS}.
 *
 * Functions ending in `Into` write into the caller's arrays and allocate none; the others reduce,
 * and give back a {@linkcode LossResult}.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { sigmoidFocal } from "@fovea/fovea/losses";
 *
 * const { value } = sigmoidFocal([0.8, -1.5, 0.1], [1, 0, 1], { gamma: 1.5 });
 * assertAlmostEquals(value, 0.080528, 1e-6);
 * ```
 *
 * @module
 */

// Scores
export { logSigmoid, sigmoid, softplus } from "./log_sigmoid.ts";
export { jointLogit } from "./joint_logit.ts";
export { binaryCrossEntropy, binaryCrossEntropyInto } from "./binary_cross_entropy.ts";
export type { BinaryCrossEntropyWeights } from "./binary_cross_entropy.ts";
export { focalOfProbability, sigmoidFocal, sigmoidFocalInto } from "./sigmoid_focal.ts";
export type { SigmoidFocalOptions } from "./sigmoid_focal.ts";
export { FOCAL_CONVENTION_NAMES, FOCAL_CONVENTIONS, resolveAlpha } from "./focal_convention.ts";
export type { FocalConvention, FocalConventionName, FocalWeights } from "./focal_convention.ts";
export { softmaxFocal, softmaxFocalInto, type SoftmaxFocalWeights } from "./softmax_focal.ts";
export { qualityFocal, qualityFocalInto, type QualityFocalWeights } from "./quality_focal.ts";
export { varifocal, varifocalInto, type VarifocalWeights } from "./varifocal.ts";

// Boxes
export { iouLoss, iouLossInto } from "./iou_loss.ts";
export { giouLoss, giouLossInto } from "./giou_loss.ts";
export { diouLoss, diouLossInto } from "./diou_loss.ts";
export { ciouLoss, ciouLossInto } from "./ciou_loss.ts";
export type { BoxLossOptions, BoxLossSettings } from "./box_loss.ts";

// Masks
export { dice, diceInto } from "./dice.ts";
export { tversky, tverskyInto, type TverskySettings } from "./tversky.ts";
export { focalTversky, focalTverskyInto, type FocalTverskySettings } from "./focal_tversky.ts";
export type { OverlapOptions, OverlapSettings } from "./overlap_loss.ts";

// Detectors
export { detectorLossInto } from "./detector_loss.ts";
export type {
  BoxLossName,
  ClassLoss,
  DetectorLossInput,
  DetectorLossOut,
  DetectorLossSettings,
  DetectorLossValue,
} from "./detector_loss.ts";

// What all of them share
export { type Reduction, type ReductionOptions, REDUCTIONS } from "./reduction.ts";
export type { LossArray, LossOut, LossResult } from "./loss_arrays.ts";
