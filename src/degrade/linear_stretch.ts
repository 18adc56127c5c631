import { roundHalfEven } from "./rounding.ts";

/** Weights are counted in this part of one. */
const ONE = 2 ** 11;

/** Where one axis of the result lies in the source. */
interface Taps {
  /** The sample before, and the one after it. */
  readonly low: Int32Array;
  readonly high: Int32Array;
  /** Their weights, in 1/2048. */
  readonly lowWeight: Int32Array;
  readonly highWeight: Int32Array;
}

/**
 * Makes pictures of one size bigger, bilinearly at pixel centres.
 *
 * As OpenCV's `resize` with INTER_LINEAR on 8-bit pictures: weights of 11 bits, and the same cuts
 * on the way, so that results agree to the last bit.
 */
export class LinearStretch {
  readonly #sourceWidth: number;
  readonly #width: number;
  readonly #height: number;
  readonly #columns: Taps;
  readonly #rows: Taps;
  /** Two stretched rows of the source, and which ones. */
  #upper: Int32Array;
  #lower: Int32Array;
  #upperRow = -1;
  #lowerRow = -1;

  /** Works the weights out. */
  constructor(sourceWidth: number, sourceHeight: number, width: number, height: number) {
    this.#sourceWidth = sourceWidth;
    this.#width = width;
    this.#height = height;
    this.#columns = tapsOf(sourceWidth, width, true);
    this.#rows = tapsOf(sourceHeight, height, false);
    this.#upper = new Int32Array(3 * width);
    this.#lower = new Int32Array(3 * width);
  }

  /**
   * Stretches a picture.
   *
   * @param source `[sourceHeight, sourceWidth, 3]` uint8.
   * @param out `[height, width, 3]` uint8.
   */
  stretch(source: Uint8Array, out: Uint8Array): void {
    const { low, high, lowWeight, highWeight } = this.#rows;
    this.#upperRow = this.#lowerRow = -1;
    for (let y = 0; y < this.#height; y++) {
      this.#load(source, low[y]!, high[y]!);
      blendRows(
        this.#upper,
        this.#lower,
        lowWeight[y]!,
        highWeight[y]!,
        out,
        3 * this.#width * y,
      );
    }
  }

  /** Makes the two rows those that are asked for; most of the time they are already there. */
  #load(source: Uint8Array, upperRow: number, lowerRow: number): void {
    const stride = 3 * this.#sourceWidth;
    if (upperRow === this.#lowerRow) {
      [this.#upper, this.#lower] = [this.#lower, this.#upper];
      [this.#upperRow, this.#lowerRow] = [this.#lowerRow, this.#upperRow];
    }
    if (upperRow !== this.#upperRow) {
      stretchRow(source, upperRow * stride, this.#columns, this.#upper);
      this.#upperRow = upperRow;
    }
    if (lowerRow !== this.#lowerRow) {
      stretchRow(source, lowerRow * stride, this.#columns, this.#lower);
      this.#lowerRow = lowerRow;
    }
  }
}

function stretchRow(source: Uint8Array, row: number, taps: Taps, line: Int32Array): void {
  const { low, high, lowWeight, highWeight } = taps;
  for (let x = 0, i = 0; x < low.length; x++, i += 3) {
    const left = row + 3 * low[x]!;
    const right = row + 3 * high[x]!;
    const leftWeight = lowWeight[x]!;
    const rightWeight = highWeight[x]!;
    line[i] = source[left]! * leftWeight + source[right]! * rightWeight;
    line[i + 1] = source[left + 1]! * leftWeight + source[right + 1]! * rightWeight;
    line[i + 2] = source[left + 2]! * leftWeight + source[right + 2]! * rightWeight;
  }
}

function blendRows(
  upper: Int32Array,
  lower: Int32Array,
  upperWeight: number,
  lowerWeight: number,
  out: Uint8Array,
  at: number,
): void {
  for (let i = 0; i < upper.length; i++) {
    const fromUpper = (upperWeight * (upper[i]! >> 4)) >> 16;
    const fromLower = (lowerWeight * (lower[i]! >> 4)) >> 16;
    out[at + i] = (fromUpper + fromLower + 2) >> 2;
  }
}

/**
 * Weights for one axis. Beyond its ends the end sample counts, once where `edgesOnce`, else as both
 * neighbours with their weights, whose cuts may make it darker by one: OpenCV does the first with
 * columns and the second with rows.
 */
function tapsOf(sourceLength: number, length: number, edgesOnce: boolean): Taps {
  const low = new Int32Array(length);
  const high = new Int32Array(length);
  const lowWeight = new Int32Array(length);
  const highWeight = new Int32Array(length);
  const scale = 1 / (length / sourceLength);
  for (let i = 0; i < length; i++) {
    const position = Math.fround((i + 0.5) * scale - 0.5);
    const before = Math.floor(position);
    const inside = before >= 0 && before < sourceLength - 1;
    const share = edgesOnce && !inside ? 0 : Math.fround(position - before);
    low[i] = Math.max(before, 0);
    high[i] = Math.min(before + 1, sourceLength - 1);
    lowWeight[i] = roundHalfEven(Math.fround(1 - share) * ONE);
    highWeight[i] = roundHalfEven(share * ONE);
  }
  return { low, high, lowWeight, highWeight };
}
