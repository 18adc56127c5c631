import { createHash } from "node:crypto";
import { FoveaError } from "../core/errors.ts";
import type { HeadLayout } from "../core/head_layout.ts";
import { openSealed, sealBytes } from "../core/sealed_bytes.ts";
import { WholeFile } from "../storage/whole_file.ts";
import { findRecords } from "./replay_record.ts";

const MAGIC = new TextEncoder().encode("FOVEA\0RB");
const FORMAT = 1;
const NAME = "rows.bank";

/** Whose rows they are, and what was lost of them. */
export interface OpenedReplayFile {
  /** The file, open for more. */
  readonly file: ReplayFile;
  /** Every whole record, in the order of the file. */
  readonly records: readonly Uint8Array[];
  /** Bytes that were no whole record; 0 where nothing was lost. */
  readonly droppedBytes: number;
}

/**
 * The file of a replay buffer: a sealed header that says whose it is, then records, only ever
 * appended. To make it smaller it is written anew aside and put in its place.
 */
export class ReplayFile {
  /** Which model and layout its records are for, as each of them states it. */
  readonly owner: number;
  readonly #path: string;
  readonly #header: Uint8Array;
  #file: Deno.FsFile;
  #size: number;

  private constructor(path: string, header: Uint8Array, file: Deno.FsFile, size: number) {
    this.#path = path;
    this.#header = header;
    this.#file = file;
    this.#size = size;
    this.owner = ownerOf(header);
  }

  /**
   * Opens the file in a folder, or begins one. What is damaged is left out, and the file is written
   * anew without it.
   *
   * @throws {FoveaError} `STATE_FOREIGN` if it is another model's, `STATE_INVALID` if it cannot be
   * read or is of another format, `SINK_OPEN` or `SINK_WRITE` if it cannot be written.
   */
  static async open(folder: string, model: string, layout: HeadLayout): Promise<OpenedReplayFile> {
    const path = `${folder}/${NAME}`;
    const header = sealBytes(MAGIC, FORMAT, identityOf(model, layout), new Uint8Array(0));
    await removeLeftovers(folder);
    const bytes = await readIfThere(path);
    if (bytes === null) {
      await writeAnew(path, header, []);
      const file = await openForMore(path);
      return {
        file: new ReplayFile(path, header, file, header.length),
        records: [],
        droppedBytes: 0,
      };
    }
    const start = checkHeader(bytes, header, folder);
    const places = findRecords(bytes, start);
    const owner = ownerOf(header);
    const own = places.filter((place) => place.owner === owner);
    if (start === 0 && own.length === 0 && places.length > 0) throw foreign(folder);
    const records = own.map((place) => bytes.subarray(place.start, place.end));
    const whole = records.reduce((sum, { length }) => sum + length, 0);
    const droppedBytes = bytes.length - whole - (start === 0 ? 0 : header.length);
    const last = own.at(-1)?.end ?? header.length;
    if (droppedBytes > bytes.length - last) await writeAnew(path, header, records);
    const file = await openForMore(path);
    const size = header.length + whole;
    // Only the end is torn: cutting it off needs no room on a full disk.
    if (droppedBytes > 0) await file.truncate(size);
    return { file: new ReplayFile(path, header, file, size), records, droppedBytes };
  }

  /** Its size in bytes. */
  get size(): number {
    return this.#size;
  }

  /** What it takes besides its records. */
  get headerBytes(): number {
    return this.#header.length;
  }

  /**
   * Appends a record: a crash leaves it whole or torn at the end.
   *
   * @throws {FoveaError} `SINK_WRITE`; the file is then as it was.
   */
  async append(record: Uint8Array): Promise<void> {
    try {
      await this.#file.seek(this.#size, Deno.SeekMode.Start);
      for (let at = 0; at < record.length;) at += await this.#file.write(record.subarray(at));
      this.#size += record.length;
    } catch (cause) {
      // What was half written is no record, and the next one is written over it.
      await this.#file.truncate(this.#size).catch(() => undefined);
      throw FoveaError.from(cause, "SINK_WRITE", `Cannot write ${this.#path}`);
    }
  }

  /**
   * Writes the file anew with these records, aside, and puts it in its place.
   *
   * @throws {FoveaError} `SINK_OPEN` or `SINK_WRITE`; the file is then as it was.
   */
  async replace(records: readonly Uint8Array[]): Promise<void> {
    await writeAnew(this.#path, this.#header, records);
    const file = await openForMore(this.#path);
    this.#file.close();
    this.#file = file;
    this.#size = records.reduce((sum, { length }) => sum + length, this.#header.length);
  }

  /** Waits until what was appended would outlive a power cut. @throws {FoveaError} `SINK_WRITE`. */
  async sync(): Promise<void> {
    try {
      await this.#file.sync();
    } catch (cause) {
      throw FoveaError.from(cause, "SINK_WRITE", `Cannot write ${this.#path}`);
    }
  }

  /** Closes it. */
  close(): void {
    this.#file.close();
  }
}

/** What rows depend on: not the number of classes, which may grow. */
function identityOf(model: string, { layers, levels }: HeadLayout): unknown {
  function describe(layer: number): { readonly name: string; readonly channels: number } {
    const { name, channels } = layers[layer]!;
    return { name, channels };
  }
  return {
    model,
    levels: levels.map(({ anchors, classLayer, objectnessLayer }) => ({
      anchors,
      classes: describe(classLayer),
      objectness: objectnessLayer === null ? null : describe(objectnessLayer),
    })),
  };
}

/** Where records begin; 0 if the header is damaged, so that they are looked for everywhere. */
function checkHeader(bytes: Uint8Array, header: Uint8Array, folder: string): number {
  if (header.every((byte, i) => bytes[i] === byte)) return header.length;
  const whole = bytes.length < 16 ? 0 : sealedBytes(bytes);
  try {
    openSealed(bytes.subarray(0, whole), MAGIC, FORMAT, (found) => new Error(found));
  } catch {
    return 0;
  }
  throw foreign(folder);
}

/** How long a sealed header with an empty payload is, by its own word. */
function sealedBytes(bytes: Uint8Array): number {
  const text = new DataView(bytes.buffer, bytes.byteOffset).getUint32(12, true);
  return 8 * Math.ceil((16 + text) / 8) + 32;
}

function ownerOf(header: Uint8Array): number {
  return createHash("sha256").update(header).digest().readUInt32LE(0);
}

function foreign(folder: string): FoveaError {
  return new FoveaError(
    "STATE_FOREIGN",
    `Cannot open the replay buffer ${folder}: its rows come from another model or head`,
    { hint: "Give each model a folder of its own" },
  );
}

async function readIfThere(path: string): Promise<Uint8Array | null> {
  try {
    return await Deno.readFile(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return null;
    throw FoveaError.from(cause, "STATE_INVALID", `Cannot read ${path}`);
  }
}

async function openForMore(path: string): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path, { read: true, write: true });
  } catch (cause) {
    throw FoveaError.from(cause, "SINK_OPEN", `Cannot write ${path}`);
  }
}

async function writeAnew(
  path: string,
  header: Uint8Array,
  records: readonly Uint8Array[],
): Promise<void> {
  await using file = await WholeFile.create(path);
  await file.commit([header, ...records]);
}

/** What processes that were killed had written aside. Nobody else is here: the folder is locked. */
async function removeLeftovers(folder: string): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.startsWith(`${NAME}.`) || !name.endsWith(".part")) continue;
    await Deno.remove(`${folder}/${name}`).catch(() => undefined);
  }
}
