// Pictures that say which one they are: a moving pattern, and their number as a row of blocks.
import type { Frame } from "../../src/core/frame.ts";
import { planeSizes } from "../../src/core/pixel_format.ts";

/** What a picture shows: `frozen` is always picture 0, `black` has no number. */
export type PictureContent = "moving" | "frozen" | "black";

/** Bits of the number, one block each across the whole width, highest first. */
const BITS = 16;
const DARK = 40;
const BRIGHT = 210;

/** Paints picture `index` as I420 without padding, limited range. */
export function paintPicture(
  index: number,
  width: number,
  height: number,
  content: PictureContent,
): Uint8Array<ArrayBuffer> {
  const [luma, chroma] = planeSizes("i420", width, height);
  const lumaBytes = luma!.rowBytes * luma!.rows;
  const pixels = new Uint8Array(lumaBytes + 2 * chroma!.rowBytes * chroma!.rows).fill(
    128,
    lumaBytes,
  );
  const number = content === "frozen" ? 0 : index;
  const strip = stripRows(height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      pixels[y * width + x] = content === "black"
        ? 16
        : y >= height - strip
        ? (bitAt(number, x, width) ? BRIGHT : DARK)
        : 64 + ((x + y + 4 * number) & 127);
    }
  }
  return pixels;
}

/** Reads the number of a picture that {@linkcode paintPicture} painted, after any coding. */
export function readPictureNumber(frame: Frame): number {
  const { width, height, format, planes } = frame.picture;
  const bytes = frame.planeBytes(0);
  const step = planeSizes(format, 256, 1)[0]!.rowBytes / 256;
  const y = height - Math.max(1, Math.ceil(stripRows(height) / 2));
  let number = 0;
  for (let bit = 0; bit < BITS; bit++) {
    const x = Math.floor((bit + 0.5) * width / BITS);
    const value = bytes[y * planes[0]!.strideBytes + x * step]!;
    number = 2 * number + (value > (DARK + BRIGHT) / 2 ? 1 : 0);
  }
  return number;
}

function stripRows(height: number): number {
  return Math.max(1, height >> 2);
}

function bitAt(number: number, x: number, width: number): number {
  const bit = Math.floor(x * BITS / width);
  return (number >> (BITS - 1 - bit)) & 1;
}
