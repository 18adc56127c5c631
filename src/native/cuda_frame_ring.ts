import type { Picture } from "../core/frame.ts";
import { planeSizes } from "../core/pixel_format.ts";
import type { CudaContext } from "./cuda_context.ts";
import type { CudaEvent } from "./cuda_event.ts";
import type { DeviceMemory, PinnedMemory } from "./cuda_memory.ts";
import type { CudaStream } from "./cuda_stream.ts";
import { checkPicture } from "./kernel_arguments.ts";

/** Where planes start, so that rows of a picture lie on whole memory transactions of the GPU. */
const PLANE_ALIGNMENT = 256;

/** Lowest compute capability whose pinned memory the processor still caches. */
const CACHED_PINNED_MEMORY = 72;

/**
 * How pictures get to the GPU: `mapped` reads pinned memory where it is, `copied` copies it first.
 */
export type FrameTransfer = "mapped" | "copied";

/**
 * The better way for a GPU. One that shares the processor's memory reads a picture in place: it
 * does so only once, so a copy would cost what it saves. Others must not read over the bus again and
 * again; and before compute capability 7.2 the processor does not cache pinned memory.
 *
 * Source: NVIDIA, "CUDA for Tegra", chapter 3.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { chooseTransfer } from "@fovea/fovea/cuda";
 *
 * const orin = { integrated: true, mapsHostMemory: true, computeCapability: 87 };
 * assertEquals(chooseTransfer(orin), "mapped");
 * assertEquals(chooseTransfer({ ...orin, integrated: false }), "copied");
 * ```
 */
export function chooseTransfer(
  device: Pick<CudaContext["device"], "integrated" | "mapsHostMemory" | "computeCapability">,
): FrameTransfer {
  const { integrated, mapsHostMemory, computeCapability } = device;
  const mapped = integrated && mapsHostMemory && computeCapability >= CACHED_PINNED_MEMORY;
  return mapped ? "mapped" : "copied";
}

/** A picture that the GPU sees. */
export interface DevicePicture {
  /** How it lies in its memory; the same object for all pictures of one shape. */
  readonly picture: Picture;
  /** Where the GPU sees that memory. */
  readonly address: bigint;
  /** Size of that memory. */
  readonly bytes: number;
}

interface Slot {
  readonly pinned: PinnedMemory;
  readonly pixels: Uint8Array;
  /** What pictures are copied into; `null` where they are read in place. */
  readonly device: DeviceMemory | null;
  readonly image: DevicePicture;
  /** Set behind the work that reads the slot. */
  readonly consumed: CudaEvent;
}

/**
 * A ring of pinned memory through which pictures go to the GPU: one copy by the processor into it,
 * and none or one by the GPU out of it. A slot is used again when the GPU is done with it.
 *
 * Slots are made for the first picture, and anew for one of another shape; between, nothing is
 * allocated.
 */
export class CudaFrameRing implements Disposable {
  /** How pictures get to the GPU. */
  readonly transfer: FrameTransfer;
  readonly #context: CudaContext;
  readonly #slotCount: number;
  #slots: readonly Slot[] = [];
  #stack = new DisposableStack();
  #shape: Picture | null = null;
  #next = 0;

  /**
   * Makes an empty ring.
   *
   * @param options `slots`: how many pictures it holds, 1–8, 2 by default. `transfer`: how they get
   * to the GPU, by default the better way for it.
   */
  constructor(
    context: CudaContext,
    options: { readonly slots?: number; readonly transfer?: FrameTransfer } = {},
  ) {
    const { slots = 2, transfer = chooseTransfer(context.device) } = options;
    if (!Number.isInteger(slots) || slots < 1 || slots > 8) {
      throw new RangeError(`Cannot make a ring of ${slots} pictures: use 1 to 8`);
    }
    if (transfer === "mapped" && !context.device.mapsHostMemory) {
      throw new RangeError(
        `Cannot read pictures in place: ${context.device.name} does not see them`,
      );
    }
    this.#context = context;
    this.#slotCount = slots;
    this.transfer = transfer;
  }

  /**
   * Brings a picture to the GPU and lets `use` give the work that reads it to the same stream. The
   * source may be changed once this returns.
   *
   * @param source The picture; plane offsets count from the start of `memory`.
   * @throws {RangeError} If it does not lie in `memory`.
   * @throws {FoveaError} `GPU_MEMORY` if there is no room for the slots, `GPU_FAILED`.
   */
  submit(
    source: Picture,
    memory: ArrayBufferLike,
    stream: CudaStream,
    use: (image: DevicePicture) => void,
  ): void {
    checkPicture(source, memory.byteLength);
    if (this.#shape === null || !hasSameShape(this.#shape, source)) this.#reshape(source);
    const slot = this.#slots[this.#next]!;
    this.#next = (this.#next + 1) % this.#slotCount;
    slot.consumed.synchronize();
    const spans = planeSizes(source.format, source.width, source.height);
    for (let i = 0; i < spans.length; i++) {
      const { byteOffset, strideBytes } = source.planes[i]!;
      const { rows, rowBytes } = spans[i]!;
      const bytes = (rows - 1) * strideBytes + rowBytes;
      const plane = new Uint8Array(memory, byteOffset, bytes);
      slot.pixels.set(plane, slot.image.picture.planes[i]!.byteOffset);
    }
    try {
      if (slot.device !== null) slot.pinned.copyTo(slot.device, slot.image.bytes, stream);
      use(slot.image);
    } finally {
      slot.consumed.record(stream);
    }
  }

  /** Frees the slots, after the GPU has done its work. */
  [Symbol.dispose](): void {
    this.#slots = [];
    this.#shape = null;
    this.#stack[Symbol.dispose]();
  }

  #reshape(source: Picture): void {
    this.#slots = [];
    this.#shape = null;
    this.#stack[Symbol.dispose]();
    using stack = new DisposableStack();
    const { picture, bytes } = placePlanes(source);
    this.#slots = Array.from({ length: this.#slotCount }, (): Slot => {
      const pinned = stack.use(this.#context.allocatePinned(bytes));
      const device = this.transfer === "copied" ? stack.use(this.#context.allocate(bytes)) : null;
      const consumed = stack.use(this.#context.createEvent());
      const address = device?.address ?? pinned.deviceAddress!;
      const pixels = new Uint8Array(pinned.buffer);
      return { pinned, pixels, device, consumed, image: { picture, address, bytes } };
    });
    this.#next = 0;
    this.#shape = source;
    this.#stack = stack.move();
  }
}

/** The same picture with its planes close together; rows keep their distance. */
function placePlanes(source: Picture): { picture: Picture; bytes: number } {
  let end = 0;
  const sizes = planeSizes(source.format, source.width, source.height);
  const planes = source.planes.map(({ strideBytes }, i) => {
    const byteOffset = Math.ceil(end / PLANE_ALIGNMENT) * PLANE_ALIGNMENT;
    end = byteOffset + strideBytes * (sizes[i]!.rows - 1) + sizes[i]!.rowBytes;
    return { byteOffset, strideBytes };
  });
  return { picture: { ...source, planes }, bytes: end };
}

function hasSameShape(a: Picture, b: Picture): boolean {
  return a.format === b.format && a.width === b.width && a.height === b.height &&
    a.colorRange === b.colorRange && a.colorMatrix === b.colorMatrix &&
    a.planes.every(({ strideBytes }, i) => strideBytes === b.planes[i]!.strideBytes);
}
