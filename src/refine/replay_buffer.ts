import { FoveaError } from "../core/errors.ts";
import type { HeadLayout } from "../core/head_layout.ts";
import { FolderLock } from "../storage/folder_lock.ts";
import { ReplayFile } from "./replay_file.ts";
import {
  decodeRecord,
  encodeRecord,
  recordBytes,
  type ReplayFrame,
  type ReplayMeta,
  type Stratum,
} from "./replay_record.ts";
import { chooseFates } from "./replay_sample.ts";
import {
  channelsOf,
  checkReplayRows,
  positivesOf,
  type ReplayFrameFacts,
  type StoredFrame,
  storeFrame,
} from "./stored_frame.ts";
import { emptyRows, joinRows, pickRows, type TrainingRows } from "./training_rows.ts";

/** How a replay buffer is opened. */
export interface ReplayBufferOptions {
  /** SHA-256 of the model file whose features it holds, lower-case hexadecimal. */
  readonly model: string;
  /** The model's head. Classes may be appended to it later. */
  readonly layout: HeadLayout;
  /** Most bytes of the file; 4 MiB. Twice as many may be taken for a moment. */
  readonly bytesMax?: number;
}

const BYTES_MAX = 4 * 2 ** 20;
/** When room is made, some is left, so that it is not made for every frame anew. */
const FILLED_TO = 0.75;

