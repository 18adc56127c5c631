import type { ColorMatrix, ColorRange } from "../core/pixel_format.ts";
import { blendByte, type Canvas, clipRect, type Rect } from "./canvas.ts";
import { type Color, toYuv } from "./color.ts";
import type { TextMask } from "./font/glyph_font.ts";

/** A plane that can be written to, `[rows, strideBytes]`. */
export interface WritablePlane {
  /** The bytes. */
  readonly bytes: Uint8Array;
  /** Distance between two rows in bytes. */
  readonly strideBytes: number;
}

/** How the colours of an {@linkcode I420Canvas} are meant. */
export interface YuvColors {
  /** Value range. */
  readonly colorRange: ColorRange;
  /** Luma coefficients. */
  readonly colorMatrix: ColorMatrix;
}

/** Rows up to this long are filled faster by a loop than by a call: the sides of boxes. */
const NARROW_BYTES = 32;

type Yuv = readonly [luma: number, cb: number, cr: number];

/**
 * Draws on planar YUV 4:2:0. A chroma sample belongs to 2 × 2 pixels, so rectangles that start
 * and end at even columns and rows have clean edges.
 */
export class I420Canvas implements Canvas {
  readonly width: number;
  readonly height: number;
  readonly #planes: readonly WritablePlane[];
  readonly #colors: YuvColors;
  /** Every colour is converted once; a program draws with a fixed set of them. */
  readonly #converted = new Map<Color, Yuv>();

  /** Draws on three planes of a `width` × `height` picture; they stay the caller's. */
  constructor(
    planes: readonly WritablePlane[],
    width: number,
    height: number,
    colors: YuvColors,
  ) {
    if (planes.length !== 3) {
      throw new RangeError(`Cannot draw on ${planes.length} planes: I420 has 3`);
    }
    this.#planes = planes;
    this.#colors = colors;
    this.width = width;
    this.height = height;
  }

  fillRect(rect: Rect, color: Color): void {
    const clipped = clipRect(rect, this.width, this.height);
    if (clipped === null) return;
    const yuv = this.#convert(color);
    fillPlane(this.#planes[0]!, clipped, yuv[0]);
    const half = halve(clipped);
    fillPlane(this.#planes[1]!, half, yuv[1]);
    fillPlane(this.#planes[2]!, half, yuv[2]);
  }

  shadeRect(rect: Rect, opacity: number): void {
    const clipped = clipRect(rect, this.width, this.height);
    if (clipped === null) return;
    const kept = Math.round(256 * (1 - opacity));
    pullPlane(this.#planes[0]!, clipped, this.#colors.colorRange === "full" ? 0 : 16, kept);
    const half = halve(clipped);
    pullPlane(this.#planes[1]!, half, 128, kept);
    pullPlane(this.#planes[2]!, half, 128, kept);
  }

  blendMask(x: number, y: number, mask: TextMask, color: Color): void {
    const clipped = clipRect(
      { x1: x, y1: y, x2: x + mask.width, y2: y + mask.height },
      this.width,
      this.height,
    );
    if (clipped === null) return;
    const [luma, cb, cr] = this.#convert(color);
    blendLuma(this.#planes[0]!, clipped, luma, { x, y, mask });
    blendChroma(this.#planes[1]!, halve(clipped), cb, { x, y, mask });
    blendChroma(this.#planes[2]!, halve(clipped), cr, { x, y, mask });
  }

  #convert(color: Color): Yuv {
    let yuv = this.#converted.get(color);
    if (yuv === undefined) {
      yuv = toYuv(color, this.#colors.colorRange, this.#colors.colorMatrix);
      this.#converted.set(color, yuv);
    }
    return yuv;
  }
}

interface PlacedMask {
  readonly x: number;
  readonly y: number;
  readonly mask: TextMask;
}

/** The chroma samples that a rectangle touches. */
function halve({ x1, y1, x2, y2 }: Rect): Rect {
  return { x1: x1 >> 1, y1: y1 >> 1, x2: (x2 + 1) >> 1, y2: (y2 + 1) >> 1 };
}

function fillPlane({ bytes, strideBytes }: WritablePlane, rect: Rect, value: number): void {
  const narrow = rect.x2 - rect.x1 <= NARROW_BYTES;
  for (let y = rect.y1; y < rect.y2; y++) {
    const end = y * strideBytes + rect.x2;
    let at = y * strideBytes + rect.x1;
    if (narrow) { while (at < end) bytes[at++] = value; }
    else bytes.fill(value, at, end);
  }
}

/** Moves every value towards `target`, keeping `kept` 256ths of the distance. */
function pullPlane(
  { bytes, strideBytes }: WritablePlane,
  rect: Rect,
  target: number,
  kept: number,
): void {
  for (let y = rect.y1; y < rect.y2; y++) {
    const end = y * strideBytes + rect.x2;
    for (let at = y * strideBytes + rect.x1; at < end; at++) {
      bytes[at] = target + ((bytes[at]! - target) * kept >> 8);
    }
  }
}

function blendLuma(
  { bytes, strideBytes }: WritablePlane,
  rect: Rect,
  value: number,
  { x, y, mask }: PlacedMask,
): void {
  for (let row = rect.y1; row < rect.y2; row++) {
    let at = row * strideBytes + rect.x1;
    const end = row * strideBytes + rect.x2;
    for (let i = (row - y) * mask.width + rect.x1 - x; at < end; i++, at++) {
      const alpha = mask.alpha[i]!;
      if (alpha !== 0) bytes[at] = blendByte(bytes[at]!, value, alpha);
    }
  }
}

/** Blends with the mean opacity of the four pixels of each sample. */
function blendChroma(
  { bytes, strideBytes }: WritablePlane,
  half: Rect,
  value: number,
  { x, y, mask }: PlacedMask,
): void {
  const { alpha, width } = mask;
  for (let row = half.y1; row < half.y2; row++) {
    let at = row * strideBytes + half.x1;
    const end = row * strideBytes + half.x2;
    for (let i = (2 * row - y) * width + 2 * half.x1 - x; at < end; i += 2, at++) {
      const sum = alpha[i]! + alpha[i + 1]! + alpha[i + width]! + alpha[i + width + 1]!;
      if (sum !== 0) bytes[at] = blendByte(bytes[at]!, value, sum >> 2);
    }
  }
}
