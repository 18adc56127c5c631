import type { Color } from "./color.ts";
import type { TextMask } from "./font/glyph_font.ts";

/** A rectangle of whole pixels; `x2` and `y2` are the first column and row outside. */
export interface Rect {
  /** Left edge. */
  readonly x1: number;
  /** Top edge. */
  readonly y1: number;
  /** First column to the right of it. */
  readonly x2: number;
  /** First row below it. */
  readonly y2: number;
}

/**
 * A picture that can be drawn on, in place. What lies outside is cut off. Colours are opaque.
 */
export interface Canvas {
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
  /** Fills a rectangle. */
  fillRect(rect: Rect, color: Color): void;
  /** Darkens a rectangle; `opacity` 0 leaves it as it is, 1 makes it black. */
  shadeRect(rect: Rect, opacity: number): void;
  /**
   * Draws ink through a mask whose top left corner lies at `x`, `y`: both even, as the sides of
   * the mask, so that it covers whole chroma samples.
   */
  blendMask(x: number, y: number, mask: TextMask, color: Color): void;
}

/** The part of `rect` inside a picture; `null` where there is none. */
export function clipRect(rect: Rect, width: number, height: number): Rect | null {
  const x1 = Math.max(0, rect.x1);
  const y1 = Math.max(0, rect.y1);
  const x2 = Math.min(width, rect.x2);
  const y2 = Math.min(height, rect.y2);
  return x1 < x2 && y1 < y2 ? { x1, y1, x2, y2 } : null;
}

/** Moves `from` towards `to` by `alpha` 255ths, rounded; all are 0–255. */
export function blendByte(from: number, to: number, alpha: number): number {
  // 257 / 65536 is 1 / 255 to within 2^-16, which rounds right for all bytes.
  return from + ((to - from) * alpha * 257 + 32_768 >> 16);
}
