import { createHash } from "node:crypto";
import type { LedgerEntry, LedgerEvent } from "./ledger_event.ts";

/** What the first line has in place of the hash of the line before. */
export const CHAIN_START = "0".repeat(64);

/** Where a chain ends. */
export interface ChainEnd {
  /** Number of its last line; 0 where there is none. */
  readonly lines: number;
  /** Hash of its last line. */
  readonly hash: string;
}

/** Something that is wrong with a ledger. */
export interface LedgerFault {
  /** Number of the line, from 1; one behind the last for a line that is missing. */
  readonly line: number;
  /** What is wrong, in words. */
  readonly why: string;
}

/** A ledger as it was found. */
export interface ChainReading {
  /** The lines up to the first fault. */
  readonly entries: readonly LedgerEntry[];
  /** Where they end. */
  readonly end: ChainEnd;
  /** Their length in bytes. */
  readonly bytes: number;
  /** The first fault; `null` where there is none. */
  readonly fault: LedgerFault | null;
  /** Bytes of a last line that was cut short while it was written; 0 where there is none. */
  readonly tornBytes: number;
}

/** Writes one line of a ledger. */
export function formatEntry(
  event: LedgerEvent,
  end: ChainEnd,
  at: string,
): { readonly entry: LedgerEntry; readonly text: string } {
  const content = { line: end.lines + 1, at, event, previous: end.hash };
  const body = JSON.stringify(content).slice(0, -1);
  const hash = sha256(body);
  return { entry: { ...content, hash }, text: `${body},"hash":"${hash}"}\n` };
}

/**
 * Reads a ledger and checks its chain: every line says its number and the hash of the line before,
 * and its own hash covers all of that. What comes behind the last line break was cut short by a
 * crash and counts as not written.
 */
export function readChain(bytes: Uint8Array): ChainReading {
  const entries: LedgerEntry[] = [];
  let end: ChainEnd = { lines: 0, hash: CHAIN_START };
  let at = 0;
  for (;;) {
    const stop = bytes.indexOf(0x0a, at);
    if (stop === -1) {
      return { entries, end, bytes: at, fault: null, tornBytes: bytes.length - at };
    }
    const read = readEntry(bytes.subarray(at, stop), end);
    if (typeof read === "string") {
      const fault = { line: end.lines + 1, why: read };
      return { entries, end, bytes: at, fault, tornBytes: 0 };
    }
    entries.push(read);
    end = { lines: read.line, hash: read.hash };
    at = stop + 1;
  }
}

const HASH = /,"hash":"([0-9a-f]{64})"\}$/;

function readEntry(line: Uint8Array, end: ChainEnd): LedgerEntry | string {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(line);
  } catch {
    return "it is not UTF-8 text";
  }
  const hash = HASH.exec(text)?.[1];
  if (hash === undefined) return "it is no entry of a ledger";
  if (sha256(text.replace(HASH, "")) !== hash) return "its hash does not fit its text";
  // Whoever can make the hash fit can write anything: the shape is what this version wrote.
  const entry = JSON.parse(text) as LedgerEntry;
  if (entry.previous !== end.hash) return "it does not continue the line before";
  if (entry.line !== end.lines + 1) return `it is line ${entry.line}`;
  return entry;
}

/** What is wrong about the end of a ledger, by what was noted about it; `null` where nothing is. */
export function checkEnd(
  { entries, end }: ChainReading,
  noted: ChainEnd,
): LedgerFault | null {
  if (noted.lines === 0) return null;
  if (noted.lines > end.lines) {
    const missing = noted.lines - end.lines;
    return { line: end.lines + 1, why: `${missing} lines that were written are missing` };
  }
  if (entries[noted.lines - 1]!.hash === noted.hash) return null;
  return { line: noted.lines, why: "it is not the line that was written" };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
