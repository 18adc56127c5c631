import { FoveaError } from "../core/errors.ts";
import { writeHead } from "../core/head_file.ts";
import type { HeadWeights } from "../core/head_weights.ts";
import { FolderLock } from "../storage/folder_lock.ts";
import { writeWholeFile } from "../storage/write_whole_file.ts";
import { checkHeadModel, HeadFolder, type ServedHead, versionPath } from "./head_folder.ts";
import { type HeadSummary, type ServedVersion, servedVersions } from "./head_history.ts";
import { Ledger } from "./ledger.ts";
import type { ChainEnd } from "./ledger_chain.ts";
import type { JudgedEvent } from "./ledger_event.ts";

/** Who decides about a version, and why. */
export interface HeadChoice {
  /** A person's name, or what decides in their place. */
  readonly who: string;
  /** Why, in words. */
  readonly why: string;
}

/** How a {@linkcode HeadStore} is opened. */
export interface HeadStoreOptions {
  /** SHA-256 of the model its heads belong to, lower-case hexadecimal. */
  readonly model: string;
  /** Where the time of entries comes from; the machine's clock by default. */
  readonly now?: () => Date;
}

/**
 * The heads of one model at one place, in a folder, opened for writing: every version that was
 * accepted or proposed, and a {@linkcode Ledger} that says which one is served and how that came
 * about. Version 0 is the head in the model file, which needs no file here.
 *
 * What the ledger says last is what is served, so that serving another version is one line that is
 * there or not. A version's file is on the disk before the ledger speaks of it, so what is served is
 * whole whenever the power goes.
 *
 * @example
 * ```ts
 * import { assertEquals, assertRejects } from "@std/assert";
 * import { HeadStore } from "@fovea/fovea/refine";
 *
 * const folder = await Deno.makeTempDir();
 * const model = "0".repeat(64);
 * {
 *   await using store = await HeadStore.open(folder, { model });
 *   await assertRejects(() => HeadStore.open(folder, { model }), Error, "another process has it");
 *   assertEquals(store.served.version, 0);
 * }
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export class HeadStore implements AsyncDisposable {
  readonly #lock: FolderLock;
  readonly #ledger: Ledger;
  /** Changes come one after the other. */
  #changing: Promise<unknown> = Promise.resolve();
  #closed = false;

  private constructor(
    /** The folder. */
    readonly folder: string,
    /** SHA-256 of the model its heads belong to. */
    readonly model: string,
    lock: FolderLock,
    ledger: Ledger,
  ) {
    this.#lock = lock;
    this.#ledger = ledger;
  }

  /**
   * Opens a store, or makes one.
   *
   * @throws {FoveaError} `STATE_LOCKED` if it is in use, `HEAD_MISMATCH` if it belongs to another
   * model, `STATE_INVALID` if its ledger was changed, `SINK_OPEN`, `SINK_WRITE`.
   */
  static async open(folder: string, options: HeadStoreOptions): Promise<HeadStore> {
    const { model, now = currentDate } = options;
    try {
      await Deno.mkdir(`${folder}/versions`, { recursive: true });
    } catch (cause) {
      throw FoveaError.from(cause, "SINK_OPEN", `Cannot make the folder ${folder}`);
    }
    await using stack = new AsyncDisposableStack();
    const lock = stack.use(await FolderLock.take(folder, "the heads in"));
    const ledger = stack.use(await Ledger.open(folder, now));
    if (ledger.entries.length === 0) await ledger.append({ kind: "created", model });
    checkHeadModel(folder, new HeadFolder(folder, ledger.entries).model, model);
    if (ledger.mended !== null) await ledger.append({ kind: "recovered", what: ledger.mended });
    stack.move();
    return new HeadStore(folder, model, lock, ledger);
  }

  /** What was found damaged and mended when it was opened, in words; `null` where nothing was. */
  get mended(): string | null {
    return this.#ledger.mended;
  }

  /** Where the ledger ends; kept elsewhere, it shows whether the ledger was written anew. */
  get end(): ChainEnd {
    return this.#ledger.end;
  }

  /** The version that is served, as the ledger says. */
  get served(): ServedVersion {
    return this.#view().served;
  }

  /** Every version that was kept, oldest first. */
  list(): HeadSummary[] {
    return this.#view().list();
  }

  /** See {@linkcode HeadFolder.read}. */
  async read(version: number): Promise<HeadWeights> {
    return await this.#view().read(version);
  }

  /**
   * The head that is served, see {@linkcode HeadFolder.current}; damage is noted in the ledger.
   *
   * @throws {FoveaError} `SINK_WRITE` if it cannot be noted.
   */
  async current(): Promise<ServedHead> {
    const served = await this.#view().current();
    for (const what of served.damage) {
      await this.#inTurn(() => this.#ledger.append({ kind: "recovered", what }));
    }
    return served;
  }

  /**
   * Keeps what the gate decided. An accepted or proposed head gets a version, which is not served
   * yet; of a rejected one only the figures are kept.
   *
   * @returns Its version; `null` for a rejected one.
   * @throws {FoveaError} `HEAD_MISMATCH` if the head belongs to another model, `SINK_OPEN` or
   * `SINK_WRITE`; nothing has changed then.
   */
  async keep(
    head: HeadWeights,
    judged: Omit<JudgedEvent, "kind" | "version" | "head">,
  ): Promise<number | null> {
    checkHeadModel("the head", head.model, this.model);
    return await this.#inTurn(async () => {
      const event = { kind: "judged", head: head.hash, ...judged } as const;
      if (judged.decision.status === "rejected") {
        await this.#ledger.append({ ...event, version: null });
        return null;
      }
      const version = 1 + this.list().reduce((most, one) => Math.max(most, one.version), 0);
      const path = versionPath(this.folder, version);
      await writeWholeFile(path, writeHead(head.withVersion(version)));
      try {
        await this.#ledger.append({ ...event, version });
      } catch (error) {
        await Deno.remove(path).catch(ignore);
        throw error;
      }
      return version;
    });
  }

  /**
   * Serves a version from now on.
   *
   * @returns Its head.
   * @throws {FoveaError} `USAGE` if there is no such version or it is served already,
   * `HEAD_INVALID` if its file is damaged, `SINK_WRITE`; what is served stays then.
   */
  async promote(version: number, { who, why }: HeadChoice): Promise<HeadWeights> {
    return await this.#inTurn(async () => {
      const { version: from } = this.served;
      if (from === version) {
        throw new FoveaError("USAGE", `Cannot promote version ${version}: it is served already`, {
          hint: "See which heads there are with fovea heads list",
        });
      }
      const head = await this.read(version);
      await this.#ledger.append({ kind: "promoted", version, head: head.hash, from, who, why });
      return head;
    });
  }

  /**
   * Goes back to the version that was served before.
   *
   * @returns That version, and its head, `null` for the one in the model file.
   * @throws {FoveaError} `USAGE` if none was served before, `HEAD_INVALID` if its file is damaged,
   * `SINK_WRITE`; what is served stays then.
   */
  async rollBack({ who, why }: HeadChoice): Promise<ServedHead> {
    return await this.#inTurn(async () => {
      const [to, from] = servedVersions(this.#ledger.entries).slice(-2);
      if (to === undefined || from === undefined) {
        throw new FoveaError("USAGE", "Cannot roll back: the head in the model file is served", {
          hint: "See which heads there are with fovea heads list",
        });
      }
      const { version } = to;
      const head = version === 0 ? null : await this.read(version);
      await this.#ledger.append({
        kind: "rolled-back",
        version,
        head: to.head,
        from: from.version,
        who,
        why,
      });
      return { version, head, damage: [] };
    });
  }

  #view(): HeadFolder {
    return new HeadFolder(this.folder, this.#ledger.entries);
  }

  async #inTurn<Result>(change: () => Promise<Result>): Promise<Result> {
    if (this.#closed) {
      throw new FoveaError("DISPOSED", `Cannot change the heads in ${this.folder}: it is closed`);
    }
    const result = this.#changing.then(change);
    this.#changing = result.catch(ignore);
    return await result;
  }

  /** Finishes what was begun and lets go of the folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#changing;
    if (this.#closed) return;
    this.#closed = true;
    await this.#ledger[Symbol.asyncDispose]();
    this.#lock[Symbol.dispose]();
  }
}

function currentDate(): Date {
  return new Date();
}

function ignore(): void {}
