import { seedWords } from "./seed_sequence.ts";

/** The multiplier of the 128-bit generator, in 32-bit words, lowest first. */
const M0 = 0x9fccf645;
const M1 = 0x4385df64;
const M2 = 0x1fc65da4;
const M3 = 0x2360ed05;

/**
 * The random number generator PCG64 (a 128-bit linear congruential generator with the output
 * function XSL-RR), seeded as by NumPy's `default_rng(seed)`: the same seed gives the same bits.
 *
 * Source: M. E. O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good
 * Algorithms for Random Number Generation", HMC-CS-2014-0905 (2014). All arithmetic is on 32-bit
 * halves, so no big integers are made.
 */
export class Pcg64 {
  /** Upper 32 bits of the last output. */
  high = 0;
  /** Lower 32 bits of the last output. */
  low = 0;
  // State and increment in 32-bit words, lowest first.
  #s0 = 0;
  #s1 = 0;
  #s2 = 0;
  #s3 = 0;
  readonly #i0: number;
  readonly #i1: number;
  readonly #i2: number;
  readonly #i3: number;

  /** Seeds it with whole numbers from 0 to 2^32 - 1; `[5]` is NumPy's `default_rng(5)`. */
  constructor(entropy: readonly number[]) {
    // Four 64-bit words, each with its lower half first; the upper word of a pair comes first.
    const words = seedWords(entropy, 8);
    const [s2, s3, s0, s1, i2, i3, i0, i1] = words as unknown as readonly number[];
    this.#i0 = (i0! << 1 | 1) >>> 0;
    this.#i1 = (i1! << 1 | i0! >>> 31) >>> 0;
    this.#i2 = (i2! << 1 | i1! >>> 31) >>> 0;
    this.#i3 = (i3! << 1 | i2! >>> 31) >>> 0;
    this.#step();
    const c0 = this.#s0 + s0!;
    const c1 = this.#s1 + s1! + carryOf(c0);
    const c2 = this.#s2 + s2! + carryOf(c1);
    this.#s3 = (this.#s3 + s3! + carryOf(c2)) >>> 0;
    this.#s0 = c0 >>> 0;
    this.#s1 = c1 >>> 0;
    this.#s2 = c2 >>> 0;
    this.#step();
  }

  /** Draws 64 random bits into `high` and `low`. */
  next(): void {
    this.#step();
    const low = this.#s0 ^ this.#s2;
    const high = this.#s1 ^ this.#s3;
    const turn = this.#s3 >>> 26;
    const by = turn & 31;
    const a = turn < 32 ? low : high;
    const b = turn < 32 ? high : low;
    // A shift by 32 would be one by 0.
    this.low = by === 0 ? a >>> 0 : (a >>> by | b << (32 - by)) >>> 0;
    this.high = by === 0 ? b >>> 0 : (b >>> by | a << (32 - by)) >>> 0;
  }

  /** A random number in 0–1, 1 excluded, from 53 bits. */
  nextDouble(): number {
    this.next();
    return (this.high * 2 ** 21 + (this.low >>> 11)) / 2 ** 53;
  }

  /** state = state * multiplier + increment, modulo 2^128. */
  #step(): void {
    const s0 = this.#s0;
    const s1 = this.#s1;
    const s2 = this.#s2;
    // Column by column; every sum stays below 2^53.
    let sum = this.#i0 + mulLow(s0, M0);
    this.#s0 = sum >>> 0;
    sum = carryOf(sum) + this.#i1 + mulHigh(s0, M0) + mulLow(s0, M1) + mulLow(s1, M0);
    this.#s1 = sum >>> 0;
    sum = carryOf(sum) + this.#i2 + mulHigh(s0, M1) + mulHigh(s1, M0) +
      mulLow(s0, M2) + mulLow(s1, M1) + mulLow(s2, M0);
    this.#s2 = sum >>> 0;
    this.#s3 = (carryOf(sum) + this.#i3 + mulHigh(s0, M2) + mulHigh(s1, M1) + mulHigh(s2, M0) +
      mulLow(s0, M3) + mulLow(s1, M2) + mulLow(s2, M1) + mulLow(this.#s3, M0)) >>> 0;
  }
}

/** What a sum of 32-bit words hands on to the next column. */
function carryOf(sum: number): number {
  return Math.floor(sum / 2 ** 32);
}

/** Lower half of the 64-bit product of two unsigned 32-bit words. */
function mulLow(a: number, b: number): number {
  return Math.imul(a, b) >>> 0;
}

/** Upper half of the 64-bit product of two unsigned 32-bit words. */
function mulHigh(a: number, b: number): number {
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const b0 = b & 0xffff;
  const b1 = b >>> 16;
  const middle = (Math.imul(a1, b0) >>> 0) + (Math.imul(a0, b0) >>> 16);
  const cross = (Math.imul(a0, b1) >>> 0) + (middle & 0xffff);
  return (Math.imul(a1, b1) >>> 0) + (middle >>> 16) + (cross >>> 16);
}
