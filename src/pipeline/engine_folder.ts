import * as v from "valibot";
import { FoveaError } from "../core/errors.ts";
import { hasEngine } from "../engine/locate_engine.ts";
import { writeWholeFile } from "../storage/write_whole_file.ts";

const FIGURES = v.object({
  pictures: v.number(),
  referenceCount: v.number(),
  candidateCount: v.number(),
  matchedCount: v.number(),
  lostShare: v.number(),
  newShare: v.number(),
  scoreDifference: v.number(),
  meanIou: v.number(),
});

const RECORD = v.object({
  format: v.literal(1),
  /** Size of the model, in bytes. */
  modelBytes: v.number(),
  /** What building took, in milliseconds; `null` where that is not known. */
  buildMs: v.nullable(v.number()),
  /** What came of comparing the engine with its model; `null` where that was not done yet. */
  verdict: v.nullable(v.object({
    accepted: v.boolean(),
    /** Why not, in words; `null` where it was accepted. */
    reason: v.nullable(v.string()),
    figures: FIGURES,
  })),
});

/** What is known about a built engine. */
export type EngineRecord = v.InferOutput<typeof RECORD>;

const RECORD_FILE = "fovea.json";
/** Folders in which engines are being built. */
const ASIDE = /^\.building-[0-9a-f-]{36}$/;
const LOCK_FILE = "lock";
/** Longest time between making a folder and locking it, in milliseconds. */
const UNLOCKED_MS_MAX = 60_000;

/** The folder of the engines of one model on one machine, in a cache, with what is known about it. */
export class EngineFolder {
  readonly #cacheFolder: string;
  readonly #name: string;

  /** @param name See `locateEngine`. */
  constructor(cacheFolder: string, name: string) {
    this.#cacheFolder = cacheFolder.replace(/\/+$/, "");
    this.#name = name;
  }

  /** Where it is. */
  get path(): string {
    return `${this.#cacheFolder}/${this.#name}`;
  }

  /** What is known about the engine; `null` where nothing is, or not in a form that is understood. */
  async readRecord(): Promise<EngineRecord | null> {
    return await readRecord(this.path);
  }

  /** @throws {FoveaError} `SINK_OPEN`, `SINK_WRITE`; what was there before stays. */
  async writeRecord(record: EngineRecord): Promise<void> {
    await writeWholeFile(`${this.path}/${RECORD_FILE}`, `${JSON.stringify(record, null, 2)}\n`);
  }

  /**
   * What building may take, in milliseconds, after an earlier build on the same device with the same
   * TensorRT: of the same model, else of the one nearest to it in size, by size; `null` where there
   * was none.
   */
  async estimateBuildMs(modelBytes: number): Promise<number | null> {
    let best: { readonly ms: number; readonly distance: number } | null = null;
    for (const name of await this.#relatives()) {
      const record = await readRecord(`${this.#cacheFolder}/${name}`);
      if (record === null || record.buildMs === null || record.modelBytes <= 0) continue;
      const ratio = modelBytes / record.modelBytes;
      const distance = Math.abs(Math.log(ratio));
      if (best !== null && distance >= best.distance) continue;
      best = { ms: Math.round(record.buildMs * ratio), distance };
    }
    return best?.ms ?? null;
  }

