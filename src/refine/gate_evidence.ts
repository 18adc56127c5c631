import type { FrameOutcome } from "./frame_outcome.ts";

/** Who says what a frame holds; only the word of operators can make a head served. */
export type LabelOrigin = "operator" | "teacher" | "consensus" | "own";

/** Frames that nothing was learnt from, and what the old and the new head make of them. */
export interface HoldOut {
  /** Whose labels the outcomes go by. */
  readonly labels: LabelOrigin;
  /** Under the head that is served, one entry a frame. */
  readonly before: readonly FrameOutcome[];
  /** Under the head that is proposed, the same frames in the same order. */
  readonly after: readonly FrameOutcome[];
}

/** Everything a head is judged by. */
export interface GateEvidence {
  /** Frames of the condition that the head learnt, taken later; `null` where there are none. */
  readonly drifted: HoldOut | null;
  /** Frames of the same camera as it was before; `null` where there are none. */
  readonly clean: HoldOut | null;
  /** Pictures of all kinds; `null` where there are none. */
  readonly bank: HoldOut | null;
}

/** One question that was asked about a head. */
export interface GateCheck {
  /** What was compared. */
  readonly what:
    | "drifted frames"
    | "drifted loss"
    | "drifted chance"
    | "drifted F1"
    | "drifted labels"
    | "clean loss"
    | "bank F1";
  /** The class it is about; `null` for all of them together. */
  readonly className: string | null;
  /** The figure under the served head; `null` where there is no such figure. */
  readonly before: number | null;
  /** The figure under the proposed head, or the figure itself where there is one only. */
  readonly after: number | null;
  /** What `after` was compared with; it must not lie beyond. */
  readonly limit: number;
  /** Whether it held; `null` where the evidence does not tell. */
  readonly holds: boolean | null;
  /** One sentence without a period. */
  readonly why: string;
}

/** What becomes of a head: served, kept for an operator to decide, or dropped. */
export type GateStatus = "accepted" | "proposal" | "rejected";

/** A decision with its reasons. Plain data. */
export interface GateDecision {
  /** What becomes of the head. */
  readonly status: GateStatus;
  /**
   * Whether the head makes the detector good enough on the drifted hold-out; `null` where nobody
   * trusted labelled it.
   */
  readonly repaired: boolean | null;
  /** Every check. */
  readonly checks: readonly GateCheck[];
  /** The reasons in words, without a period. */
  readonly why: readonly string[];
}

/** A part of the way from the served head to the trained one, judged. */
export interface JudgedStep {
  /** How far it goes, above 0 to 1. */
  readonly tau: number;
  /** What the gate says about it. */
  readonly decision: GateDecision;
}
