import { blendByte, type Canvas, clipRect, type Rect } from "./canvas.ts";
import { type Color, splitColor } from "./color.ts";
import type { TextMask } from "./font/glyph_font.ts";

/** Draws on red, green, blue bytes. */
export class RgbCanvas implements Canvas {
  readonly width: number;
  readonly height: number;
  readonly #bytes: Uint8Array;
  readonly #strideBytes: number;

  /** Draws on `bytes`, `[height, strideBytes]`; they stay the caller's. */
  constructor(bytes: Uint8Array, strideBytes: number, width: number, height: number) {
    this.#bytes = bytes;
    this.#strideBytes = strideBytes;
    this.width = width;
    this.height = height;
  }

  fillRect(rect: Rect, color: Color): void {
    const clipped = clipRect(rect, this.width, this.height);
    if (clipped === null) return;
    const [r, g, b] = splitColor(color);
    const bytes = this.#bytes;
    for (let y = clipped.y1; y < clipped.y2; y++) {
      const end = y * this.#strideBytes + 3 * clipped.x2;
      for (let at = y * this.#strideBytes + 3 * clipped.x1; at < end; at += 3) {
        bytes[at] = r;
        bytes[at + 1] = g;
        bytes[at + 2] = b;
      }
    }
  }

  shadeRect(rect: Rect, opacity: number): void {
    const clipped = clipRect(rect, this.width, this.height);
    if (clipped === null) return;
    const kept = Math.round(256 * (1 - opacity));
    const bytes = this.#bytes;
    for (let y = clipped.y1; y < clipped.y2; y++) {
      const end = y * this.#strideBytes + 3 * clipped.x2;
      for (let at = y * this.#strideBytes + 3 * clipped.x1; at < end; at++) {
        bytes[at] = bytes[at]! * kept >> 8;
      }
    }
  }

  blendMask(x: number, y: number, mask: TextMask, color: Color): void {
    const clipped = clipRect(
      { x1: x, y1: y, x2: x + mask.width, y2: y + mask.height },
      this.width,
      this.height,
    );
    if (clipped === null) return;
    const [r, g, b] = splitColor(color);
    const bytes = this.#bytes;
    for (let row = clipped.y1; row < clipped.y2; row++) {
      let at = row * this.#strideBytes + 3 * clipped.x1;
      const end = row * this.#strideBytes + 3 * clipped.x2;
      for (let i = (row - y) * mask.width + clipped.x1 - x; at < end; i++, at += 3) {
        const alpha = mask.alpha[i]!;
        if (alpha === 0) continue;
        bytes[at] = blendByte(bytes[at]!, r, alpha);
        bytes[at + 1] = blendByte(bytes[at + 1]!, g, alpha);
        bytes[at + 2] = blendByte(bytes[at + 2]!, b, alpha);
      }
    }
  }
}
