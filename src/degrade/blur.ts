import type { DegradationSeverity } from "./degradation.ts";
import type { Effect } from "./effect.ts";
import { motionLine, type Tap } from "./motion_line.ts";
import { reflectInner } from "./reflect.ts";

/** Side of the kernel in pixels, by severity. */
const SIDE: Readonly<Record<DegradationSeverity, number>> = { 1: 9, 2: 17, 3: 31, 4: 61 };
/** The line rises by about half a pixel a column, so this step maps it nearly onto itself. */
const STEP: Tap = { x: 2, y: 1 };

/**
 * Motion blur: the mean over a slanted line of pixels around each pixel, rounded to nearest, the
 * picture mirrored at its edges.
 *
 * The sum over the line changes little from a pixel to the one two columns on and a row down: the
 * line moves nearly along itself. So each sum is that of its neighbour, plus the few pixels that
 * come in, minus those that go, and costs the same for every length of the line. All of it is in
 * whole numbers, hence exact.
 */
export class BlurEffect implements Effect {
  readonly #width: number;
  readonly #height: number;
  readonly #margin: number;
  /** The picture with its mirror images around it, and behind that once more as it came. */
  readonly #padded: Uint8Array;
  /** Bytes of one row of the padded picture. */
  readonly #stride: number;
  /** For each padded row the picture's row; for each padded byte of a row the picture's byte. */
  readonly #rowOf: Int32Array;
  readonly #byteOf: Int32Array;
  /** Offsets of the line's pixels in the padded picture, from its top left corner. */
  readonly #line: Int32Array;
  /** Offsets of what comes in and what goes, as many of each. */
  readonly #comes: Int32Array;
  readonly #goes: Int32Array;
  #sums: Int32Array;
  #lastSums: Int32Array;
  /** Sum -> mean. */
  readonly #means: Uint8Array;

  /** Reserves memory and works the line out for pictures of one size. */
  constructor(severity: DegradationSeverity, width: number, height: number) {
    const side = SIDE[severity];
    const margin = (side - 1) / 2;
    const stride = 3 * (width + 2 * margin);
    const taps = motionLine(side);
    this.#width = width;
    this.#height = height;
    this.#margin = margin;
    this.#stride = stride;
    this.#padded = new Uint8Array(stride * (height + 2 * margin) + 3 * width * height);
    this.#rowOf = Int32Array.from(
      { length: height + 2 * margin },
      (_, row) => reflectInner(row - margin, height),
    );
    this.#byteOf = Int32Array.from(
      { length: stride },
      (_, byte) => 3 * reflectInner(Math.floor(byte / 3) - margin, width) + byte % 3,
    );
    const before = taps.map(({ x, y }) => ({ x: x - STEP.x, y: y - STEP.y }));
    this.#line = offsetsOf(taps, stride);
    this.#comes = offsetsOf(without(taps, before), stride);
    this.#goes = offsetsOf(without(before, taps), stride);
    this.#sums = new Int32Array(3 * width);
    this.#lastSums = new Int32Array(3 * width);
    this.#means = Uint8Array.from({ length: 255 * side + 1 }, (_, sum) => Math.round(sum / side));
  }

  apply(bgr: Uint8Array): void {
    this.#pad(bgr);
    for (let y = 0; y < this.#height; y++) {
      [this.#sums, this.#lastSums] = [this.#lastSums, this.#sums];
      this.#sumRow(y);
      writeMeans(this.#sums, this.#means, bgr, y * 3 * this.#width);
    }
  }

  /** Copies the picture to where it is surrounded by its mirror images. */
  #pad(bgr: Uint8Array): void {
    const bytes = 3 * this.#width;
    const edge = 3 * this.#margin;
    const stride = this.#stride;
    const padded = this.#padded;
    const byteOf = this.#byteOf;
    // A copy within one array needs no view for every row.
    const copy = padded.length - bgr.length;
    padded.set(bgr, copy);
    for (let row = 0; row < this.#rowOf.length; row++) {
      const from = copy + this.#rowOf[row]! * bytes;
      const to = row * stride;
      padded.copyWithin(to + edge, from, from + bytes);
      for (let i = 0; i < edge; i++) padded[to + i] = padded[from + byteOf[i]!]!;
      for (let i = edge + bytes; i < stride; i++) padded[to + i] = padded[from + byteOf[i]!]!;
    }
  }

  /** Sums along the line for every value of row `y`. */
  #sumRow(y: number): void {
    const sums = this.#sums;
    const start = y * this.#stride;
    const first = y < STEP.y ? sums.length : Math.min(3 * STEP.x, sums.length);
    sumLine(this.#padded, start, this.#line, sums, first);
    if (first === sums.length) return;
    slideSums(this.#padded, start, this.#comes, this.#goes, this.#lastSums, sums);
  }
}

/** Sums of the first `count` values of a row from scratch. */
function sumLine(
  padded: Uint8Array,
  start: number,
  line: Int32Array,
  sums: Int32Array,
  count: number,
): void {
  for (let i = 0; i < count; i++) {
    let sum = 0;
    for (let tap = 0; tap < line.length; tap++) sum += padded[start + line[tap]! + i]!;
    sums[i] = sum;
  }
}

/** The other sums of a row from those of the row above; at least two pixels come and go. */
function slideSums(
  padded: Uint8Array,
  start: number,
  comes: Int32Array,
  goes: Int32Array,
  above: Int32Array,
  sums: Int32Array,
): void {
  const back = 3 * STEP.x;
  const [in0, in1] = [start + comes[0]!, start + comes[1]!];
  const [out0, out1] = [start + goes[0]!, start + goes[1]!];
  for (let i = back; i < sums.length; i++) {
    sums[i] = above[i - back]! + padded[in0 + i]! + padded[in1 + i]! - padded[out0 + i]! -
      padded[out1 + i]!;
  }
  for (let pair = 2; pair < comes.length; pair++) {
    const inMore = start + comes[pair]!;
    const outMore = start + goes[pair]!;
    for (let i = back; i < sums.length; i++) sums[i]! += padded[inMore + i]! - padded[outMore + i]!;
  }
}

function writeMeans(sums: Int32Array, means: Uint8Array, bgr: Uint8Array, at: number): void {
  for (let i = 0; i < sums.length; i++) bgr[at + i] = means[sums[i]!]!;
}

function without(taps: readonly Tap[], others: readonly Tap[]): Tap[] {
  return taps.filter(({ x, y }) => !others.some((other) => other.x === x && other.y === y));
}

function offsetsOf(taps: readonly Tap[], stride: number): Int32Array {
  return Int32Array.from(taps, ({ x, y }) => y * stride + 3 * x);
}
