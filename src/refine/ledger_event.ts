import type { GateDecision, LabelOrigin } from "./gate_evidence.ts";
import type { GateRules } from "./gate_rules.ts";
import type { TrainingRecipe } from "./training_recipe.ts";

/** A set of frames that a head was made or judged with. */
export interface EvidenceRecord {
  /** What it was for. */
  readonly role: "learnt" | "replayed" | "drifted" | "clean" | "bank";
  /** Where it comes from, without passwords. */
  readonly source: string;
  /** Who labelled it. */
  readonly labels: LabelOrigin;
  /** Number of frames. */
  readonly frames: number;
  /** Number of labelled objects in them. */
  readonly targets: number;
  /** Rows that were learnt from; 0 where none were. */
  readonly rows: number;
  /** SHA-256 over what was seen and what was said about it, lower-case hexadecimal. */
  readonly sha256: string;
}

/** A head that was trained and judged. */
export interface JudgedEvent {
  /** Tells it from other events. */
  readonly kind: "judged";
  /** Version under which the head is kept; `null` where it was rejected and is not kept. */
  readonly version: number | null;
  /** Hash of the judged head. */
  readonly head: string;
  /** Hash of the head that was served when it was judged, and that training began with. */
  readonly base: string;
  /** How far it goes from `base` to the trained head, 0–1. */
  readonly tau: number;
  /** What the gate said. */
  readonly decision: GateDecision;
  /** What it went by. */
  readonly rules: GateRules;
  /** What the head was made and judged with. */
  readonly evidence: readonly EvidenceRecord[];
  /** How it was trained. */
  readonly recipe: TrainingRecipe;
  /** What trained it. */
  readonly trainer: string;
  /** Names of the classes that learnt. */
  readonly classes: readonly string[];
}

/** Something that a ledger keeps. */
export type LedgerEvent =
  | {
    /** The store was made. */
    readonly kind: "created";
    /** SHA-256 of the model that its heads belong to. */
    readonly model: string;
  }
  | JudgedEvent
  | {
    /** Another version is served: the next one, or an earlier one after a `rolled-back`. */
    readonly kind: "promoted" | "rolled-back";
    /** The version that is served from now on; 0 is the head in the model file. */
    readonly version: number;
    /** Its hash; `null` for the head in the model file. */
    readonly head: string | null;
    /** The version that was served before. */
    readonly from: number;
    /** Who decided it: a person's name, or what decided in their place. */
    readonly who: string;
    /** Why, in words. */
    readonly why: string;
  }
  | {
    /** Something was found damaged. */
    readonly kind: "recovered";
    /** What was found and what was done. */
    readonly what: string;
  };

/** An event as it stands in a ledger. */
export interface LedgerEntry {
  /** Number of the line, from 1. */
  readonly line: number;
  /** When it was written, ISO 8601 in UTC. */
  readonly at: string;
  /** What happened. */
  readonly event: LedgerEvent;
  /** Hash of the line before; 64 zeros in the first one. */
  readonly previous: string;
  /** SHA-256 of all of the line before this field, lower-case hexadecimal. */
  readonly hash: string;
}
