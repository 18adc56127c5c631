import type { Arena, Frame, Picture } from "../../src/core/frame.ts";
import { FramePool } from "../../src/core/frame_pool.ts";
import {
  type ColorMatrix,
  type ColorRange,
  type PixelFormat,
  planeSizes,
} from "../../src/core/pixel_format.ts";
import { SharedArena } from "../../src/native/arena.ts";

/** Red, green and blue, 0–255. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** What a made-up frame shows. */
export interface FakeFrameOptions {
  /** How pixels lie in memory. */
  readonly format: PixelFormat;
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
  /** Colour of each pixel; black by default. */
  readonly paint?: (x: number, y: number) => Rgb;
  /** Value range of YUV formats; `limited` by default. */
  readonly colorRange?: ColorRange;
  /** Coefficients of YUV formats; `bt601` by default. */
  readonly colorMatrix?: ColorMatrix;
  /** Unused bytes at the end of every row; 0 by default. They hold 0xAA. */
  readonly paddingBytes?: number;
  /** The memory; one that all made-up frames share by default. */
  readonly arena?: Arena;
  /** Position in the stream; 0 by default. */
  readonly seq?: number;
  /** Presentation time in milliseconds; 40 ms per `seq` by default. */
  readonly ptsMs?: number;
  /** Reconnects before this frame; 0 by default. */
  readonly epoch?: number;
}

let sharedArena: SharedArena | null = null;

/** Makes a frame out of nothing, on lease from a pool of its own; dispose it. */
export function makeFrame(options: FakeFrameOptions): Frame {
  const { format, width, height, paddingBytes = 0, seq = 0 } = options;
  const arena = options.arena ?? (sharedArena ??= new SharedArena());
  using pool = new FramePool(arena, { frames: 1 });
  const draft = pool.tryLease({
    format,
    width,
    height,
    colorRange: options.colorRange ?? "limited",
    colorMatrix: options.colorMatrix ?? "bt601",
    stridesBytes: planeSizes(format, width, height).map(({ rowBytes }) => rowBytes + paddingBytes),
  })!;
  paintPicture(draft.picture, arena.buffer, options.paint ?? (() => [0, 0, 0]));
  return draft.publish({
    seq,
    epoch: options.epoch ?? 0,
    capturedMs: 0,
    ptsMs: options.ptsMs ?? 40 * seq,
    decodeMs: 0,
  });
}

/** Fills a picture; chroma of subsampled formats is that of the mean colour of its pixels. */
export function paintPicture(
  picture: Picture,
  memory: ArrayBufferLike,
  paint: (x: number, y: number) => Rgb,
): void {
  const { format, width, height } = picture;
  const sizes = planeSizes(format, width, height);
  const planes = picture.planes.map(({ byteOffset, strideBytes }, i) => ({
    bytes: new Uint8Array(memory, byteOffset, strideBytes * sizes[i]!.rows).fill(0xaa),
    strideBytes,
  }));
  const put = (plane: number, row: number, column: number, value: number) => {
    const { bytes, strideBytes } = planes[plane]!;
    bytes[row * strideBytes + column] = Math.max(0, Math.min(255, Math.round(value)));
  };
  const chromaRows = format === "yuyv" ? 1 : 2;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) putPixel(format, x, y, paint(x, y), picture, put);
  }
  if (!isSubsampled(format)) return;
  for (let y = 0; y < height; y += chromaRows) {
    for (let x = 0; x < width; x += 2) {
      const mean = meanColor(paint, x, y, Math.min(width, x + 2), Math.min(height, y + chromaRows));
      const [, u, v] = toYuv(mean, picture.colorRange, picture.colorMatrix);
      putChroma(format, x >> 1, y / chromaRows, u, v, put);
    }
  }
}

/** Luma and chroma of a colour, 0–255, not rounded. Source: ITU-R BT.601 and BT.709. */
export function toYuv([r, g, b]: Rgb, range: ColorRange, matrix: ColorMatrix): Rgb {
  const [kr, kb] = matrix === "bt709" ? [0.2126, 0.0722] : [0.299, 0.114];
  const luma = kr * r + (1 - kr - kb) * g + kb * b;
  const cb = (b - luma) / (2 * (1 - kb));
  const cr = (r - luma) / (2 * (1 - kr));
  return range === "full"
    ? [luma, 128 + cb, 128 + cr]
    : [16 + luma * 219 / 255, 128 + cb * 224 / 255, 128 + cr * 224 / 255];
}

type Put = (plane: number, row: number, column: number, value: number) => void;

function isSubsampled(format: PixelFormat): boolean {
  return format === "nv12" || format === "i420" || format === "yuyv";
}

function putPixel(
  format: PixelFormat,
  x: number,
  y: number,
  color: Rgb,
  { colorRange, colorMatrix }: Picture,
  put: Put,
): void {
  const [r, g, b] = color;
  if (format === "gray8") return put(0, y, x, toYuv(color, "full", "bt601")[0]);
  if (isSubsampled(format)) {
    return put(0, y, format === "yuyv" ? 2 * x : x, toYuv(color, colorRange, colorMatrix)[0]);
  }
  const ordered = format === "rgb24" || format === "rgba" ? [r, g, b] : [b, g, r];
  const bytes = format === "rgb24" || format === "bgr24" ? 3 : 4;
  for (const [channel, value] of ordered.entries()) put(0, y, bytes * x + channel, value);
  if (bytes === 4) put(0, y, 4 * x + 3, 7);
}

function putChroma(
  format: PixelFormat,
  column: number,
  row: number,
  u: number,
  v: number,
  put: Put,
): void {
  if (format === "nv12") {
    put(1, row, 2 * column, u);
    put(1, row, 2 * column + 1, v);
  } else if (format === "i420") {
    put(1, row, column, u);
    put(2, row, column, v);
  } else {
    put(0, row, 4 * column + 1, u);
    put(0, row, 4 * column + 3, v);
  }
}

function meanColor(
  paint: (x: number, y: number) => Rgb,
  x1: number,
  y1: number,
  x2: number,
  y2: number,
): Rgb {
  const sum = [0, 0, 0];
  const count = (x2 - x1) * (y2 - y1);
  for (let y = y1; y < y2; y++) {
    for (let x = x1; x < x2; x++) paint(x, y).forEach((value, i) => sum[i]! += value / count);
  }
  return [sum[0]!, sum[1]!, sum[2]!];
}