  /**
   * Makes a cache aside for an engine that is to be built, with the timings of earlier builds, and
   * removes those that were left behind.
   *
   * @param calibration A file in the cache that the builder reads; `null` for none.
   * @throws {FoveaError} `ENGINE_OPTION` if it cannot be made.
   */
  async openAside(calibration: string | null = null): Promise<AsideCache> {
    try {
      await Deno.mkdir(this.#cacheFolder, { recursive: true });
      await this.#sweep();
      await using stack = new AsyncDisposableStack();
      const aside = stack.use(await AsideCache.create(this.#cacheFolder, this.#name));
      await this.#copyTimings(`${aside.cacheFolder}/${this.#name}`);
      if (calibration !== null) {
        const from = `${this.#cacheFolder}/${calibration}`;
        await Deno.copyFile(from, `${aside.cacheFolder}/${calibration}`);
      }
      stack.move();
      return aside;
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new FoveaError("ENGINE_OPTION", `Cannot build in ${this.#cacheFolder}: ${reason}`, {
        cause,
        hint: "Give tensorrt.cacheFolder a folder that this process may write to",
      });
    }
  }

  /** Folders for the same device and TensorRT, this one too. */
  async #relatives(): Promise<string[]> {
    const [device, tensorRt] = this.#name.split("_");
    const names = await listFolder(this.#cacheFolder);
    return names.filter((name) => name.startsWith(`${device}_${tensorRt}_`));
  }

  async #copyTimings(folder: string): Promise<void> {
    for (const name of await this.#relatives()) {
      for (const file of await listFolder(`${this.#cacheFolder}/${name}`)) {
        if (!file.endsWith(".timing")) continue;
        await Deno.copyFile(`${this.#cacheFolder}/${name}/${file}`, `${folder}/${file}`);
      }
    }
  }

  /** Removes what was left behind by processes that are no more: their locks are free. */
  async #sweep(): Promise<void> {
    for (const name of await listFolder(this.#cacheFolder)) {
      if (!ASIDE.test(name)) continue;
      const path = `${this.#cacheFolder}/${name}`;
      using lock = await openLock(path);
      const isLeft = lock === null ? await isOld(path) : await lock.tryLock(true);
      if (isLeft) await Deno.remove(path, { recursive: true }).catch(unlessMissing);
    }
  }
}

/** A cache in which one engine is built, before it is put in its place. */
export class AsideCache implements AsyncDisposable {
  /** The folder that is the cache meanwhile. */
  readonly cacheFolder: string;
  readonly #home: string;
  readonly #name: string;
  #lock: Deno.FsFile | null;

  private constructor(home: string, name: string, cacheFolder: string, lock: Deno.FsFile) {
    this.#home = home;
    this.#name = name;
    this.cacheFolder = cacheFolder;
    this.#lock = lock;
  }

  /** Makes it inside the cache `home`; as long as it is open, nobody else removes it. */
  static async create(home: string, name: string): Promise<AsideCache> {
    const folder = `${home}/.building-${crypto.randomUUID()}`;
    await Deno.mkdir(`${folder}/${name}`, { recursive: true });
    const lock = await Deno.open(`${folder}/${LOCK_FILE}`, { write: true, create: true });
    await lock.lock(true);
    return new AsideCache(home, name, folder, lock);
  }

  /**
   * Puts what was built in its place. Where another process was faster, its engine stays.
   *
   * @throws {FoveaError} `ENGINE_FAILED` if nothing was built, or it cannot be put there.
   */
  async commit(record: EngineRecord): Promise<void> {
    const built = `${this.cacheFolder}/${this.#name}`;
    const place = `${this.#home}/${this.#name}`;
    try {
      if (!await hasEngine(built)) {
        throw new FoveaError(
          "ENGINE_FAILED",
          `Cannot keep an engine in ${place}: TensorRT has written none`,
          {
            hint:
              "Look whether the disk is full, and whether TensorRT knows the model's operations",
          },
        );
      }
      await Deno.writeTextFile(`${built}/${RECORD_FILE}`, `${JSON.stringify(record, null, 2)}\n`);
      if (await hasEngine(place)) return;
      // What is there without an engine is of no use to anybody.
      await Deno.remove(place, { recursive: true }).catch(unlessMissing);
      await Deno.rename(built, place);
    } catch (cause) {
      throw FoveaError.from(cause, "ENGINE_FAILED", `Cannot keep the engine in ${place}`);
    }
  }

  /** Removes it with what is still in it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#lock === null) return;
    this.#lock.close();
    this.#lock = null;
    await Deno.remove(this.cacheFolder, { recursive: true }).catch(unlessMissing);
  }
}

async function readRecord(folder: string): Promise<EngineRecord | null> {
  try {
    const text = await Deno.readTextFile(`${folder}/${RECORD_FILE}`);
    const parsed = v.safeParse(RECORD, JSON.parse(text));
    return parsed.success ? parsed.output : null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof SyntaxError) return null;
    throw FoveaError.from(error, "ENGINE_OPTION", `Cannot read ${folder}/${RECORD_FILE}`);
  }
}

async function openLock(folder: string): Promise<Deno.FsFile | null> {
  try {
    return await Deno.open(`${folder}/${LOCK_FILE}`, { write: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** A folder without a lock may just have been made. */
async function isOld(folder: string): Promise<boolean> {
  const { mtime } = await Deno.stat(folder);
  return mtime !== null && Date.now() - mtime.getTime() > UNLOCKED_MS_MAX;
}

async function listFolder(folder: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return [];
    }
    throw error;
  }
}

function unlessMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
