import type { Agreement, AgreementRule } from "../evaluate/agreement.ts";
import type { TensorRtOptions } from "../engine/provider_options.ts";

/** How far a built engine may be from the model it was built from. */
export interface GateThresholds {
  /** Most of the reference's firm detections that may be lost, as a share. */
  readonly lostShareMax: number;
  /** Most of the engine's firm detections that may be new, as a share. */
  readonly newShareMax: number;
  /** Largest mean absolute difference of the scores of a pair. */
  readonly scoreDifferenceMax: number;
  /** Least mean intersection over union of a pair. */
  readonly meanIouMin: number;
}

/** Pictures that must be compared before an engine is judged. */
export const PICTURES_MIN = 8;
/** Firm detections of the reference that must be compared before an engine is judged. */
export const OBJECTS_MIN = 40;
/** Least intersection over union of a pair. */
const IOU_MIN = 0.5;
/** How far above the lowest score that is reported a detection is firm. */
const FIRM_MARGIN = 0.1;

/**
 * Measured with `tools/measure_agreement.ts` on 64 pictures of COCO and a clip, over parts of 40
 * detections, for YOLOv8n and YOLOX-nano (ONNX Runtime 1.30 on a processor; variants made with its
 * Python tools): rounded to float16 (AP −0.001) a part lost 0 % and gained 0 %, scores differed by
 * 0.0016 and boxes overlapped by 0.994 at worst. The bounds leave room for the other orders of
 * summation of a GPU, and two wavering detections in a part.
 */
const FLOAT_THRESHOLDS: GateThresholds = {
  lostShareMax: 0.05,
  newShareMax: 0.05,
  scoreDifferenceMax: 0.02,
  meanIouMin: 0.97,
};

/**
 * Measured likewise: convolutions of YOLOv8n in INT8, its last layers left out (AP 0.537 → 0.523),
 * lost 10 %, gained 3 %, differed by 0.068 and overlapped by 0.959 at worst; those of YOLOX-nano,
 * which came out bad (AP 0.409 → 0.198), lost 54 % and overlapped by 0.82 over all parts; everything
 * in INT8 lost all detections.
 */
const INT8_THRESHOLDS: GateThresholds = {
  lostShareMax: 0.15,
  newShareMax: 0.15,
  scoreDifferenceMax: 0.1,
  meanIouMin: 0.9,
};

/** How far an engine with these options may be from its model. */
export function gateThresholds({ int8 }: TensorRtOptions): GateThresholds {
  return int8 === true ? INT8_THRESHOLDS : FLOAT_THRESHOLDS;
}

/**
 * What is compared.
 *
 * @param confidence Lowest score that is reported, 0–1.
 */
export function gateRule(confidence: number): AgreementRule {
  return { iouMin: IOU_MIN, firmScore: Math.min(confidence + FIRM_MARGIN, (1 + confidence) / 2) };
}

/** Whether enough was seen to judge an engine. */
export function isEvidence({ pictures, referenceCount }: Agreement): boolean {
  return pictures >= PICTURES_MIN && referenceCount >= OBJECTS_MIN;
}

/** Why an engine must not serve, in words; `null` where it may. */
export function findFault(figures: Agreement, thresholds: GateThresholds): string | null {
  const { lostShare, newShare, scoreDifference, meanIou, referenceCount } = figures;
  const faults = [
    lostShare > thresholds.lostShareMax &&
    `it loses ${percent(lostShare)} of ${referenceCount} detections, ` +
      `at most ${percent(thresholds.lostShareMax)} may go`,
    newShare > thresholds.newShareMax &&
    `${percent(newShare)} of its detections are new, ` +
      `at most ${percent(thresholds.newShareMax)} may be`,
    scoreDifference > thresholds.scoreDifferenceMax &&
    `scores differ by ${scoreDifference.toFixed(3)} on average, ` +
      `at most ${thresholds.scoreDifferenceMax} is allowed`,
    meanIou < thresholds.meanIouMin &&
    `boxes overlap by ${meanIou.toFixed(3)} on average, ` +
      `at least ${thresholds.meanIouMin} is needed`,
  ].filter((fault) => fault !== false);
  return faults.length === 0 ? null : faults.join("; ");
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
