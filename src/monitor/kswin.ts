import {
  checkCount,
  checkOption,
  checkValue,
  type DriftDetector,
  type DriftSnapshot,
  type DriftState,
} from "./drift_detector.ts";
import { nextRandom } from "./xorshift.ts";

/** Settings of {@linkcode Kswin}. */
export interface KswinOptions {
  /** Significance of each test, above 0 and below 1; 0.0001 where it is not given. */
  readonly alpha?: number;
  /** Values in the window; 100 otherwise. */
  readonly window?: number;
  /** Newest values that are compared with as many older ones, at most half the window; 30. */
  readonly recent?: number;
  /** Seed of the choice of older values, a whole number from 0 to 2^32 - 1; 1 otherwise. */
  readonly seed?: number;
}

/** What a {@linkcode Kswin} knows. */
export interface KswinState {
  /** The values in the window, from old to new. */
  readonly values: readonly number[];
  /** State of the random numbers. */
  readonly random: number;
  /** As {@linkcode DriftDetector.level}. */
  readonly level: number;
}

/**
 * Kolmogorov-Smirnov windowing: compares the newest values of a sliding window with as many values
 * drawn from the older ones, and reports drift where their distributions lie farther apart than
 * `sqrt(-ln(alpha) / recent)`. The window is then cut down to the newest values.
 *
 * It sees any change of the distribution, of spread and shape too, and needs no reference. It does
 * not see changes that take longer than the window, nor small ones: with the defaults, more than
 * half of the newest values must lie on one side of the older ones. A test is made for every value, so that
 * the chance of a false alarm in a stream is much larger than alpha.
 * Source: Raab, Heusinger & Schleif 2020, "Reactive Soft Prototype Computing for Concept Drift
 * Streams", Neurocomputing 416.
 *
 * @example A stream that only grows wider
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Kswin } from "@fovea/fovea/monitor";
 *
 * const detector = new Kswin({ window: 200, recent: 60 });
 * const states = Array.from({ length: 400 }, (_, i) => {
 *   return detector.observe((i < 300 ? 1 : 100) * Math.sin(i));
 * });
 * assertEquals(states[198], "warming");
 * assertEquals(states[299], "stable");
 * assertEquals(states.indexOf("drift"), 347);
 * ```
 */
export class Kswin implements DriftDetector {
  /** Which detector it is. */
  readonly kind = "kswin";
  readonly #options: Required<KswinOptions>;
  readonly #allowed: number;
  readonly #values: Float64Array;
  readonly #older: Float64Array;
  readonly #newer: Float64Array;
  readonly #places: Uint32Array;
  #count = 0;
  #random: number;
  #level = 0;

  /**
   * Makes a detector that has seen nothing.
   *
   * @throws {RangeError} If an option is out of range.
   */
  constructor(options: KswinOptions = {}) {
    const { alpha = 0.0001, window = 100, recent = 30, seed = 1 } = options;
    checkOption("alpha", alpha, Number.MIN_VALUE, 1 - Number.EPSILON);
    checkCount("window", window, 4);
    checkCount("recent", recent, 2, Math.floor(window / 2));
    checkCount("seed", seed, 0, 2 ** 32 - 1);
    this.#options = { alpha, window, recent, seed };
    this.#allowed = Math.sqrt(-Math.log(alpha) / recent);
    if (this.#allowed >= 1) {
      throw new RangeError(
        `Cannot watch with alpha = ${alpha} and recent = ${recent}: no distance would be an alarm`,
      );
    }
    this.#values = new Float64Array(window);
    this.#older = new Float64Array(recent);
    this.#newer = new Float64Array(recent);
    this.#places = new Uint32Array(window - recent);
    this.#random = seedRandom(seed);
  }

  /** As {@linkcode DriftDetector.level}. */
  get level(): number {
    return this.#level;
  }

  /** As {@linkcode DriftDetector.observe}. */
  observe(value: number): DriftState {
    checkValue(value);
    const { window, recent } = this.#options;
    if (this.#count === window) {
      this.#values.copyWithin(0, 1);
      this.#count--;
    }
    this.#values[this.#count++] = value;
    this.#level = 0;
    if (this.#count < window) return "warming";
    this.#drawOlder();
    this.#newer.set(this.#values.subarray(window - recent));
    this.#level = ksDistance(this.#older.sort(), this.#newer.sort()) / this.#allowed;
    // "Farther" is more than, and a level of 1 is an alarm.
    if (this.#level <= 1) {
      this.#level = Math.min(this.#level, 1 - Number.EPSILON);
      return "stable";
    }
    this.#values.copyWithin(0, window - recent);
    this.#count = recent;
    return "drift";
  }

  /** Draws `recent` of the older values without putting any back. */
  #drawOlder(): void {
    const places = this.#places;
    for (let i = 0; i < places.length; i++) places[i] = i;
    for (let i = 0; i < this.#older.length; i++) {
      this.#random = nextRandom(this.#random);
      const other = i + Math.floor(this.#random / 2 ** 32 * (places.length - i));
      const place = places[other]!;
      places[other] = places[i]!;
      this.#older[i] = this.#values[place]!;
    }
  }

  /** As {@linkcode DriftDetector.reset}. */
  reset(): void {
    this.#count = 0;
    this.#random = seedRandom(this.#options.seed);
    this.#level = 0;
  }

  /** As {@linkcode DriftDetector.toJSON}. */
  toJSON(): DriftSnapshot<Required<KswinOptions>, KswinState> {
    const values = [...this.#values.subarray(0, this.#count)];
    const state = { values, random: this.#random, level: this.#level };
    return { kind: this.kind, version: 1, options: { ...this.#options }, state };
  }

  /** Makes a detector that goes on where another one was; the state is taken as checked. */
  static restore(options: KswinOptions, state: KswinState): Kswin {
    const detector = new Kswin(options);
    detector.#values.set(state.values);
    detector.#count = state.values.length;
    detector.#random = state.random;
    detector.#level = state.level;
    return detector;
  }
}

/** Largest distance of two empirical distributions of as many values each, sorted, 0–1. */
function ksDistance(a: Float64Array, b: Float64Array): number {
  let [i, j, largest] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    // Equal values stand on one step: it is whole before heights are compared.
    const step = Math.min(a[i]!, b[j]!);
    while (i < a.length && a[i]! === step) i++;
    while (j < b.length && b[j]! === step) j++;
    largest = Math.max(largest, Math.abs(i - j));
  }
  return largest / a.length;
}

/** Any seed as a state that is not 0; Knuth's multiplicative hash. */
function seedRandom(seed: number): number {
  return Math.imul(seed + 1, 0x9e3779b1) >>> 0 || 1;
}
