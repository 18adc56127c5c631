import type { Camera } from "../../core/ports.ts";
import type { FrameTap } from "../../core/tap.ts";
import type { FrameTargets, ScoredBox } from "../../monitor/target_box.ts";
import type { LabelOrigin } from "../../refine/gate_evidence.ts";

/** Width and height of a picture in pixels. */
export interface PictureSize {
  /** Width. */
  readonly width: number;
  /** Height. */
  readonly height: number;
}

/** What a frame holds, by the camera's `seq`; `undefined` where it is not labelled. */
export type FrameLabeller = (seq: number, size: PictureSize) => FrameTargets | undefined;

/** Frames to learn from, to keep, or to judge by. */
export interface FrameSet {
  /** Where they come from, without passwords. */
  readonly source: string;
  /** How many there are, for progress. */
  readonly frames: number;
  /** Opens them, the caller disposes the camera; or all of their rows, where they were tapped already. */
  readonly open: (() => Promise<Camera>) | readonly FrameTap[];
  /** What they hold; `null` for what the detector itself is sure of. */
  readonly labels: FrameLabeller | null;
  /** Who labelled them. */
  readonly labelledBy: LabelOrigin;
  /** Classes that were looked for while labelling, by index; `null` for all. */
  readonly judged: ReadonlySet<number> | null;
}

/** Score from which the detector's own word counts as a label. */
const SURE_SCORE = 0.4;
/** Score from which it is not sure that there is nothing. */
const UNSURE_SCORE = 0.1;

/** What a detector itself is sure of: weaker detections are places about which nothing is claimed. */
function ownTargets(found: readonly ScoredBox[]): FrameTargets {
  return {
    targets: found.filter(({ score }) => score >= SURE_SCORE)
      .map(({ classIndex, xyxyPx }) => ({ classIndex, xyxyPx })),
    ignored: found.filter(({ score }) => score < SURE_SCORE && score >= UNSURE_SCORE)
      .map(({ xyxyPx }) => xyxyPx),
  };
}

/** What a frame of a set holds. */
export function targetsOf(
  { labels }: FrameSet,
  { seq, letterbox: { sourceWidth: width, sourceHeight: height } }: FrameTap,
  found: readonly ScoredBox[],
): FrameTargets | undefined {
  return labels === null ? ownTargets(found) : labels(seq, { width, height });
}
