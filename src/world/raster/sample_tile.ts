import type { ScreenTriangles } from "./screen_triangles.ts";

/** Samples that a tile holds at most: small enough to stay in a core's own cache. */
const TILE_SAMPLES = 1 << 17;
/** Channels that differ less than this over a triangle are painted flat. */
const FLAT_CODES = 5;

/**
 * A part of the picture, sampled several times in each pixel, that triangles are drawn into with a
 * depth buffer. An object is drawn band by band, so that the memory it takes has a bound.
 */
export class SampleTile {
  /** Samples in a row. */
  strideSamples = 0;
  /** Colour of each sample as an RGBA word; only meaningful where {@linkcode w} is above 0. */
  readonly colors = new Uint32Array(TILE_SAMPLES);
  /** One over the depth of each sample; 0 where nothing was drawn. */
  readonly w = new Float32Array(TILE_SAMPLES);
  /** The samples that triangles cover, hidden or not: columns and rows counted from the picture's corner. */
  x0 = Infinity;
  y0 = Infinity;
  x1 = -Infinity;
  y1 = -Infinity;
  #columns = 0;
  #column0 = 0;
  #row0 = 0;
  #row1 = 0;

  /** Forgets what was covered. */
  clearExtent(): void {
    this.x0 = Infinity;
    this.y0 = Infinity;
    this.x1 = -Infinity;
    this.y1 = -Infinity;
  }

  /** How many rows of pixels fit, for a width in pixels and samples along a pixel's side. */
  rowsFor(widthPx: number, samples: number): number {
    return Math.max(1, Math.floor(TILE_SAMPLES / (widthPx * samples * samples)));
  }

