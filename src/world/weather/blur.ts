import type { FrameCanvas } from "../raster/frame_canvas.ts";
import type { Severity } from "./weather.ts";

/** Radius of each of two box filters, in pixels of a picture 640 wide … */
const RADIUS_PX: Readonly<Record<Severity, number>> = { 1: 1, 2: 2, 3: 4, 4: 9 };
/** … and the filters where that would be too few pixels to tell severities apart. */
const LEAST: Readonly<Record<Severity, { readonly radius: number; readonly passes: number }>> = {
  1: { radius: 1, passes: 1 },
  2: { radius: 1, passes: 2 },
  3: { radius: 1, passes: 3 },
  4: { radius: 2, passes: 2 },
};
const RADIUS_MAX = 60;

/**
 * A lens out of focus: box filters across and down, one after the other, which come close to a
 * bell. Running sums make the cost the same for any radius.
 */
export class Blur {
  #row = new Uint32Array(0);
  #redBlue = new Int32Array(0);
  #green = new Int32Array(0);
  #copy = new Uint32Array(0);

  /** Blurs a frame in place. */
  apply(canvas: FrameCanvas, severity: Severity): void {
    const { colors, width, height } = canvas;
    const scaled = Math.min(RADIUS_MAX, Math.floor(RADIUS_PX[severity] * width / 640 + 0.5));
    const least = LEAST[severity];
    const { radius, passes } = scaled > least.radius ? { radius: scaled, passes: 2 } : least;
    if (this.#row.length !== width) {
      this.#row = new Uint32Array(width);
      this.#redBlue = new Int32Array(width);
      this.#green = new Int32Array(width);
    }
    if (this.#copy.length !== colors.length) this.#copy = new Uint32Array(colors.length);
    for (let pass = 0; pass < passes; pass++) {
      this.#across(colors, width, height, radius);
      this.#copy.set(colors);
      this.#down(this.#copy, colors, width, height, radius);
    }
  }

  #across(colors: Uint32Array, width: number, height: number, radius: number): void {
    const row = this.#row;
    // Rounded up, so that an even area keeps its code.
    const inverse = Math.ceil(65_536 / (2 * radius + 1));
    const last = width - 1;
    for (let start = 0; start < width * height; start += width) {
      row.set(colors.subarray(start, start + width));
      let redBlue = 0;
      let green = 0;
      for (let i = -radius; i <= radius; i++) {
        const color = row[i < 0 ? 0 : i > last ? last : i]!;
        redBlue += color & 0xff00ff;
        green += color >>> 8 & 255;
      }
      for (let column = 0; column < width; column++) {
        colors[start + column] = (redBlue & 0xffff) * inverse >>> 16 |
          (green * inverse >>> 16) << 8 | ((redBlue >>> 16) * inverse >>> 16) << 16;
        const add = column + radius + 1;
        const drop = column - radius;
        const entering = row[add > last ? last : add]!;
        const leaving = row[drop < 0 ? 0 : drop]!;
        redBlue += (entering & 0xff00ff) - (leaving & 0xff00ff);
        green += (entering >>> 8 & 255) - (leaving >>> 8 & 255);
      }
    }
  }

  #down(
    source: Uint32Array,
    target: Uint32Array,
    width: number,
    height: number,
    radius: number,
  ): void {
    // Red and blue are added in one word: no sum of either outgrows its half.
    const redBlue = this.#redBlue;
    const green = this.#green;
    const inverse = Math.ceil(65_536 / (2 * radius + 1));
    const lastRow = height - 1;
    redBlue.fill(0);
    green.fill(0);
    for (let i = -radius; i <= radius; i++) {
      this.#addRow(source, width * Math.max(0, Math.min(lastRow, i)), width);
    }
    for (let row = 0; row < height; row++) {
      const out = row * width;
      const entering = width * Math.min(lastRow, row + radius + 1);
      const leaving = width * Math.max(0, row - radius);
      for (let column = 0; column < width; column++) {
        const rb = redBlue[column]!;
        const g = green[column]!;
        target[out + column] = (rb & 0xffff) * inverse >>> 16 | (g * inverse >>> 16) << 8 |
          ((rb >>> 16) * inverse >>> 16) << 16;
        const add = source[entering + column]!;
        const drop = source[leaving + column]!;
        redBlue[column] = rb + (add & 0xff00ff) - (drop & 0xff00ff);
        green[column] = g + (add >>> 8 & 255) - (drop >>> 8 & 255);
      }
    }
  }

  #addRow(source: Uint32Array, start: number, width: number): void {
    for (let column = 0; column < width; column++) {
      const color = source[start + column]!;
      this.#redBlue[column]! += color & 0xff00ff;
      this.#green[column]! += color >>> 8 & 255;
    }
  }
}
