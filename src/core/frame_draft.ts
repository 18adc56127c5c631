import { FoveaError } from "./errors.ts";
import type { Arena, Frame, Picture } from "./frame.ts";
import { type ColorMatrix, type ColorRange, type PixelFormat, planeSizes } from "./pixel_format.ts";

/**
 * Geometry of a picture before it has a place in memory. A source makes one object per geometry
 * and hands it in again and again, so that nothing is computed or allocated per frame.
 */
export interface PictureShape {
  /** How pixels lie in the planes. */
  readonly format: PixelFormat;
  /** Width in pixels, at least 1. */
  readonly width: number;
  /** Height in pixels, at least 1. */
  readonly height: number;
  /** Value range of luma and chroma. */
  readonly colorRange: ColorRange;
  /** Luma coefficients of YUV formats. */
  readonly colorMatrix: ColorMatrix;
  /** Distance between two rows of each plane in bytes, in the order of the format. */
  readonly stridesBytes: readonly number[];
}

/** What is known about a frame besides its pixels; see {@linkcode Frame}. */
export interface FrameFacts {
  /** Position in the stream from 0, counted at the source. */
  readonly seq: number;
  /** How often the source was reconnected before this frame. */
  readonly epoch: number;
  /** Monotonic time of capture on the camera's clock, in milliseconds. */
  readonly capturedMs: number;
  /** Presentation time from the stream, in milliseconds from its start. */
  readonly ptsMs: number;
  /** What it took to decode this frame, in milliseconds. */
  readonly decodeMs: number;
}

/** One place for a picture; its memory is reserved when first needed and kept for the next. */
export interface PoolSlot {
  /** Where its memory starts in the arena. */
  byteOffset: number;
  /** How much memory it has; 0 before its first use. */
  bytes: number;
  /** How many drafts and frames hold it. */
  leases: number;
  /** The shape `picture` was made for. */
  shape: PictureShape | null;
  /** Where the pixels lie. */
  picture: Picture | null;
}

/**
 * A place that is being filled: the writer's side of a frame. Either publish it or dispose it;
 * disposing after publishing does nothing.
 */
export class FrameDraft implements Disposable {
  /** Where the pixels belong. */
  readonly picture: Picture;
  readonly #arena: Arena;
  #slot: PoolSlot | null;
  readonly #release: (slot: PoolSlot) => void;

  /** Made by `FramePool.tryLease()`. */
  constructor(picture: Picture, arena: Arena, slot: PoolSlot, release: (slot: PoolSlot) => void) {
    this.picture = picture;
    this.#arena = arena;
    this.#slot = slot;
    this.#release = release;
  }

  /**
   * Hands the filled place out as a frame; the draft is used up.
   *
   * @throws {FoveaError} `DISPOSED` if it was published or disposed before.
   */
  publish(facts: FrameFacts): Frame {
    const slot = this.#slot;
    if (slot === null) {
      throw new FoveaError("DISPOSED", "Cannot publish a frame: its place was given back");
    }
    this.#slot = null;
    return new LeasedFrame(facts, this.#arena, slot, this.#release);
  }

  /** Gives the place back unpublished. */
  [Symbol.dispose](): void {
    const slot = this.#slot;
    this.#slot = null;
    if (slot !== null) this.#release(slot);
  }
}

class LeasedFrame implements Frame {
  readonly seq: number;
  readonly epoch: number;
  readonly capturedMs: number;
  readonly ptsMs: number;
  readonly decodeMs: number;
  readonly arena: Arena;
  #slot: PoolSlot | null;
  readonly #release: (slot: PoolSlot) => void;

  constructor(facts: FrameFacts, arena: Arena, slot: PoolSlot, release: (slot: PoolSlot) => void) {
    this.seq = facts.seq;
    this.epoch = facts.epoch;
    this.capturedMs = facts.capturedMs;
    this.ptsMs = facts.ptsMs;
    this.decodeMs = facts.decodeMs;
    this.arena = arena;
    this.#slot = slot;
    this.#release = release;
  }

  get picture(): Picture {
    return this.#leased("read").picture!;
  }

  get disposed(): boolean {
    return this.#slot === null;
  }

  retain(): Frame {
    const slot = this.#leased("retain");
    slot.leases++;
    return new LeasedFrame(this, this.arena, slot, this.#release);
  }

  planeBytes(index: number): Uint8Array {
    const { format, width, height, planes } = this.#leased("copy").picture!;
    const plane = planes[index];
    const rows = planeSizes(format, width, height)[index]?.rows;
    if (plane === undefined || rows === undefined) {
      throw new RangeError(`Cannot copy plane ${index}: ${format} has ${planes.length}`);
    }
    return new Uint8Array(this.arena.buffer, plane.byteOffset, plane.strideBytes * rows).slice();
  }

  [Symbol.dispose](): void {
    const slot = this.#slot;
    this.#slot = null;
    if (slot !== null) this.#release(slot);
  }

  #leased(verb: string): PoolSlot {
    if (this.#slot === null) {
      throw new FoveaError("DISPOSED", `Cannot ${verb} frame ${this.seq}: its lease has ended`, {
        hint: "Call retain() to keep a frame beyond the scope it was lent to",
      });
    }
    return this.#slot;
  }
}
