import type { GateStatus } from "./gate_evidence.ts";
import type { JudgedEvent, LedgerEntry } from "./ledger_event.ts";

/** A version and its head. */
export interface ServedVersion {
  /** Version; 0 is the head in the model file. */
  readonly version: number;
  /** Hash of the head; `null` for the one in the model file. */
  readonly head: string | null;
}

/** A version that was kept, as its ledger tells of it. */
export interface HeadSummary {
  /** Version, from 1. */
  readonly version: number;
  /** Hash of the head. */
  readonly head: string;
  /** What the gate decided. */
  readonly status: GateStatus;
  /** When it was judged, ISO 8601. */
  readonly at: string;
  /** Everything about it. */
  readonly judged: JudgedEvent;
  /** Whether it is served now. */
  readonly isServed: boolean;
}

/**
 * The versions that were served one after the other and that a rollback goes back to, the one that
 * is served now last. It begins with the head in the model file.
 */
export function servedVersions(entries: readonly LedgerEntry[]): ServedVersion[] {
  const chain: ServedVersion[] = [{ version: 0, head: null }];
  for (const { event } of entries) {
    if (event.kind === "promoted") chain.push({ version: event.version, head: event.head });
    if (event.kind === "rolled-back" && chain.length > 1) chain.pop();
  }
  return chain;
}

/** Every version that was kept, oldest first. */
export function summariseHeads(entries: readonly LedgerEntry[]): HeadSummary[] {
  const served = servedVersions(entries).at(-1)!;
  return entries.flatMap(({ at, event }) => {
    if (event.kind !== "judged" || event.version === null) return [];
    const { version, head, decision: { status } } = event;
    return [{ version, head, status, at, judged: event, isServed: served.version === version }];
  });
}

/** SHA-256 of the model that a ledger's heads belong to; `null` where it does not say. */
export function modelOf(entries: readonly LedgerEntry[]): string | null {
  const first = entries[0]?.event;
  return first?.kind === "created" ? first.model : null;
}
