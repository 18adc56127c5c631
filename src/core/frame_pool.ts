import { FoveaError } from "./errors.ts";
import type { Arena, Picture, Plane } from "./frame.ts";
import { FrameDraft, type PictureShape, type PoolSlot } from "./frame_draft.ts";
import { planeSizes } from "./pixel_format.ts";

/** Planes start at multiples of this, so that vector loads of the first row are aligned. */
const PLANE_ALIGNMENT = 64;
/** Most frames a pool may hold. */
export const POOL_FRAMES_MAX = 64;
/** Bytes of the biggest picture a pool takes by default: 8K (7680 × 4320) with four bytes a pixel. */
export const PICTURE_BYTES_MAX = 7680 * 4320 * 4;

/**
 * A fixed number of places for pictures in an arena, lent out as leases.
 *
 * A writer takes a {@linkcode FrameDraft}, fills it and publishes it as a {@linkcode Frame}; when
 * the last lease on it is disposed the place is free again. Memory is reserved on first use and
 * grows with the pictures, but never beyond `frames` × the biggest picture seen. In steady state
 * nothing but two small objects is allocated per frame.
 */
export class FramePool implements Disposable {
  /** The memory the pictures lie in. */
  readonly arena: Arena;
  /** How many pictures fit. */
  readonly frames: number;
  readonly #pictureBytesMax: number;
  readonly #free: PoolSlot[] = [];
  #waiters: (() => void)[] = [];
  readonly #onRelease = (slot: PoolSlot): void => this.#release(slot);
  #slotBytes = 0;
  #closed = false;

  /**
   * Makes an empty pool; no memory is reserved yet.
   *
   * @param arena Where the pictures go; it may be shared with other users.
   * @param options `frames`: places, 1 to {@linkcode POOL_FRAMES_MAX}. `pictureBytesMax`: biggest
   * picture that is accepted, {@linkcode PICTURE_BYTES_MAX} by default.
   * @throws {RangeError} If `frames` is not a whole number in its range.
   */
  constructor(
    arena: Arena,
    options: { readonly frames: number; readonly pictureBytesMax?: number },
  ) {
    const { frames, pictureBytesMax = PICTURE_BYTES_MAX } = options;
    if (!Number.isInteger(frames) || frames < 1 || frames > POOL_FRAMES_MAX) {
      throw new RangeError(
        `Cannot make a pool of ${frames} frames: use a whole number from 1 to ${POOL_FRAMES_MAX}`,
      );
    }
    this.arena = arena;
    this.frames = frames;
    this.#pictureBytesMax = pictureBytesMax;
    for (let i = 0; i < frames; i++) {
      this.#free.push({ byteOffset: 0, bytes: 0, leases: 0, shape: null, picture: null });
    }
  }

  /** How many places are free now. */
  get available(): number {
    return this.#free.length;
  }

  /**
   * Takes a place for a picture of this shape, or returns `null` when all are out.
   *
   * @throws {FoveaError} `LIMIT` if the picture is bigger than the pool or the arena allows;
   * `DISPOSED` if the pool is closed.
   * @throws {RangeError} If a stride is shorter than its row, or a size is not a whole number
   * from 1.
   */
  tryLease(shape: PictureShape): FrameDraft | null {
    if (this.#closed) {
      throw new FoveaError("DISPOSED", "Cannot lease a frame: the pool is closed");
    }
    const slot = this.#free.pop();
    if (slot === undefined) return null;
    try {
      const picture = this.#place(slot, shape);
      slot.leases = 1;
      return new FrameDraft(picture, this.arena, slot, this.#onRelease);
    } catch (error) {
      this.#free.push(slot);
      throw error;
    }
  }

  /** Resolves when a place is free, when `signal` aborts, or when the pool is closed. */
  async waitForSlot(signal?: AbortSignal): Promise<void> {
    if (this.#free.length > 0 || this.#closed || signal?.aborted) return;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        signal?.removeEventListener("abort", wake);
        this.#waiters = this.#waiters.filter((other) => other !== wake);
        resolve();
      };
      this.#waiters.push(wake);
      signal?.addEventListener("abort", wake, { once: true });
    });
  }

  /**
   * Closes the pool. Memory of free places goes back to the arena now, that of leased ones when
   * their last lease is disposed. A second call does nothing.
   */
  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const slot of this.#free) this.#freeMemory(slot);
    this.#wake();
  }

  #place(slot: PoolSlot, shape: PictureShape): Picture {
    if (slot.shape === shape && slot.picture !== null) return slot.picture;
    const layout = layOut(shape);
    if (layout.bytes > this.#pictureBytesMax) {
      throw new FoveaError(
        "LIMIT",
        `Cannot hold a picture of ${shape.width}×${shape.height} (${layout.bytes} bytes): the most is ${this.#pictureBytesMax} bytes`,
        { hint: "Set the camera to a smaller picture" },
      );
    }
    this.#slotBytes = Math.max(this.#slotBytes, layout.bytes);
    if (slot.bytes < layout.bytes) {
      this.#freeMemory(slot);
      slot.byteOffset = this.arena.allocate(this.#slotBytes);
      slot.bytes = this.#slotBytes;
    }
    slot.shape = shape;
    slot.picture = {
      format: shape.format,
      width: shape.width,
      height: shape.height,
      colorRange: shape.colorRange,
      colorMatrix: shape.colorMatrix,
      planes: layout.planes.map(({ byteOffset, strideBytes }) => ({
        byteOffset: slot.byteOffset + byteOffset,
        strideBytes,
      })),
    };
    return slot.picture;
  }

  #release(slot: PoolSlot): void {
    slot.leases--;
    if (slot.leases > 0) return;
    if (this.#closed) {
      this.#freeMemory(slot);
      return;
    }
    this.#free.push(slot);
    this.#wake();
  }

  #freeMemory(slot: PoolSlot): void {
    if (slot.bytes > 0) this.arena.free(slot.byteOffset);
    slot.bytes = 0;
    slot.shape = null;
    slot.picture = null;
  }

  #wake(): void {
    if (this.#waiters.length === 0) return;
    for (const wake of [...this.#waiters]) wake();
  }
}

/** Places the planes one after the other; offsets count from the start of the picture. */
function layOut(shape: PictureShape): { bytes: number; planes: Plane[] } {
  const { format, width, height, stridesBytes } = shape;
  if (!(Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0)) {
    throw new RangeError(`Cannot place a picture of ${width}×${height}: both must be at least 1`);
  }
  const planes: Plane[] = [];
  let bytes = 0;
  for (const [index, { rowBytes, rows }] of planeSizes(format, width, height).entries()) {
    const strideBytes = stridesBytes[index];
    if (strideBytes === undefined || strideBytes < rowBytes) {
      throw new RangeError(
        `Cannot place plane ${index} of ${format}: a row has ${rowBytes} bytes, the stride is ${strideBytes}`,
      );
    }
    planes.push({ byteOffset: bytes, strideBytes });
    bytes += Math.ceil(strideBytes * rows / PLANE_ALIGNMENT) * PLANE_ALIGNMENT;
  }
  return { bytes, planes };
}
