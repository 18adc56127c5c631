import type { Clock } from "../core/clock.ts";
import { FoveaError } from "../core/errors.ts";
import type { Arena, Picture } from "../core/frame.ts";
import type { PictureShape } from "../core/frame_draft.ts";
import type { TruthSource } from "../core/frame_truth.ts";
import type { WorldSettings } from "../world/world_options.ts";
import type { PictureSource, SourceFacts } from "./picture_source.ts";
import type { FromWorldWorker, ToWorldWorker } from "./world_protocol.ts";
import { WorldTruth } from "./world_truth.ts";

interface Pending {
  readonly resolve: (message: FromWorldWorker) => void;
  readonly reject: (error: FoveaError) => void;
}

/**
 * Opens a world as a source. It is drawn by a worker, so that the calling isolate has its hands
 * free; only frames that somebody wants are drawn. It is open once its scenery is drawn.
 *
 * @param entry The program the worker runs.
 * @throws {FoveaError} `CAMERA_OPEN` if the worker cannot start.
 * @throws The reason of `signal` if that aborts first.
 */
export async function openWorldSource(
  settings: WorldSettings,
  label: string,
  clock: Clock,
  signal: AbortSignal,
  entry: URL = new URL("./world_worker.ts", import.meta.url),
): Promise<PictureSource> {
  signal.throwIfAborted();
  const source = new WorldSource(settings, label, clock, entry);
  const stop = (): void => source.interrupt();
  signal.addEventListener("abort", stop, { once: true });
  try {
    await source.open();
    return source;
  } catch (cause) {
    await source[Symbol.asyncDispose]();
    if (signal.aborted) throw signal.reason;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FoveaError("CAMERA_OPEN", reason, { cause });
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

class WorldSource implements PictureSource {
  readonly facts: SourceFacts;
  readonly truth: TruthSource;
  readonly readingSinceMs = null;
  readonly lostPictures = 0;
  ptsMs: number | null = null;
  receivedMs: number;
  decodeMs = 0;
  readonly #settings: WorldSettings;
  readonly #label: string;
  readonly #clock: Clock;
  readonly #worker: Worker;
  readonly #truths: WorldTruth;
  readonly #shape: PictureShape;
  readonly #shared: SharedArrayBuffer;
  readonly #pixels: Uint8Array;
  #memory: Uint8Array | null = null;
  #seq = -1;
  #pending: Pending | null = null;
  #broken: FoveaError | null = null;

  constructor(settings: WorldSettings, label: string, clock: Clock, entry: URL) {
    const { width, height, fps, frames } = settings;
    this.#settings = settings;
    this.#label = label;
    this.#clock = clock;
    this.receivedMs = clock.nowMs();
    this.facts = { kind: "file", width, height, fps, frameCount: frames, canStall: false };
    this.truth = this.#truths = new WorldTruth(settings);
    this.#shape = {
      format: "rgba",
      width,
      height,
      colorRange: "full",
      colorMatrix: "bt601",
      stridesBytes: [4 * width],
    };
    this.#shared = new SharedArrayBuffer(4 * width * height);
    this.#pixels = new Uint8Array(this.#shared);
    this.#worker = new Worker(entry, { type: "module", name: "fovea world" });
    this.#worker.onmessage = (event: MessageEvent<FromWorldWorker>) => this.#receive(event.data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#break(`Cannot draw ${label}: the worker died: ${event.message}`);
    };
    this.#worker.onmessageerror = () => {
      this.#break(`Cannot draw ${label}: a message of the worker could not be read`);
    };
  }

  async open(): Promise<void> {
    await this.#ask({ kind: "open", settings: this.#settings, pixels: this.#shared });
  }

  /** Only counts: a frame is drawn when it is prepared, and not at all if nobody wants it. */
  advance(): Promise<boolean> {
    const { frames, fps } = this.#settings;
    if (this.#broken !== null) return Promise.reject(this.#broken);
    if (frames !== null && this.#seq + 1 >= frames) return Promise.resolve(false);
    this.#seq++;
    this.ptsMs = 1000 * this.#seq / fps;
    this.receivedMs = this.#clock.nowMs();
    this.decodeMs = 0;
    return Promise.resolve(true);
  }

  async prepare(): Promise<PictureShape> {
    const answer = await this.#ask({ kind: "draw", seq: this.#seq });
    if (answer.kind === "drawn") {
      this.#truths.remember(answer.truth);
      this.decodeMs = answer.drawMs;
    }
    return this.#shape;
  }

  copyInto(picture: Picture, arena: Arena): void {
    const { byteOffset } = picture.planes[0]!;
    if (this.#memory?.buffer !== arena.buffer) this.#memory = new Uint8Array(arena.buffer);
    this.#memory.set(this.#pixels, byteOffset);
  }

  interrupt(): void {
    this.#pending?.reject(
      new FoveaError("CAMERA_LOST", `Cannot draw ${this.#label}: it is closed`),
    );
    this.#pending = null;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.interrupt();
    this.#broken ??= new FoveaError("DISPOSED", `Cannot draw ${this.#label}: it is closed`);
    this.#worker.terminate();
    return Promise.resolve();
  }

  #ask(message: ToWorldWorker): Promise<FromWorldWorker> {
    if (this.#broken !== null) return Promise.reject(this.#broken);
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject };
      this.#worker.postMessage(message);
    });
  }

  #receive(message: FromWorldWorker): void {
    const pending = this.#pending;
    this.#pending = null;
    if (message.kind === "failed") pending?.reject(FoveaError.fromJSON(message.error));
    else pending?.resolve(message);
  }

  #break(message: string): void {
    const error = new FoveaError("CAMERA_LOST", message);
    this.#broken ??= error;
    this.#pending?.reject(error);
    this.#pending = null;
  }
}
