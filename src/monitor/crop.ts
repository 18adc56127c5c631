import type { Picture } from "../core/frame.ts";
import type { Xyxy } from "../core/xyxy.ts";
import { type YuvToRgb, yuvToRgb } from "../core/yuv.ts";

/** Longest side of a crop in pixels. */
const SIDE_MAX = 96;
/** How much of an object's size is shown around it on each side. */
const MARGIN_SHARE = 0.25;
/** Least margin in source pixels. */
const MARGIN_MIN = 4;

/** A small picture cut out of a frame. */
export interface RgbCrop {
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
  /** Pixels, `[height, width, 3]` uint8, R G B. */
  readonly rgb: Uint8Array;
  /** What it shows, in source pixels. */
  readonly xyxyPx: Xyxy;
}

/**
 * Cuts an object with its surroundings out of a picture, at most 96 pixels on the longer side,
 * nearest neighbour: for people to look at.
 *
 * @param memory The arena's bytes.
 */
export function cropAround(picture: Picture, memory: Uint8Array, [x1, y1, x2, y2]: Xyxy): RgbCrop {
  const margin = Math.max(MARGIN_MIN, MARGIN_SHARE * Math.max(x2 - x1, y2 - y1));
  const left = clamp(Math.floor(x1 - margin), 0, picture.width - 1);
  const top = clamp(Math.floor(y1 - margin), 0, picture.height - 1);
  const right = clamp(Math.ceil(x2 + margin), left + 1, picture.width);
  const bottom = clamp(Math.ceil(y2 + margin), top + 1, picture.height);
  const scale = Math.min(1, SIDE_MAX / Math.max(right - left, bottom - top));
  const width = Math.max(1, Math.round((right - left) * scale));
  const height = Math.max(1, Math.round((bottom - top) * scale));
  const rgb = new Uint8Array(3 * width * height);
  const read = pixelReader(picture, memory);
  for (let row = 0; row < height; row++) {
    const y = Math.min(picture.height - 1, top + Math.floor((row + 0.5) / scale));
    for (let column = 0; column < width; column++) {
      const x = Math.min(picture.width - 1, left + Math.floor((column + 0.5) / scale));
      read(x, y, rgb, 3 * (row * width + column));
    }
  }
  return { width, height, rgb, xyxyPx: [left, top, right, bottom] };
}

type PixelReader = (x: number, y: number, out: Uint8Array, at: number) => void;

function pixelReader(picture: Picture, memory: Uint8Array): PixelReader {
  const { format, planes } = picture;
  const offset = (plane: number, row: number) =>
    planes[plane]!.byteOffset + row * planes[plane]!.strideBytes;
  const color = yuvToRgb(picture.colorRange, picture.colorMatrix);
  switch (format) {
    case "gray8":
      return (x, y, out, at) => out.fill(memory[offset(0, y) + x]!, at, at + 3);
    case "rgb24":
    case "rgba":
    case "bgr24":
    case "bgrx": {
      const step = format === "rgb24" || format === "bgr24" ? 3 : 4;
      const red = format === "rgb24" || format === "rgba" ? 0 : 2;
      return (x, y, out, at) => {
        const from = offset(0, y) + x * step;
        out[at] = memory[from + red]!;
        out[at + 1] = memory[from + 1]!;
        out[at + 2] = memory[from + 2 - red]!;
      };
    }
    case "yuyv":
      return (x, y, out, at) => {
        const pair = offset(0, y) + 4 * (x >> 1);
        const luma = memory[pair + 2 * (x & 1)]!;
        writeYuv(color, luma, memory[pair + 1]!, memory[pair + 3]!, out, at);
      };
    case "nv12":
      return (x, y, out, at) => {
        const pair = offset(1, y >> 1) + 2 * (x >> 1);
        writeYuv(color, memory[offset(0, y) + x]!, memory[pair]!, memory[pair + 1]!, out, at);
      };
    case "i420":
      return (x, y, out, at) => {
        const [u, v] = [
          memory[offset(1, y >> 1) + (x >> 1)]!,
          memory[offset(2, y >> 1) + (x >> 1)]!,
        ];
        writeYuv(color, memory[offset(0, y) + x]!, u, v, out, at);
      };
  }
}

function writeYuv(
  { black, luma, redV, greenU, greenV, blueU }: YuvToRgb,
  y: number,
  u: number,
  v: number,
  out: Uint8Array,
  at: number,
): void {
  const base = luma * (y - black);
  out[at] = toByte(base + redV * (v - 128));
  out[at + 1] = toByte(base + greenU * (u - 128) + greenV * (v - 128));
  out[at + 2] = toByte(base + blueU * (u - 128));
}

function toByte(value: number): number {
  return clamp(Math.round(value), 0, 255);
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
