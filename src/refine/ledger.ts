import * as v from "valibot";
import { FoveaError } from "../core/errors.ts";
import { readTextIfThere, writeWholeFile } from "../storage/write_whole_file.ts";
import {
  type ChainEnd,
  type ChainReading,
  checkEnd,
  formatEntry,
  type LedgerFault,
  readChain,
} from "./ledger_chain.ts";
import type { LedgerEntry, LedgerEvent } from "./ledger_event.ts";

const LEDGER = "ledger.ndjson";
const END = "ledger.end.json";

/** The path of a folder's ledger. */
export function ledgerPath(folder: string): string {
  return `${folder}/${LEDGER}`;
}

/** Longest ledger that is read: some ten thousand decisions. */
const BYTES_MAX = 2 ** 27;

const endSchema = v.strictObject({
  lines: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  hash: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
});

/** What {@linkcode verifyLedger} found. */
export interface LedgerReport {
  /** The lines that hold, in order. */
  readonly entries: readonly LedgerEntry[];
  /** What is wrong; `null` where nothing is. */
  readonly fault: LedgerFault | null;
  /** Whether a last line was cut short while it was written; opening the ledger mends that. */
  readonly torn: boolean;
}

/**
 * An append-only record of what was decided about heads: NDJSON in which every line carries the
 * hash of the line before. What was appended is on the disk when {@linkcode Ledger.append} resolves.
 *
 * Where the chain ends is noted in a file beside it, so that lines that were cut off at its end are
 * missed. Whoever can write both files can also write both anew: the chain shows mistakes and careless
 * edits, and a copy of its last hash kept elsewhere shows the rest.
 */
export class Ledger implements AsyncDisposable {
  readonly #folder: string;
  readonly #file: Deno.FsFile;
  readonly #now: () => Date;
  readonly #entries: LedgerEntry[];
  #end: ChainEnd;
  #bytes: number;
  #broken: FoveaError | null = null;

  private constructor(
    folder: string,
    file: Deno.FsFile,
    now: () => Date,
    reading: ChainReading,
    /** What was cut short and dropped when it was opened, in words; `null` where nothing was. */
    readonly mended: string | null,
  ) {
    this.#folder = folder;
    this.#file = file;
    this.#now = now;
    this.#entries = [...reading.entries];
    this.#end = reading.end;
    this.#bytes = reading.bytes;
  }

  /**
   * Opens the ledger of a folder, which must exist, or begins one. The caller sees to it that nobody
   * else writes there. A last line that was cut short by a crash is dropped.
   *
   * @throws {FoveaError} `STATE_INVALID` if lines were changed, moved or taken away; `SINK_OPEN`.
   */
  static async open(folder: string, now: () => Date): Promise<Ledger> {
    const { reading, fault } = await readLedger(folder);
    if (fault !== null) throw damaged(folder, fault);
    const path = ledgerPath(folder);
    let file: Deno.FsFile;
    try {
      file = await Deno.open(path, { read: true, write: true, create: true });
      if (reading.tornBytes > 0) await file.truncate(reading.bytes);
    } catch (cause) {
      throw FoveaError.from(cause, "SINK_OPEN", `Cannot open ${path}`);
    }
    const mended = reading.tornBytes > 0
      ? `the ledger's last line was cut short and is dropped, ${reading.tornBytes} bytes`
      : null;
    return new Ledger(folder, file, now, reading, mended);
  }

  /** All that happened, oldest first. */
  get entries(): readonly LedgerEntry[] {
    return this.#entries;
  }

  /** Where it ends; worth keeping elsewhere. */
  get end(): ChainEnd {
    return this.#end;
  }

