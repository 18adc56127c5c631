import { boxIou } from "../core/box_overlap.ts";
import type { Xyxy } from "../core/xyxy.ts";

/** An object that should be found: from a label, a teacher, or a track. */
export interface TargetBox {
  /** Index into the detector's class names. */
  readonly classIndex: number;
  /** Corners in source pixels. */
  readonly xyxyPx: Xyxy;
}

/** Something the detector says, down to weak scores. */
export interface ScoredBox extends TargetBox {
  /** Probability in 0–1. */
  readonly score: number;
}

/** Whether a score is a number: detections with another one count for nothing. */
export function hasScore({ score }: { readonly score: number }): boolean {
  return Number.isFinite(score);
}

/** What a frame should hold, as far as somebody knows. */
export interface FrameTargets {
  /** Objects that should be found. */
  readonly targets: readonly TargetBox[];
  /** Places about which nothing is claimed: what is found or missed there counts for nothing. */
  readonly ignored: readonly Xyxy[];
}

/** Whether a box lies on one of `others` by more than `iou`. */
export function overlapsAny(box: Xyxy, others: readonly Xyxy[], iou: number): boolean {
  return others.some((other) => boxIou(box, 0, other, 0) > iou);
}
