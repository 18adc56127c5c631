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
  #flatColor = 0;
  readonly #planes = new Planes();

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
    // The corners a, b and d from top to bottom, in samples from the tile's corner.
    let a = 9 * index;
    let b = a + 3;
    let d = a + 6;
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
    const rows = this.#row1 - this.#row0;
    const ay = c[a + 1]! * samples - this.#row0;
    const dy = c[d + 1]! * samples - this.#row0;
    let first = Math.ceil(ay - 0.5);
    let last = Math.ceil(dy - 0.5) - 1;
    if (first < 0) first = 0;
    if (last >= rows) last = rows - 1;
    if (first > last) return;
    const ax = c[a]! * samples - this.#column0;
    const bx = c[b]! * samples - this.#column0;
    const by = c[b + 1]! * samples - this.#row0;
    const dx = c[d]! * samples - this.#column0;
    const low = ax < bx ? (ax < dx ? ax : dx) : bx < dx ? bx : dx;
    const high = ax > bx ? (ax > dx ? ax : dx) : bx > dx ? bx : dx;
    // Many triangles of small objects lie between the samples.
    if (Math.ceil(low - 0.5) >= Math.ceil(high - 0.5)) return;
    const area = (bx - ax) * (dy - ay) - (dx - ax) * (by - ay);
    if (area === 0) return;
    const flat = this.#solvePlanes(
      triangles,
      a,
      b,
      d,
      ax,
      ay,
      bx - ax,
      by - ay,
      dx - ax,
      dy - ay,
      area,
    );
    this.#scan(ax, ay, bx, by, dx, dy, first, last, flat);
  }

  /** Fills the rows of a triangle whose corners a, b and d go from top to bottom. */
  #scan(
    ax: number,
    ay: number,
    bx: number,
    by: number,
    dx: number,
    dy: number,
    first: number,
    last: number,
    flat: boolean,
  ): void {
    const long = (dx - ax) / (dy - ay);
    const upper = by > ay ? (bx - ax) / (by - ay) : 0;
    const lower = dy > by ? (dx - bx) / (dy - by) : 0;
    const columns = this.#columns;
    let covered0 = columns;
    let covered1 = -1;
    let row0 = this.#row1;
    let row1 = -1;
    for (let row = first; row <= last; row++) {
      const y = row + 0.5;
      const xLong = ax + long * (y - ay);
      const xShort = y < by ? ax + upper * (y - ay) : bx + lower * (y - by);
      let left = Math.ceil((xLong < xShort ? xLong : xShort) - 0.5);
      let right = Math.ceil((xLong < xShort ? xShort : xLong) - 0.5) - 1;
      if (left < 0) left = 0;
      if (right >= columns) right = columns - 1;
      if (left > right) continue;
      if (left < covered0) covered0 = left;
      if (right > covered1) covered1 = right;
      if (row < row0) row0 = row;
      row1 = row;
      const start = row * columns;
      if (flat) this.#fillFlat(start, left, right, y);
      else this.#fillShaded(start, left, right, y);
    }
    if (row1 >= 0) this.#extend(covered0, covered1, row0, row1);
  }

  #extend(left: number, right: number, top: number, bottom: number): void {
    this.x0 = Math.min(this.x0, left + this.#column0);
    this.x1 = Math.max(this.x1, right + this.#column0);
    this.y0 = Math.min(this.y0, top + this.#row0);
    this.y1 = Math.max(this.y1, bottom + this.#row0);
  }

  /** Finds how depth and colours change over a triangle; `true` where one colour serves for all. */
  #solvePlanes(
    triangles: ScreenTriangles,
    a: number,
    b: number,
    d: number,
    x: number,
    y: number,
    bx: number,
    by: number,
    dx: number,
    dy: number,
    area: number,
  ): boolean {
    const { corners, colors } = triangles;
    const planes = this.#planes;
    const ca = colors[a / 3]!;
    const cb = colors[b / 3]!;
    const cd = colors[d / 3]!;
    planes.set(0, corners[a + 2]!, corners[b + 2]!, corners[d + 2]!);
    const flat = ca === cb && cb === cd || isFlat(ca, cb, cd);
    if (flat) this.#flatColor = ca === cb && cb === cd ? ca : meanColor(ca, cb, cd);
    else {
      planes.set(1, ca & 255, cb & 255, cd & 255);
      planes.set(2, ca >>> 8 & 255, cb >>> 8 & 255, cd >>> 8 & 255);
      planes.set(3, ca >>> 16 & 255, cb >>> 16 & 255, cd >>> 16 & 255);
    }
    planes.solve(flat ? 1 : 4, x, y, bx, by, dx, dy, 1 / area);
    return flat;
  }

  #fillFlat(start: number, left: number, right: number, y: number): void {
    const { values } = this.#planes;
    const color = this.#flatColor;
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
    const stepW = v[1]!;
    const stepR = v[4]!;
    const stepG = v[7]!;
    const stepB = v[10]!;
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