  /**
   * Appends an event.
   *
   * @throws {FoveaError} `SINK_WRITE` if it cannot be written, for example on a full disk; the
   * ledger is then as it was.
   */
  async append(event: LedgerEvent): Promise<LedgerEntry> {
    if (this.#broken !== null) throw this.#broken;
    const { entry, text } = formatEntry(event, this.#end, this.#now().toISOString());
    const bytes = new TextEncoder().encode(text);
    try {
      await this.#file.seek(this.#bytes, Deno.SeekMode.Start);
      for (let at = 0; at < bytes.length;) at += await this.#file.write(bytes.subarray(at));
      await this.#file.sync();
    } catch (cause) {
      await this.#cutBack();
      throw this.#cannotWrite(cause);
    }
    this.#bytes += bytes.length;
    this.#end = { lines: entry.line, hash: entry.hash };
    this.#entries.push(entry);
    // The line counts already; a note that is behind misses nothing that was there before.
    await writeWholeFile(`${this.#folder}/${END}`, `${JSON.stringify(this.#end)}\n`).catch(ignore);
    return entry;
  }

  /** Drops what was half-written; if that fails too, nothing is written any more. */
  async #cutBack(): Promise<void> {
    try {
      await this.#file.truncate(this.#bytes);
      await this.#file.sync();
    } catch (cause) {
      this.#broken = this.#cannotWrite(cause);
    }
  }

  #cannotWrite(cause: unknown): FoveaError {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new FoveaError("SINK_WRITE", `Cannot write ${ledgerPath(this.#folder)}: ${reason}`, {
      cause,
      hint: "Free some space on its disk, or use a folder on another one",
    });
  }

  /** Closes the file. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#file.close();
    return Promise.resolve();
  }
}

/**
 * Checks the ledger of a folder without changing anything.
 *
 * @throws {FoveaError} `STATE_INVALID` if it cannot be read.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Ledger, verifyLedger } from "@fovea/fovea/refine";
 *
 * const folder = await Deno.makeTempDir();
 * {
 *   await using ledger = await Ledger.open(folder, () => new Date(0));
 *   await ledger.append({ kind: "created", model: "0".repeat(64) });
 * }
 * assertEquals((await verifyLedger(folder)).fault, null);
 * const path = `${folder}/ledger.ndjson`;
 * await Deno.writeTextFile(path, (await Deno.readTextFile(path)).replace("1970", "1971"));
 * assertEquals((await verifyLedger(folder)).fault?.line, 1);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function verifyLedger(folder: string): Promise<LedgerReport> {
  const { reading, fault } = await readLedger(folder);
  return { entries: reading.entries, fault, torn: reading.tornBytes > 0 };
}

async function readLedger(
  folder: string,
): Promise<{ readonly reading: ChainReading; readonly fault: LedgerFault | null }> {
  const reading = readChain(await readIfThere(ledgerPath(folder)));
  return { reading, fault: reading.fault ?? await faultOfEnd(folder, reading) };
}

async function readIfThere(path: string): Promise<Uint8Array> {
  try {
    const { size } = await Deno.stat(path);
    if (size > BYTES_MAX) throw new Error(`${size} bytes are too many for a ledger`);
    return await Deno.readFile(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return new Uint8Array(0);
    throw FoveaError.from(cause, "STATE_INVALID", `Cannot read ${path}`);
  }
}

/** What was noted about the ledger's end, checked; `null` where nothing is wrong with it. */
async function faultOfEnd(folder: string, reading: ChainReading): Promise<LedgerFault | null> {
  const text = await readTextIfThere(`${folder}/${END}`);
  const { lines } = reading.end;
  if (text === null) {
    // A crash may come between the first line and its note, and not later.
    return lines > 1 ? { line: lines, why: `${END}, which says where it ends, is missing` } : null;
  }
  try {
    return checkEnd(reading, v.parse(endSchema, JSON.parse(text)));
  } catch {
    return { line: lines, why: `${END}, which says where it ends, is damaged` };
  }
}

function damaged(folder: string, { line, why }: LedgerFault): FoveaError {
  return new FoveaError(
    "STATE_INVALID",
    `Cannot go on with ${ledgerPath(folder)}: line ${line}: ${why}`,
    { hint: "Put a copy back, or give the folder another name and begin a new one" },
  );
}

function ignore(): void {}
