import type { FoveaErrorCode } from "../../core/errors.ts";
import type { GateStatus } from "../../refine/gate_evidence.ts";

/** Something that happened while a running detector was refined; plain data. */
export type RefineEvent =
  | {
    /** A head was trained and judged. */
    readonly kind: "refined";
    /** The frame it happened at. */
    readonly seq: number;
    /** What the gate decided. */
    readonly status: GateStatus;
    /** Whether the detector is good now; `null` where nobody trusted says so. */
    readonly repaired: boolean | null;
    /** Version that it is kept as; `null` where it was rejected. */
    readonly version: number | null;
    /** How far it goes from the served to the trained head, 0–1. */
    readonly tau: number;
    /** The reasons. */
    readonly why: readonly string[];
  }
  | {
    /** Another head is served. */
    readonly kind: "head-served";
    readonly seq: number;
    /** Version that was served before. */
    readonly from: number;
    /** Version that is served now. */
    readonly version: number;
    /** What changing over took, in milliseconds. */
    readonly swapMs: number;
  }
  | {
    /** A head was taken back: the live loss rose. */
    readonly kind: "head-taken-back";
    readonly seq: number;
    /** Version that was served before. */
    readonly from: number;
    /** Version that is served now. */
    readonly version: number;
    readonly swapMs: number;
    /** Why. */
    readonly why: string;
  }
  | {
    /** A refinement failed; the head that was served is served. */
    readonly kind: "refine-failed";
    readonly seq: number;
    readonly code: FoveaErrorCode;
    readonly message: string;
  };
