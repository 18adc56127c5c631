import type { Arena, Picture } from "../core/frame.ts";
import type { InputSpec, Letterbox } from "../core/input_spec.ts";
import { createKernels } from "../native/create_kernels.ts";
import type { Kernels } from "../core/kernels.ts";
import { kernelScratchBytes } from "../native/wasm_kernels.ts";

/** What is made for pictures of one size. */
interface Geometry {
  readonly letterbox: Letterbox;
  readonly input: InputSpec;
}

/**
 * Turns pictures of any format into plain BGR in the same arena: 8 bits, full range, rows without
 * padding. Colours are those that the network would get: it is the kernel that fills network
 * inputs, told to change nothing but the format.
 */
export class BgrConverter implements Disposable {
  readonly #arena: Arena;
  readonly #widthMax: number;
  readonly #scratchOffset: number;
  #kernels: Kernels | null = null;
  #geometry: Geometry | null = null;
  #disposed = false;

  /** Reserves the kernel's working memory for pictures up to a width in pixels. */
  constructor(arena: Arena, widthMax: number) {
    this.#arena = arena;
    this.#widthMax = widthMax;
    this.#scratchOffset = arena.allocate(this.#scratchBytes);
  }

  /** Whether pictures of this width fit. */
  takes(width: number): boolean {
    return width <= this.#widthMax;
  }

  /**
   * Loads the kernel; once is enough.
   *
   * @throws {FoveaError} `ENGINE_UNAVAILABLE` if the machine cannot run it.
   */
  async load(): Promise<void> {
    this.#kernels ??= await createKernels(
      this.#arena.memory,
      this.#scratchOffset,
      this.#scratchBytes,
    );
  }

  /**
   * Converts a picture after {@linkcode load}.
   *
   * @param out Where to, in the arena: `[height, width, 3]` uint8.
   */
  convert(picture: Picture, out: Uint8Array): void {
    if (this.#kernels === null) throw new TypeError("Cannot convert a picture: nothing is loaded");
    const { letterbox, input } = this.#geometryOf(picture);
    this.#kernels.letterboxInto(picture, this.#arena.buffer, letterbox, input, out);
  }

  /** Gives the working memory back; a second call does nothing. */
  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#arena.free(this.#scratchOffset);
  }

  get #scratchBytes(): number {
    const width = this.#widthMax;
    return kernelScratchBytes({ sourceWidth: width, netWidth: width, candidates: 0 });
  }

  #geometryOf({ width, height }: Picture): Geometry {
    const last = this.#geometry;
    const { sourceWidth, sourceHeight } = last?.letterbox ?? {};
    if (last !== null && sourceWidth === width && sourceHeight === height) return last;
    return this.#geometry = makeGeometry(width, height);
  }
}

/** A network input of the picture's own size. */
function makeGeometry(width: number, height: number): Geometry {
  return {
    letterbox: {
      sourceWidth: width,
      sourceHeight: height,
      netWidth: width,
      netHeight: height,
      contentWidth: width,
      contentHeight: height,
      padX: 0,
      padY: 0,
      scaleX: 1,
      scaleY: 1,
    },
    input: {
      name: "bgr",
      type: "uint8",
      layout: "nhwc",
      width,
      height,
      channels: "bgr",
      scale: [1, 1, 1],
      bias: [0, 0, 0],
      letterbox: { mode: "stretch", anchor: "topleft", padValue: 0 },
    },
  };
}