/**
 * Features of frames that a head is not to forget, and of frames it is to learn from, on disk. No
 * pictures: what a layer reads cannot be seen by a person.
 *
 * The folder belongs to one process at a time. What was appended is there after the process was
 * killed, but for a frame that was just being written; after {@linkcode ReplayBuffer.flush} also
 * after a power cut. What is damaged is left out, the rest stays: `droppedBytes` tells.
 *
 * The file is bounded. When it is full, the larger stratum gives way: chance frames lose their
 * background, and only when none is left, their positives, so that what stays is an even sample of
 * all frames that were appended.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ReplayBuffer } from "@fovea/fovea/refine";
 * import { findHeads, readModel } from "@fovea/fovea/onnx";
 *
 * const path = new URL("models/tiny/yolo_v8.onnx", `file://${Deno.cwd()}/`);
 * const { layout } = findHeads(readModel(Deno.readFileSync(path)), { classCount: 2 });
 * const folder = await Deno.makeTempDir();
 * {
 *   await using buffer = await ReplayBuffer.open(folder, { model: "0".repeat(64), layout });
 *   await buffer.append("clean", {
 *     count: 1, level: new Uint8Array(1), anchor: new Uint8Array(1),
 *     channels: 3, features: new Float32Array([1, 2, 3]),
 *     objectnessChannels: 0, objectnessFeatures: null,
 *     target: new Int32Array([0]), weight: new Float32Array([1]),
 *   }, { camera: "gate", seq: 17 });
 *   assertEquals([...buffer.rows("clean").features], [1, 2, 3]);
 *   assertEquals(buffer.frames("drifted"), []);
 * }
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export class ReplayBuffer implements AsyncDisposable {
  /** Bytes that were found damaged and left out when it was opened; 0 where nothing was. */
  readonly droppedBytes: number;
  readonly #layout: HeadLayout;
  readonly #bytesMax: number;
  readonly #lock: FolderLock;
  readonly #file: ReplayFile;
  #frames: readonly StoredFrame[];
  #nextIndex: number;
  /** One change at a time. */
  #changing: Promise<unknown> = Promise.resolve();
  #closed = false;

  private constructor(
    { layout, bytesMax = BYTES_MAX }: ReplayBufferOptions,
    lock: FolderLock,
    file: ReplayFile,
    frames: readonly StoredFrame[],
    droppedBytes: number,
  ) {
    this.#layout = layout;
    this.#bytesMax = bytesMax;
    this.#lock = lock;
    this.#file = file;
    this.#frames = frames;
    this.#nextIndex = frames.reduce((next, { index }) => Math.max(next, index + 1), 0);
    this.droppedBytes = droppedBytes;
  }

  /**
   * Opens the buffer in a folder; makes the folder where there is none.
   *
   * @throws {FoveaError} `STATE_FOREIGN` if the rows in it are another model's, `STATE_LOCKED` if
   * another process has it, `STATE_INVALID` if it cannot be read, `SINK_OPEN` or `SINK_WRITE` if it
   * cannot be written.
   * @throws {RangeError} If `bytesMax` is not a whole number from 1.
   */
  static async open(path: string, options: ReplayBufferOptions): Promise<ReplayBuffer> {
    const { model, layout, bytesMax = BYTES_MAX } = options;
    if (!Number.isSafeInteger(bytesMax) || bytesMax < 1) {
      throw new RangeError(`Cannot bound a replay buffer to ${bytesMax} bytes`);
    }
    try {
      await Deno.mkdir(path, { recursive: true });
    } catch (cause) {
      throw FoveaError.from(cause, "SINK_OPEN", `Cannot make the folder ${path}`);
    }
    const lock = await FolderLock.take(path, "the replay buffer");
    try {
      const { file, records, droppedBytes } = await ReplayFile.open(path, model, layout);
      const frames = records.flatMap((record) => storeFrame(decodeRecord(record), record));
      return new ReplayBuffer(options, lock, file, frames, droppedBytes);
    } catch (error) {
      lock[Symbol.dispose]();
      throw error;
    }
  }

  /** Bytes that it takes on disk. */
  get bytes(): number {
    return this.#file.size;
  }

  /**
   * Appends the rows of a frame. They are in the hands of the system when it resolves.
   *
   * @param meta What is to be known about the frame, at most 4 KiB as JSON.
   * @throws {RangeError} If the rows are not this head's.
   * @throws {FoveaError} `TRAINING_FAILED` if a feature is NaN, `LIMIT` if the frame alone is larger
   * than the buffer, `SINK_WRITE` for example on a full disk, `DISPOSED`. Nothing is lost then.
   */
  async append(stratum: Stratum, rows: TrainingRows, meta: ReplayMeta = {}): Promise<void> {
    this.#checkOpen();
    checkReplayRows(rows, this.#layout);
    const bytes = recordBytes(rows, meta);
    if (this.#file.headerBytes + bytes > this.#bytesMax) {
      throw new FoveaError(
        "LIMIT",
        `Cannot keep a frame of ${bytes} bytes: the replay buffer has ${this.#bytesMax}`,
        { hint: "Keep fewer rows of a frame, or give the buffer more bytes" },
      );
    }
    await this.#change(() => this.#append({ stratum, index: this.#nextIndex, meta, rows }));
  }

  /** All rows of a stratum, the oldest first; none where it is empty. */
  rows(stratum: Stratum): TrainingRows {
    const list = this.#frames.flatMap((frame) =>
      frame.stratum === stratum ? [decodeRecord(frame.record)!.rows] : []
    );
    if (list.length > 0) return joinRows(list);
    const { channels, objectness } = channelsOf(this.#layout);
    return emptyRows(0, channels, objectness);
  }

  /** The frames of a stratum, the oldest first. */
  frames(stratum: Stratum): ReplayFrameFacts[] {
    return this.#frames.filter((frame) => frame.stratum === stratum)
      .map(({ index, meta, count }) => ({ index, meta, count }));
  }

  /**
   * Waits until all that was appended would outlive a power cut.
   *
   * @throws {FoveaError} `SINK_WRITE`, `DISPOSED`.
   */
  async flush(): Promise<void> {
    this.#checkOpen();
    await this.#change(() => this.#file.sync());
  }

  /**
   * Flushes, closes and lets go of the folder; a second call does nothing.
   *
   * @throws {FoveaError} `SINK_WRITE`; it is closed all the same.
   */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      await this.#change(() => this.#file.sync());
    } finally {
      this.#file.close();
      this.#lock[Symbol.dispose]();
    }
  }

  /** See {@linkcode ReplayBuffer.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #append(frame: ReplayFrame): Promise<void> {
    const record = encodeRecord({ ...frame, index: this.#nextIndex }, this.#file.owner);
    const [stored] = storeFrame({ ...frame, index: this.#nextIndex }, record);
    if (this.#file.size + record.length <= this.#bytesMax) {
      await this.#file.append(record);
      this.#frames = [...this.#frames, stored!];
    } else {
      const kept = this.#makeRoom(record.length);
      await this.#file.replace([...kept, stored!].map((one) => one.record));
      this.#frames = [...kept, stored!];
    }
    this.#nextIndex++;
  }

  /** The frames that stay when so many bytes more are needed. */
  #makeRoom(bytes: number): StoredFrame[] {
    const room = FILLED_TO * (this.#bytesMax - this.#file.headerBytes) - bytes;
    const fates = chooseFates(this.#frames, Math.max(0, room));
    return this.#frames.flatMap((frame, i) => {
      if (fates[i] === "keep") return [frame];
      if (fates[i] === "drop") return [];
      const whole = decodeRecord(frame.record)!;
      const thin = { ...whole, rows: pickRows(whole.rows, positivesOf(whole.rows)) };
      return storeFrame(thin, encodeRecord(thin, this.#file.owner));
    });
  }

  #change<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#changing.then(change);
    this.#changing = done.catch(() => {});
    return done;
  }

  #checkOpen(): void {
    if (!this.#closed) return;
    throw new FoveaError("DISPOSED", "Cannot use the replay buffer: it is closed");
  }
}
