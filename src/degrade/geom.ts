import type { DegradationSeverity } from "./degradation.ts";
import type { Effect } from "./effect.ts";
import { reflectOuter } from "./reflect.ts";
import { type AffineMap, geomMap, invertMap } from "./rotation.ts";

/**
 * A camera that was turned about its axis and zoomed: every pixel is sampled bilinearly where it
 * came from, the picture mirrored at its edges.
 *
 * As in OpenCV 5, positions are not rounded and results are, to nearest, ties to even. OpenCV 4
 * rounds positions to 1/32 of a pixel, which gives other values at sharp edges.
 */
export class GeomEffect implements Effect {
  readonly #width: number;
  readonly #height: number;
  /** Where a pixel of the result came from. */
  readonly #back: Float32Array;
  readonly #source: Uint8Array;
  /** Smallest column and row that any pixel came from. */
  readonly #left: number;
  readonly #top: number;
  /** Byte of each column from `left` on within a row, and of each row from `top` on. */
  readonly #columns: Int32Array;
  readonly #rows: Int32Array;

  /** Reserves memory and works the geometry out for pictures of one size. */
  constructor(severity: DegradationSeverity, width: number, height: number) {
    const back = invertMap(geomMap(severity, width, height));
    this.#width = width;
    this.#height = height;
    this.#back = Float32Array.from(back);
    this.#source = new Uint8Array(3 * width * height);
    const [a, b, c, d, e, f] = back;
    const x = rangeOf(a, b, c, width, height);
    const y = rangeOf(d, e, f, width, height);
    this.#left = x.low;
    this.#top = y.low;
    this.#columns = Int32Array.from(
      { length: x.count },
      (_, i) => 3 * reflectOuter(x.low + i, width),
    );
    this.#rows = Int32Array.from(
      { length: y.count },
      (_, i) => 3 * width * reflectOuter(y.low + i, height),
    );
  }

  apply(bgr: Uint8Array): void {
    this.#source.set(bgr);
    // Stores round to nearest, ties to even.
    const out = new Uint8ClampedArray(bgr.buffer, bgr.byteOffset, bgr.length);
    const [dx, bx, cx, dy, by, cy] = this.#back as unknown as AffineMap;
    const width = this.#width;
    for (let y = 0; y < this.#height; y++) {
      // Positions count from the first table entries, so that they are never negative.
      const x0 = bx * y + cx - this.#left;
      const y0 = by * y + cy - this.#top;
      warpRow(this.#source, this.#columns, this.#rows, x0, dx, y0, dy, out, 3 * width * y, width);
    }
  }
}

/** One row of the result; the source is walked along a line from `(x0, y0)` by `(dx, dy)`. */
function warpRow(
  source: Uint8Array,
  columns: Int32Array,
  rows: Int32Array,
  x0: number,
  dx: number,
  y0: number,
  dy: number,
  out: Uint8ClampedArray,
  start: number,
  width: number,
): void {
  for (let x = 0, to = start; x < width; x++, to += 3) {
    const fromX = x0 + dx * x;
    const fromY = y0 + dy * x;
    const column = fromX | 0;
    const row = fromY | 0;
    const right = fromX - column;
    const down = fromY - row;
    const upper = rows[row]!;
    const lower = rows[row + 1]!;
    const left = columns[column]!;
    const next = columns[column + 1]!;
    const a = upper + left;
    const b = upper + next;
    const c = lower + left;
    const d = lower + next;
    let above = source[a]! + right * (source[b]! - source[a]!);
    let below = source[c]! + right * (source[d]! - source[c]!);
    out[to] = above + down * (below - above);
    above = source[a + 1]! + right * (source[b + 1]! - source[a + 1]!);
    below = source[c + 1]! + right * (source[d + 1]! - source[c + 1]!);
    out[to + 1] = above + down * (below - above);
    above = source[a + 2]! + right * (source[b + 2]! - source[a + 2]!);
    below = source[c + 2]! + right * (source[d + 2]! - source[c + 2]!);
    out[to + 2] = above + down * (below - above);
  }
}

/** The whole numbers that `a x + b y + c` and its right neighbour fall on, with one to spare. */
function rangeOf(
  a: number,
  b: number,
  c: number,
  width: number,
  height: number,
): { readonly low: number; readonly count: number } {
  const corners = [0, a * (width - 1)].flatMap((x) => [c + x, c + x + b * (height - 1)]);
  const low = Math.floor(Math.min(...corners)) - 1;
  return { low, count: Math.ceil(Math.max(...corners)) + 3 - low };
}
