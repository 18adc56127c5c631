import type { ColorMatrix, ColorRange } from "./pixel_format.ts";

/**
 * Coefficients that turn 8-bit YUV into RGB in 0–255, before clamping:
 *
 * ```text
 * R = luma * (Y - black) + redV  * (V - 128)
 * G = luma * (Y - black) + greenU * (U - 128) + greenV * (V - 128)
 * B = luma * (Y - black) + blueU * (U - 128)
 * ```
 */
export interface YuvToRgb {
  /** Luma code of black: 16 (`limited`) or 0 (`full`). */
  readonly black: number;
  /** Factor on luma. */
  readonly luma: number;
  /** Factor of V in red. */
  readonly redV: number;
  /** Factor of U in green, negative. */
  readonly greenU: number;
  /** Factor of V in green, negative. */
  readonly greenV: number;
  /** Factor of U in blue. */
  readonly blueU: number;
}

/** Shares of red and blue in luma: ITU-R BT.601-7 and BT.709-6, section 3. */
const LUMA_SHARES: Readonly<Record<ColorMatrix, { readonly red: number; readonly blue: number }>> =
  {
    bt601: { red: 0.299, blue: 0.114 },
    bt709: { red: 0.2126, blue: 0.0722 },
  };

/**
 * The coefficients for a value range and a set of luma shares, from ITU-R BT.601-7 and BT.709-6.
 */
export function yuvToRgb(range: ColorRange, matrix: ColorMatrix): YuvToRgb {
  const { red, blue } = LUMA_SHARES[matrix];
  const green = 1 - red - blue;
  const luma = range === "limited" ? 255 / 219 : 1;
  const chroma = range === "limited" ? 255 / 224 : 1;
  const redV = chroma * 2 * (1 - red);
  const blueU = chroma * 2 * (1 - blue);
  return {
    black: range === "limited" ? 16 : 0,
    luma,
    redV,
    greenU: -blueU * blue / green,
    greenV: -redV * red / green,
    blueU,
  };
}
