import type { Camera } from "../../core/ports.ts";
import type { LabelSource } from "../../monitor/monitor_options.ts";
import type { ScoredBox } from "../../monitor/target_box.ts";
import type { FrameTargets } from "../../monitor/target_box.ts";
import type { LabelOrigin } from "../../refine/gate_evidence.ts";

/** Frames to learn from, to keep, or to judge by. */
export interface FrameSet {
  /** Where they come from, without passwords. */
  readonly source: string;
  /** How many there are, for progress. */
  readonly frames: number;
  /** Opens them; the caller disposes the camera. */
  open(): Promise<Camera>;
  /** What they hold, by the camera's `seq`; `null` for what the detector itself is sure of. */
  readonly labels: LabelSource | null;
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
export function ownTargets(found: readonly ScoredBox[]): FrameTargets {
  return {
    targets: found.filter(({ score }) => score >= SURE_SCORE)
      .map(({ classIndex, xyxyPx }) => ({ classIndex, xyxyPx })),
    ignored: found.filter(({ score }) => score < SURE_SCORE && score >= UNSURE_SCORE)
      .map(({ xyxyPx }) => xyxyPx),
  };
}
