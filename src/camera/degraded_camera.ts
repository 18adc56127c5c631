import type { Arena, Frame, Picture } from "../core/frame.ts";
import type { FrameDraft, PictureShape } from "../core/frame_draft.ts";
import { FramePool } from "../core/frame_pool.ts";
import type { TruthSource } from "../core/frame_truth.ts";
import type { Camera, CameraEvent, CameraInfo } from "../core/ports.ts";
import type { Degradation } from "../degrade/degradation.ts";
import type { Degrader } from "../degrade/degrader.ts";
import { BgrConverter } from "./bgr_converter.ts";
import { DegradedTruth } from "./degraded_truth.ts";

const END: CameraEvent = { kind: "end" };

/** The camera behind {@linkcode degradeCamera}. */
export class DegradedCamera implements Camera {
  readonly info: CameraInfo;
  readonly arena: Arena;
  readonly truth?: TruthSource;
  readonly #camera: Camera;
  readonly #degrader: Degrader;
  readonly #pool: FramePool;
  readonly #truth: DegradedTruth | null = null;
  #converter: BgrConverter | null = null;
  #shape: PictureShape | null = null;
  #delivered = 0;
  #dropped = 0;
  #isPulling = false;
  #closed: Promise<void> | null = null;

  /** Takes the camera over and makes the degrader ready for its pictures. */
  constructor(
    camera: Camera,
    degradations: readonly Degradation[],
    degrader: Degrader,
    poolFrames: number,
  ) {
    const { info, arena } = camera;
    this.info = info;
    this.arena = arena;
    this.#camera = camera;
    this.#degrader = degrader;
    this.#pool = new FramePool(arena, { frames: poolFrames });
    if (camera.truth !== undefined) {
      this.#truth = new DegradedTruth(camera.truth, degradations, info);
      this.truth = this.#truth;
    }
    degrader.prepare(info.width, info.height);
  }

  get dropped(): number {
    return this.#camera.dropped + this.#dropped;
  }

  get epoch(): number {
    return this.#camera.epoch;
  }

  /** @throws {TypeError} If the last call has not settled: pull one event at a time. */
  async next(signal?: AbortSignal): Promise<CameraEvent> {
    if (this.#isPulling) throw new TypeError("Cannot pull a camera twice at once");
    this.#isPulling = true;
    try {
      for (;;) {
        const event = await this.#pull(signal);
        if (event !== null) return event;
      }
    } finally {
      this.#isPulling = false;
    }
  }

  /** Ends what is going on and frees everything but the frames that are still on lease. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#pool[Symbol.dispose]();
    await this.#camera[Symbol.asyncDispose]();
    this.#converter?.[Symbol.dispose]();
    this.#converter = null;
  }

  /** The next event, or `null` where a frame had to be dropped. */
  async #pull(signal: AbortSignal | undefined): Promise<CameraEvent | null> {
    const degrades = this.#degrader.actsOn(this.#delivered);
    // What can wait does so before it takes a frame, so that no frame is in between at the end.
    if (degrades && !this.info.realtime) await this.#pool.waitForSlot(signal);
    if (this.#closed !== null || signal?.aborted) return END;
    const event = await this.#camera.next(signal);
    if (event.kind !== "frame") return event;
    if (!degrades) {
      this.#truth?.noteDelivered(this.#delivered, event.frame.seq);
      this.#delivered++;
      return event;
    }
    using original = event.frame;
    if (!await this.#makeReady(original.picture)) return END;
    using draft = this.#pool.tryLease(this.#shapeOf(original.picture));
    if (draft === null) {
      this.#dropped++;
      return null;
    }
    const frame = this.#degrade(original, draft);
    const { state, reason } = event;
    return { kind: "frame", frame, state, reason };
  }

  #degrade(original: Frame, draft: FrameDraft): Frame {
    const { width, height, planes } = draft.picture;
    const bgr = new Uint8Array(this.arena.buffer, planes[0]!.byteOffset, 3 * width * height);
    if (original.picture.format === "bgr24") copyRows(original.picture, this.arena, bgr);
    else this.#converter!.convert(original.picture, bgr);
    this.#degrader.apply(bgr, width, height, this.#delivered);
    this.#truth?.noteDelivered(this.#delivered, original.seq);
    this.#delivered++;
    return draft.publish(original);
  }

  /** Loads what converts such pictures, unless it is there; `false` if the camera is closed. */
  async #makeReady({ format, width }: Picture): Promise<boolean> {
    if (this.#closed !== null) return false;
    if (format === "bgr24" || this.#converter?.takes(width)) return true;
    this.#converter?.[Symbol.dispose]();
    this.#converter = null;
    using unless = new DisposableStack();
    const converter = unless.use(new BgrConverter(this.arena, width));
    await converter.load();
    // Closed while it loaded: nobody would dispose it any more.
    if (this.#closed !== null) return false;
    unless.move();
    this.#converter = converter;
    return true;
  }

  /** The same object as last time while the size does not change. */
  #shapeOf({ width, height }: Picture): PictureShape {
    const last = this.#shape;
    if (last !== null && last.width === width && last.height === height) return last;
    const colors = { colorRange: "full", colorMatrix: "bt601" } as const;
    return this.#shape = { format: "bgr24", width, height, ...colors, stridesBytes: [3 * width] };
  }
}

/** Copies a BGR picture to where its rows have no padding. */
function copyRows({ width, height, planes }: Picture, { buffer }: Arena, out: Uint8Array): void {
  const { byteOffset, strideBytes } = planes[0]!;
  const rowBytes = 3 * width;
  const rows = strideBytes === rowBytes ? 1 : height;
  const bytes = strideBytes === rowBytes ? rowBytes * height : rowBytes;
  for (let y = 0; y < rows; y++) {
    out.set(new Uint8Array(buffer, byteOffset + y * strideBytes, bytes), y * bytes);
  }
}
