import { FoveaError } from "../core/errors.ts";
import type { Arena } from "../core/frame.ts";

const PAGE_BYTES = 65_536;
const ALIGNMENT = 64;
/** What a 32-bit wasm memory can address at most; only touched pages take real memory. */
const BYTES_MAX = 2 ** 32;
/**
 * Bytes that stay readable behind the last region: vector code of native libraries reads a few
 * bytes past the end of a picture, and behind the memory nothing may be read.
 */
const OVERREAD_BYTES = 128;
/** The first page belongs to the constants of the wasm kernels. */
const RESERVED_BYTES = PAGE_BYTES;

interface Region {
  readonly byteOffset: number;
  readonly bytes: number;
}

/**
 * An {@linkcode Arena} on a shared wasm memory, with a first-fit free list.
 *
 * One isolate makes it and allocates from it; others only look at `memory`. Growing never moves
 * the bytes, so addresses handed to native code stay good. Nothing has to be disposed: the memory
 * goes when the last isolate drops it.
 */
export class SharedArena implements Arena {
  readonly memory: WebAssembly.Memory;
  readonly #bytesMax: number;
  #top = RESERVED_BYTES;
  #free: Region[] = [];
  readonly #used = new Map<number, number>();

  /**
   * Makes an empty arena.
   *
   * @param options `bytesMax`: most bytes it may ever take, up to 4 GiB (the default). Address
   * space for them is reserved at once, memory is taken as it is used.
   * @throws {RangeError} If `bytesMax` is not a whole number from 64 KiB to 4 GiB.
   */
  constructor(options: { readonly bytesMax?: number } = {}) {
    const bytesMax = options.bytesMax ?? BYTES_MAX;
    if (!Number.isInteger(bytesMax) || bytesMax < PAGE_BYTES || bytesMax > BYTES_MAX) {
      throw new RangeError(`Cannot make an arena of ${bytesMax} bytes: use 64 KiB to 4 GiB`);
    }
    this.#bytesMax = bytesMax;
    this.memory = new WebAssembly.Memory({
      initial: 1,
      maximum: Math.floor(BYTES_MAX / PAGE_BYTES),
      shared: true,
    });
  }

  get buffer(): SharedArrayBuffer {
    return this.memory.buffer as unknown as SharedArrayBuffer;
  }

  /** Bytes handed out and not given back. */
  get usedBytes(): number {
    let bytes = 0;
    for (const size of this.#used.values()) bytes += size;
    return bytes;
  }

  allocate(bytes: number): number {
    if (!Number.isInteger(bytes) || bytes < 0) {
      throw new RangeError(`Cannot allocate ${bytes} bytes: a whole number from 0 is needed`);
    }
    const size = Math.max(ALIGNMENT, Math.ceil(bytes / ALIGNMENT) * ALIGNMENT);
    const index = this.#free.findIndex((region) => region.bytes >= size);
    const byteOffset = index < 0 ? this.#extend(size) : this.#carve(index, size);
    this.#used.set(byteOffset, size);
    return byteOffset;
  }

  free(byteOffset: number): void {
    const bytes = this.#used.get(byteOffset);
    if (bytes === undefined) {
      throw new RangeError(`Cannot free offset ${byteOffset}: it is not allocated`);
    }
    this.#used.delete(byteOffset);
    this.#free.push({ byteOffset, bytes });
    this.#free.sort((a, b) => a.byteOffset - b.byteOffset);
    this.#free = mergeNeighbours(this.#free);
  }

  #carve(index: number, size: number): number {
    const region = this.#free[index]!;
    const rest = region.bytes - size;
    this.#free.splice(
      index,
      1,
      ...(rest > 0 ? [{ byteOffset: region.byteOffset + size, bytes: rest }] : []),
    );
    return region.byteOffset;
  }

  #extend(size: number): number {
    const last = this.#free.at(-1);
    const tail = last !== undefined && last.byteOffset + last.bytes === this.#top ? last : null;
    const byteOffset = tail?.byteOffset ?? this.#top;
    const end = byteOffset + size;
    if (end > this.#bytesMax) {
      throw new FoveaError(
        "LIMIT",
        `Cannot reserve ${size} bytes: the arena holds ${this.usedBytes} of ${this.#bytesMax} bytes`,
        { hint: "Use smaller pictures, fewer workers or a smaller network input" },
      );
    }
    const missing = Math.min(end + OVERREAD_BYTES, BYTES_MAX) - this.buffer.byteLength;
    if (missing > 0) this.#grow(Math.ceil(missing / PAGE_BYTES));
    if (tail !== null) this.#free.pop();
    this.#top = end;
    return byteOffset;
  }

  #grow(pages: number): void {
    try {
      this.memory.grow(pages);
    } catch (cause) {
      throw new FoveaError("LIMIT", `Cannot grow the arena by ${pages * PAGE_BYTES} bytes`, {
        cause,
        hint: "This machine has too little memory or address space for these pictures",
      });
    }
  }
}

function mergeNeighbours(sorted: readonly Region[]): Region[] {
  const merged: Region[] = [];
  for (const region of sorted) {
    const last = merged.at(-1);
    if (last !== undefined && last.byteOffset + last.bytes === region.byteOffset) {
      merged[merged.length - 1] = { ...last, bytes: last.bytes + region.bytes };
    } else {
      merged.push(region);
    }
  }
  return merged;
}