  /**
   * Draws all triangles into an empty tile.
   *
   * @param area The part of the picture in pixels, whole numbers; `x1` and `y1` lie outside.
   * @param samples Samples along each side of a pixel.
   */
  draw(
    triangles: ScreenTriangles,
    area: { readonly x0: number; readonly y0: number; readonly x1: number; readonly y1: number },
    samples: number,
  ): void {
    this.#columns = (area.x1 - area.x0) * samples;
    this.strideSamples = this.#columns;
    this.#column0 = area.x0 * samples;
    this.#row0 = area.y0 * samples;
    this.#row1 = area.y1 * samples;
    this.w.fill(0, 0, this.#columns * (this.#row1 - this.#row0));
    for (let i = 0; i < triangles.count; i++) this.#drawTriangle(triangles, i, samples);
  }

  #drawTriangle(triangles: ScreenTriangles, index: number, samples: number): void {
    const c = triangles.corners;
    const k = 9 * index;
    let a = k;
    let b = k + 3;
    let d = k + 6;
    let swap: number;
    if (c[b + 1]! < c[a + 1]!) {
      swap = a;
      a = b;
      b = swap;
    }
    if (c[d + 1]! < c[b + 1]!) {
      swap = b;
      b = d;
      d = swap;
    }
    if (c[b + 1]! < c[a + 1]!) {
      swap = a;
      a = b;
      b = swap;
    }
    // From top to bottom, in samples from the tile's corner.
    const ay = c[a + 1]! * samples - this.#row0;
    const dy = c[d + 1]! * samples - this.#row0;
    const first = Math.max(0, Math.ceil(ay - 0.5));
    const last = Math.min(this.#row1 - this.#row0, Math.ceil(dy - 0.5)) - 1;
    if (first > last) return;
    const ax = c[a]! * samples - this.#column0;
    const bx = c[b]! * samples - this.#column0;
    const by = c[b + 1]! * samples - this.#row0;
    const dx = c[d]! * samples - this.#column0;
    const area = (bx - ax) * (dy - ay) - (dx - ax) * (by - ay);
    if (area === 0) return;
    const planes = this.#planes;
    const inverse = 1 / area;
    const colors = triangles.colors;
    const [ca, cb, cd] = [colors[a / 3]!, colors[b / 3]!, colors[d / 3]!];
    planes.set(0, c[a + 2]!, c[b + 2]!, c[d + 2]!);
    const flat = isFlat(ca, cb, cd);
    if (!flat) {
      planes.set(1, ca & 255, cb & 255, cd & 255);
      planes.set(2, ca >>> 8 & 255, cb >>> 8 & 255, cd >>> 8 & 255);
      planes.set(3, ca >>> 16 & 255, cb >>> 16 & 255, cd >>> 16 & 255);
    }
    planes.solve(flat ? 1 : 4, ax, ay, bx - ax, by - ay, dx - ax, dy - ay, inverse);
    const mean = flat ? meanColor(ca, cb, cd) : 0;
    const long = (dx - ax) / (dy - ay);
    const upper = by > ay ? (bx - ax) / (by - ay) : 0;
    const lower = dy > by ? (dx - bx) / (dy - by) : 0;
    for (let row = first; row <= last; row++) {
      const y = row + 0.5;
      const xLong = ax + long * (y - ay);
      const xShort = y < by ? ax + upper * (y - ay) : bx + lower * (y - by);
      const left = Math.max(0, Math.ceil((xLong < xShort ? xLong : xShort) - 0.5));
      const right = Math.min(this.#columns, Math.ceil((xLong < xShort ? xShort : xLong) - 0.5)) - 1;
      if (left > right) continue;
      if (left + this.#column0 < this.x0) this.x0 = left + this.#column0;
      if (right + this.#column0 > this.x1) this.x1 = right + this.#column0;
      if (row + this.#row0 < this.y0) this.y0 = row + this.#row0;
      if (row + this.#row0 > this.y1) this.y1 = row + this.#row0;
      const start = row * this.#columns;
      if (flat) this.#fillFlat(start, left, right, y, mean);
      else this.#fillShaded(start, left, right, y);
    }
  }

  readonly #planes = new Planes();

  #fillFlat(start: number, left: number, right: number, y: number, color: number): void {
    const { values } = this.#planes;
    const step = values[1]!;
    let w = values[0]! + step * (left + 0.5) + values[2]! * y;
    const depths = this.w;
    const colors = this.colors;
    for (let at = start + left; at <= start + right; at++) {
      if (w > depths[at]!) {
        depths[at] = w;
        colors[at] = color;
      }
      w += step;
    }
  }

  #fillShaded(start: number, left: number, right: number, y: number): void {
    const v = this.#planes.values;
    const x = left + 0.5;
    const [stepW, stepR, stepG, stepB] = [v[1]!, v[4]!, v[7]!, v[10]!];
    let w = v[0]! + stepW * x + v[2]! * y;
    let r = v[3]! + stepR * x + v[5]! * y;
    let g = v[6]! + stepG * x + v[8]! * y;
    let b = v[9]! + stepB * x + v[11]! * y;
    const depths = this.w;
    const colors = this.colors;
    for (let at = start + left; at <= start + right; at++) {
      if (w > depths[at]!) {
        depths[at] = w;
        // Between corners the value may leave the codes by a rounding error only at the rim.
        const red = r < 0 ? 0 : r > 255 ? 255 : r | 0;
        const green = g < 0 ? 0 : g > 255 ? 255 : g | 0;
        const blue = b < 0 ? 0 : b > 255 ? 255 : b | 0;
        colors[at] = red | green << 8 | blue << 16;
      }
      w += stepW;
      r += stepR;
      g += stepG;
      b += stepB;
    }
  }
}

/** Values that change evenly over a triangle: `value + x · stepX + y · stepY`, three numbers each. */
class Planes {
  readonly values = new Float64Array(12);
  readonly #corners = new Float64Array(12);

  /** Sets the values of one plane at the three corners. */
  set(plane: number, a: number, b: number, c: number): void {
    this.#corners[3 * plane] = a;
    this.#corners[3 * plane + 1] = b;
    this.#corners[3 * plane + 2] = c;
  }

  /** Finds the planes through the corners: the first, and the ways to the other two. */
  solve(
    count: number,
    x: number,
    y: number,
    bx: number,
    by: number,
    cx: number,
    cy: number,
    inverseArea: number,
  ): void {
    for (let k = 0; k < 3 * count; k += 3) {
      const a = this.#corners[k]!;
      const b = this.#corners[k + 1]! - a;
      const c = this.#corners[k + 2]! - a;
      const stepX = (b * cy - c * by) * inverseArea;
      const stepY = (c * bx - b * cx) * inverseArea;
      this.values[k] = a - stepX * x - stepY * y;
      this.values[k + 1] = stepX;
      this.values[k + 2] = stepY;
    }
  }
}

function isFlat(a: number, b: number, c: number): boolean {
  return near(a, b) && near(b, c) && near(a, c);
}

function near(a: number, b: number): boolean {
  const r = (a & 255) - (b & 255);
  const g = (a >>> 8 & 255) - (b >>> 8 & 255);
  const l = (a >>> 16 & 255) - (b >>> 16 & 255);
  return r < FLAT_CODES && r > -FLAT_CODES && g < FLAT_CODES && g > -FLAT_CODES &&
    l < FLAT_CODES && l > -FLAT_CODES;
}

function meanColor(a: number, b: number, c: number): number {
  const r = ((a & 255) + (b & 255) + (c & 255)) / 3 | 0;
  const g = ((a >>> 8 & 255) + (b >>> 8 & 255) + (c >>> 8 & 255)) / 3 | 0;
  const l = ((a >>> 16 & 255) + (b >>> 16 & 255) + (c >>> 16 & 255)) / 3 | 0;
  return r | g << 8 | l << 16;
}
