/**
 * Randomness that depends on nothing but its arguments.
 *
 * A hash of whole numbers stands for a stream of random numbers that can be entered anywhere, so
 * that any frame, vehicle or leaf can be asked for without those before it.
 */

/** 32 well mixed bits of a 32-bit number; the mixer `lowbias32` found by Wellons, 2018. */
export function hash1(x: number): number {
  let h = x | 0;
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return (h ^ (h >>> 16)) >>> 0;
}

/** 32 bits from two whole numbers; only their lowest 32 bits count. */
export function hash2(a: number, b: number): number {
  return hash1(hash1(a) ^ Math.imul(b | 0, 0x9e3779b1));
}

/** 32 bits from three whole numbers; only their lowest 32 bits count. */
export function hash3(a: number, b: number, c: number): number {
  return hash1(hash2(a, b) ^ Math.imul(c | 0, 0x85ebca77));
}

/** A number from 0 up to, but not including, 1. */
export function unit(hash: number): number {
  return hash / 4_294_967_296;
}

/** A sequence of random choices that starts from a hash. */
export class Dice {
  #state: number;

  /** The same seed gives the same sequence; only the lowest 32 bits count. */
  constructor(seed: number) {
    this.#state = hash1(seed);
  }

  /** 32 random bits. */
  bits(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    return hash1(this.#state);
  }

  /** A number from 0 up to, but not including, 1. */
  unit(): number {
    return unit(this.bits());
  }

  /** A number from `low` up to `high`. */
  between(low: number, high: number): number {
    return low + (high - low) * this.unit();
  }

  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.unit() * (high - low + 1));
  }

  /** Whether something of this probability happens. */
  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  /** One of several, all equally likely. */
  pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.unit() * choices.length)]!;
  }
}
