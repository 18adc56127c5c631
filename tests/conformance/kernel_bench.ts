import type { Picture } from "../../src/core/frame.ts";
import type { InputSpec, LetterboxRule } from "../../src/core/input_spec.ts";
import type { Kernels } from "../../src/core/kernels.ts";
import { type PixelFormat, planeSizes } from "../../src/core/pixel_format.ts";

/** Kernels with the memory they work in. */
export interface KernelBench {
  readonly kernels: Kernels;
  /** The bytes as they are now; allocating may change the object. */
  readonly buffer: ArrayBufferLike;
  /** Reserves bytes aligned to 64. */
  allocate(bytes: number): number;
  /** Gives everything back that was allocated. */
  reset(): void;
}

/** What tests say about a picture; the rest has defaults. */
export interface PictureSpec {
  readonly format: PixelFormat;
  readonly width: number;
  readonly height: number;
  readonly colorRange?: Picture["colorRange"];
  readonly colorMatrix?: Picture["colorMatrix"];
  /** Bytes between the rows of each plane that belong to nobody. */
  readonly rowGap?: number;
}

/** What tests say about an input; the rest has defaults: planar RGB float32 in 0–255. */
export type InputChoice = Partial<Omit<InputSpec, "width" | "height" | "letterbox">>;

export const CENTER: LetterboxRule = { mode: "letterbox", anchor: "center", padValue: 114 };
export const TOP_LEFT: LetterboxRule = { mode: "letterbox", anchor: "topleft", padValue: 0 };
export const STRETCH: LetterboxRule = { mode: "stretch", anchor: "center", padValue: 0 };

/** A small, fast, seeded stream of bytes (Numerical Recipes' linear congruential generator). */
export function fillNoise(bytes: Uint8Array, seed: number): void {
  let state = seed >>> 0;
  for (let i = 0; i < bytes.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
}

/** Places a picture whose planes are made by `fill`; gaps between rows hold 0xee. */
export function placePicture(
  bench: KernelBench,
  spec: PictureSpec,
  fill: (row: Uint8Array, plane: number, y: number) => void,
): Picture {
  const { format, width, height, rowGap = 0 } = spec;
  const sizes = planeSizes(format, width, height);
  const planes = sizes.map(({ rowBytes, rows }) => ({
    byteOffset: bench.allocate((rowBytes + rowGap) * rows),
    strideBytes: rowBytes + rowGap,
  }));
  const bytes = new Uint8Array(bench.buffer);
  planes.forEach(({ byteOffset, strideBytes }, plane) => {
    const { rowBytes, rows } = sizes[plane]!;
    bytes.fill(0xee, byteOffset, byteOffset + strideBytes * rows);
    for (let y = 0; y < rows; y++) {
      const start = byteOffset + y * strideBytes;
      fill(bytes.subarray(start, start + rowBytes), plane, y);
    }
  });
  return {
    format,
    width,
    height,
    colorRange: spec.colorRange ?? "limited",
    colorMatrix: spec.colorMatrix ?? "bt601",
    planes,
  };
}

/** A picture of noise. */
export function placeNoise(bench: KernelBench, spec: PictureSpec, seed: number): Picture {
  return placePicture(bench, spec, (row, plane, y) => fillNoise(row, seed + 31 * plane + 997 * y));
}

/** A picture whose every pixel (or luma, U, V) has the same bytes, one list per plane. */
export function placeFlat(
  bench: KernelBench,
  spec: PictureSpec,
  bytes: readonly (readonly number[])[],
): Picture {
  return placePicture(bench, spec, (row, plane) => {
    const pattern = bytes[plane]!;
    for (let i = 0; i < row.length; i++) row[i] = pattern[i % pattern.length]!;
  });
}

/** An input of this size. */
export function makeInput(
  width: number,
  height: number,
  letterbox: LetterboxRule,
  choice: InputChoice = {},
): InputSpec {
  return {
    name: "images",
    type: "float32",
    layout: "nchw",
    channels: "rgb",
    scale: [1, 1, 1],
    bias: [0, 0, 0],
    ...choice,
    width,
    height,
    letterbox,
  };
}

/** Values of `out`, whatever its type. */
export type InputTensor = Float32Array | Float16Array | Uint8Array;

/** Bytes behind an output that nothing may touch. */
const GUARD_BYTES = 64;
const GUARD = 0xa5;

/** Places an output full of values that no kernel writes, and a guard behind it. */
export function placeOutput(bench: KernelBench, input: InputSpec): InputTensor {
  const elements = 3 * input.width * input.height;
  const offset = bench.allocate(4 * elements + GUARD_BYTES);
  const out = makeTensor(input.type, bench.buffer, offset, elements);
  out.fill(input.type === "uint8" ? 0x55 : NaN);
  new Uint8Array(bench.buffer, offset + out.byteLength, GUARD_BYTES).fill(GUARD);
  return out;
}

/** Whether the bytes behind an output from {@linkcode placeOutput} are as they were. */
export function guardHolds(out: InputTensor): boolean {
  return new Uint8Array(out.buffer, out.byteOffset + out.byteLength, GUARD_BYTES)
    .every((byte) => byte === GUARD);
}

/** A tensor view of the input's type. */
export function makeTensor(
  type: InputSpec["type"],
  buffer: ArrayBufferLike,
  byteOffset: number,
  elements: number,
): InputTensor {
  if (type === "float32") return new Float32Array(buffer, byteOffset, elements);
  if (type === "float16") return new Float16Array(buffer, byteOffset, elements);
  return new Uint8Array(buffer, byteOffset, elements);
}
