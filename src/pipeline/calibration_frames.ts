import type { Detections } from "../core/detections.ts";
import type { Frame } from "../core/frame.ts";
import type { PictureShape } from "../core/frame_draft.ts";
import { FramePool } from "../core/frame_pool.ts";
import { planeSizes } from "../core/pixel_format.ts";
import { SharedArena } from "../native/arena.ts";
import type { InferReply } from "./protocol.ts";

/** A picture of the stream and what the detector that serves found in it. */
export interface CalibrationFrame {
  /** The picture, in memory of its own; it belongs to the {@linkcode CalibrationFrames}. */
  readonly frame: Frame;
  /** What was found from {@linkcode CalibrationFrame.confidence} on. */
  readonly detections: Detections;
  /** Candidates that were left out because a score or box was NaN or infinite. */
  readonly nonFinite: number;
  /** Lowest score that was asked for. */
  readonly confidence: number;
  /** Version of the head that ran. */
  readonly headVersion: number;
}

/** How many pictures are kept, and how. */
export interface CalibrationLimits {
  /** Most pictures, 4–64. */
  readonly framesMax: number;
  /** Most bytes that they take. */
  readonly bytesMax: number;
  /** Shortest time between two of them in the stream, in milliseconds. */
  readonly spacingMs: number;
}

const LIMITS: CalibrationLimits = { framesMax: 16, bytesMax: 2 ** 26, spacingMs: 500 };
/** One picture without anything in it is kept for this many. */
const FRAMES_PER_EMPTY = 4;

/**
 * Keeps copies of a few pictures, spread over the time that has passed: where there is no room for
 * more, every second one goes and the distance between them doubles. Most of them show something.
 */
export class CalibrationFrames implements Disposable {
  readonly #limits: CalibrationLimits;
  readonly #pool: FramePool;
  #spacingMs: number;
  #frames: CalibrationFrame[] = [];
  #last: Pick<Frame, "epoch" | "ptsMs"> | null = null;
  #copying = false;
  #wake: () => void = () => {};
  #closed = false;

  /** Keeps nothing yet; limits that are left out are 16 pictures, 64 MiB and half a second. */
  constructor(limits: Partial<CalibrationLimits> = {}) {
    this.#limits = { ...LIMITS, ...limits };
    this.#spacingMs = this.#limits.spacingMs;
    this.#pool = new FramePool(new SharedArena(), {
      frames: this.#limits.framesMax,
      pictureBytesMax: Math.floor(this.#limits.bytesMax / FRAMES_PER_EMPTY),
    });
  }

  /** The pictures that are kept, oldest first. */
  get frames(): readonly CalibrationFrame[] {
    return this.#frames;
  }

  /** The memory they lie in. */
  get arena(): Frame["arena"] {
    return this.#pool.arena;
  }

  /**
   * Copies a picture if it is time for one. The function that comes back takes what was found in it,
   * or `null` where that failed, and decides whether it is kept.
   *
   * @param confidence Lowest score that the detector is asked for.
   */
  offer(frame: Frame, confidence: number): ((reply: InferReply | null) => void) | null {
    if (this.#closed || this.#copying || !this.#isTime(frame)) return null;
    const copy = this.#copy(frame);
    if (copy === null) return null;
    this.#last = { epoch: frame.epoch, ptsMs: frame.ptsMs };
    this.#copying = true;
    return (reply) => {
      this.#copying = false;
      if (reply === null || this.#closed || !this.#isWanted(reply)) copy[Symbol.dispose]();
      else this.#keep(copy, reply, confidence);
    };
  }

  /** Lets go of a picture that is of no more use. */
  drop(sample: CalibrationFrame): void {
    const kept = this.#frames.length;
    this.#frames = this.#frames.filter((other) => other !== sample);
    if (this.#frames.length < kept) sample.frame[Symbol.dispose]();
  }

  /** Resolves when the next picture is kept, or when `signal` aborts. */
  async changed(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = (): void => resolve();
    this.#wake = wake;
    signal.addEventListener("abort", wake, { once: true });
    await promise;
    signal.removeEventListener("abort", wake);
  }

  /** Lets go of everything; nothing is kept any more. */
  [Symbol.dispose](): void {
    this.#closed = true;
    for (const { frame } of this.#frames.splice(0)) frame[Symbol.dispose]();
    this.#pool[Symbol.dispose]();
  }

  #isTime({ epoch, ptsMs }: Frame): boolean {
    const last = this.#last;
    return last === null || last.epoch !== epoch || ptsMs < last.ptsMs ||
      ptsMs - last.ptsMs >= this.#spacingMs;
  }

  #isWanted({ detections }: InferReply): boolean {
    if (detections.count > 0) return true;
    const empty = this.#frames.filter((sample) => sample.detections.count === 0).length;
    const kept = this.#frames.length;
    return kept === 0 || FRAMES_PER_EMPTY * (empty + 1) <= kept + 1;
  }

  #keep(frame: Frame, reply: InferReply, confidence: number): void {
    const { detections, nonFinite, headVersion } = reply;
    this.#frames.push({ frame, detections, nonFinite, confidence, headVersion });
    this.#wake();
  }

  /** Makes room by thinning out, and copies; `null` where the picture is too big. */
  #copy(frame: Frame): Frame | null {
    const shape = shapeOf(frame);
    const bytes = shape.stridesBytes.reduce(
      (sum, stride, i) =>
        sum + stride * planeSizes(shape.format, shape.width, shape.height)[i]!.rows,
      0,
    );
    const most = Math.min(this.#limits.framesMax, Math.floor(this.#limits.bytesMax / bytes));
    if (most < FRAMES_PER_EMPTY) return null;
    if (this.#frames.length >= most) this.#thinOut();
    const draft = this.#pool.tryLease(shape);
    if (draft === null) return null;
    const [from, to] = [frame.picture.planes, draft.picture.planes];
    for (const [i, { rows }] of planeSizes(shape.format, shape.width, shape.height).entries()) {
      const { byteOffset, strideBytes } = from[i]!;
      const source = new Uint8Array(frame.arena.buffer, byteOffset, strideBytes * rows);
      new Uint8Array(this.arena.buffer).set(source, to[i]!.byteOffset);
    }
    const { seq, epoch, capturedMs, ptsMs, decodeMs } = frame;
    return draft.publish({ seq, epoch, capturedMs, ptsMs, decodeMs });
  }

  #thinOut(): void {
    for (const sample of this.#frames.filter((_, i) => i % 2 === 0)) this.drop(sample);
    this.#spacingMs *= 2;
  }
}

function shapeOf({ picture }: Frame): PictureShape {
  const { format, width, height, colorRange, colorMatrix, planes } = picture;
  const stridesBytes = planes.map(({ strideBytes }) => strideBytes);
  return { format, width, height, colorRange, colorMatrix, stridesBytes };
}
