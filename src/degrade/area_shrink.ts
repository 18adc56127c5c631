import { roundHalfEven } from "./rounding.ts";

/** What one result sample takes from the source along one axis. */
interface Cells {
  /** Where the parts of each result sample start in the next two arrays; one more at the end. */
  readonly starts: Int32Array;
  /** Source samples. */
  readonly samples: Int32Array;
  /** Shares of them, float32. */
  readonly shares: Float32Array;
}

/**
 * Makes pictures of one size smaller: each result pixel is the mean of the area it covers.
 *
 * As OpenCV's `resize` with INTER_AREA: sums in float32, rounded to nearest, ties to even. A factor
 * of exactly 1/2 has whole-number arithmetic of its own there, so also here.
 */
export class AreaShrink {
  /** Width of the result in pixels. */
  readonly width: number;
  /** Height of the result in pixels. */
  readonly height: number;
  readonly #sourceWidth: number;
  readonly #sourceHeight: number;
  readonly #halves: boolean;
  readonly #columns: Cells;
  readonly #rows: Cells;
  /** One source row with its columns summed up, and which one; -1 for none. */
  readonly #line: Float32Array;
  #lineRow = -1;
  readonly #sums: Float32Array;

  /**
   * Works the areas out.
   *
   * @param factor Result pixels per source pixel on both axes, above 0 and below 1.
   */
  constructor(sourceWidth: number, sourceHeight: number, factor: number) {
    this.width = Math.max(1, roundHalfEven(sourceWidth * factor));
    this.height = Math.max(1, roundHalfEven(sourceHeight * factor));
    this.#sourceWidth = sourceWidth;
    this.#sourceHeight = sourceHeight;
    this.#halves = factor === 0.5;
    this.#columns = cellsOf(sourceWidth, this.width, 1 / factor);
    this.#rows = cellsOf(sourceHeight, this.height, 1 / factor);
    this.#line = new Float32Array(3 * this.width);
    this.#sums = new Float32Array(3 * this.width);
  }

  /**
   * Shrinks a picture.
   *
   * @param source `[sourceHeight, sourceWidth, 3]` uint8.
   * @param out `[height, width, 3]` uint8.
   */
  shrink(source: Uint8Array, out: Uint8Array): void {
    // Stores round to nearest, ties to even.
    const rounded = new Uint8ClampedArray(out.buffer, out.byteOffset, out.length);
    this.#lineRow = -1;
    for (let y = 0; y < this.height; y++) {
      const insideRows = 2 * y + 1 < this.#sourceHeight;
      if (this.#halves && insideRows) this.#halveRow(source, y, rounded);
      else this.#shrinkRow(source, y, rounded);
    }
  }

  #shrinkRow(source: Uint8Array, y: number, out: Uint8ClampedArray): void {
    const { starts, samples, shares } = this.#rows;
    const sums = this.#sums;
    sums.fill(0);
    for (let part = starts[y]!; part < starts[y + 1]!; part++) {
      this.#loadLine(source, samples[part]!);
      addScaled(sums, this.#line, shares[part]!);
    }
    out.set(sums, y * sums.length);
  }

  /** Sums the columns of a source row up, unless that row is the one at hand. */
  #loadLine(source: Uint8Array, row: number): void {
    if (row === this.#lineRow) return;
    sumColumns(source, 3 * this.#sourceWidth * row, this.#columns, this.#line);
    this.#lineRow = row;
  }

  #halveRow(source: Uint8Array, y: number, out: Uint8ClampedArray): void {
    const stride = 3 * this.#sourceWidth;
    const at = 3 * this.width * y;
    let from = 2 * y * stride;
    const whole = Math.min(this.width, this.#sourceWidth >> 1);
    for (let x = 0, i = at; x < whole; x++, from += 6) {
      for (let channel = 0; channel < 3; channel++, i++) {
        const top = from + channel;
        const bottom = top + stride;
        out[i] = (source[top]! + source[top + 3]! + source[bottom]! + source[bottom + 3]! + 2) >> 2;
      }
    }
    if (whole === this.width) return;
    for (let channel = 0; channel < 3; channel++) {
      const sum = source[from + channel]! + source[from + stride + channel]!;
      out[at + 3 * whole + channel] = sum / 2;
    }
  }
}

/** `sums + share * line` in float32. */
function addScaled(sums: Float32Array, line: Float32Array, share: number): void {
  for (let i = 0; i < sums.length; i++) sums[i] = sums[i]! + Math.fround(share * line[i]!);
}

/** Means of one source row over the columns of the result. */
function sumColumns(
  source: Uint8Array,
  row: number,
  { starts, samples, shares }: Cells,
  line: Float32Array,
): void {
  for (let x = 0; x < starts.length - 1; x++) {
    let blue = 0;
    let green = 0;
    let red = 0;
    for (let part = starts[x]!; part < starts[x + 1]!; part++) {
      const at = row + 3 * samples[part]!;
      const share = shares[part]!;
      blue = Math.fround(blue + Math.fround(source[at]! * share));
      green = Math.fround(green + Math.fround(source[at + 1]! * share));
      red = Math.fround(red + Math.fround(source[at + 2]! * share));
    }
    line[3 * x] = blue;
    line[3 * x + 1] = green;
    line[3 * x + 2] = red;
  }
}

/** Parts smaller than this are left out. */
const SHARE_MIN = 1e-3;

function cellsOf(sourceLength: number, length: number, scale: number): Cells {
  const starts = new Int32Array(length + 1);
  const samples: number[] = [];
  const shares: number[] = [];
  for (let i = 0; i < length; i++) {
    const begin = i * scale;
    const end = begin + scale;
    const size = Math.min(scale, sourceLength - begin);
    const last = Math.min(Math.floor(end), sourceLength - 1);
    const first = Math.min(Math.ceil(begin), last);
    if (first - begin > SHARE_MIN) {
      samples.push(first - 1);
      shares.push((first - begin) / size);
    }
    for (let sample = first; sample < last; sample++) {
      samples.push(sample);
      shares.push(1 / size);
    }
    if (end - last > SHARE_MIN) {
      samples.push(last);
      shares.push(Math.min(end - last, 1, size) / size);
    }
    starts[i + 1] = samples.length;
  }
  return { starts, samples: Int32Array.from(samples), shares: Float32Array.from(shares) };
}
