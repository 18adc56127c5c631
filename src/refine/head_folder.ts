import { FoveaError } from "../core/errors.ts";
import type { HeadWeights } from "../core/head_weights.ts";
import { readHeadAt } from "../storage/read_head.ts";
import {
  type HeadSummary,
  modelOf,
  type ServedVersion,
  servedVersions,
  summariseHeads,
} from "./head_history.ts";
import { ledgerPath, verifyLedger } from "./ledger.ts";
import type { LedgerFault } from "./ledger_chain.ts";
import type { LedgerEntry } from "./ledger_event.ts";

/** The path of a version's file. */
export function versionPath(folder: string, version: number): string {
  return `${folder}/versions/${version}.head`;
}

/** The head that a folder serves. */
export interface ServedHead {
  /** Its version; 0 for the head in the model file. */
  readonly version: number;
  /** The head; `null` for the one in the model file. */
  readonly head: HeadWeights | null;
  /** Versions that should have been served and are damaged, in words, the newest first. */
  readonly damage: readonly string[];
}

/**
 * A folder of heads, read without locking it or changing anything.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { HeadStore, readHeadFolder } from "@fovea/fovea/refine";
 *
 * const folder = await Deno.makeTempDir();
 * {
 *   await using _store = await HeadStore.open(folder, { model: "0".repeat(64) });
 * }
 * const heads = await readHeadFolder(folder);
 * assertEquals([heads.served.version, heads.list().length, heads.fault], [0, 0, null]);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export class HeadFolder {
  /** SHA-256 of the model that the heads belong to. */
  readonly model: string;

  /** Looks at what a ledger says. @throws {FoveaError} `STATE_INVALID` if it names no model. */
  constructor(
    /** The folder. */
    readonly folder: string,
    /** What happened, oldest first. */
    readonly entries: readonly LedgerEntry[],
    /** What is wrong with the ledger; `null` where nothing is. */
    readonly fault: LedgerFault | null = null,
  ) {
    const model = modelOf(entries);
    if (model === null) {
      throw new FoveaError("STATE_INVALID", `Cannot read ${folder}: it holds no ledger of heads`, {
        hint: "Give a folder that fovea refine wrote, or a head file",
      });
    }
    this.model = model;
  }

  /** The version that is served, as the ledger says. */
  get served(): ServedVersion {
    return servedVersions(this.entries).at(-1)!;
  }

  /** Every version that was kept, oldest first. */
  list(): HeadSummary[] {
    return summariseHeads(this.entries);
  }

  /**
   * Reads a version and checks that it is the one that was judged.
   *
   * @throws {FoveaError} `USAGE` if there is no such version, `HEAD_INVALID` if its file is missing,
   * damaged or another one.
   */
  async read(version: number): Promise<HeadWeights> {
    const summary = this.list().find((one) => one.version === version);
    if (summary === undefined) {
      const kept = this.list().map((one) => one.version);
      throw new FoveaError("USAGE", `Cannot find version ${version} in ${this.folder}`, {
        hint: kept.length === 0 ? "It keeps none yet" : `It keeps ${kept.join(", ")}`,
      });
    }
    const path = versionPath(this.folder, version);
    const head = await readHeadAt(path, () => "Put the file back, or promote another version");
    if (head.hash === summary.head && head.model === this.model) return head;
    throw new FoveaError("HEAD_INVALID", `Cannot use ${path}: it is not the head that was judged`, {
      hint: "Put the file back, or promote another version",
    });
  }

  /**
   * The head that is served. Where its file is damaged, the one that was served before takes its
   * place, and so on down to the head in the model file.
   *
   * @param model SHA-256 of the model that is to serve it.
   * @throws {FoveaError} `HEAD_MISMATCH` if the heads belong to another model.
   */
  async current(model: string = this.model): Promise<ServedHead> {
    checkHeadModel(this.folder, this.model, model);
    const damage: string[] = [];
    for (const { version } of servedVersions(this.entries).toReversed()) {
      if (version === 0) return { version, head: null, damage };
      try {
        return { version, head: await this.read(version), damage };
      } catch (error) {
        if (!(error instanceof FoveaError)) throw error;
        damage.push(`version ${version} cannot be served: ${error.message}`);
      }
    }
    return { version: 0, head: null, damage };
  }
}

/**
 * Reads a folder of heads.
 *
 * @throws {FoveaError} `STATE_INVALID` if it is none.
 */
export async function readHeadFolder(folder: string): Promise<HeadFolder> {
  const { entries, fault } = await verifyLedger(folder);
  return new HeadFolder(folder, entries, fault);
}

/** Whether a path is a folder of heads, and not a head file. */
export async function isHeadFolder(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(ledgerPath(path))).isFile;
  } catch {
    return false;
  }
}

/** Refuses heads of another model. @throws {FoveaError} `HEAD_MISMATCH`. */
export function checkHeadModel(what: string, has: string, wanted: string): void {
  if (has === wanted) return;
  throw new FoveaError(
    "HEAD_MISMATCH",
    `Cannot use ${what}: its heads were made for the model with SHA-256 ${has}, this one has ${wanted}`,
    { hint: "Give the model that the heads were made from, or another folder" },
  );
}
