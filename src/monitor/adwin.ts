import {
  checkCount,
  checkDirection,
  checkOption,
  checkValue,
  type DriftDetector,
  type DriftDirection,
  type DriftSnapshot,
  type DriftState,
} from "./drift_detector.ts";
import { ExponentialHistogram, type HistogramState } from "./exponential_histogram.ts";

/** Settings of {@linkcode Adwin}. */
export interface AdwinOptions {
  /** Chance of a false alarm each time it looks, above 0 and below 1; 0.002 where not given. */
  readonly delta?: number;
  /** How far the smallest and the largest value may lie apart, above 0; 1 otherwise. */
  readonly range?: number;
  /** It looks once in this many values, from 1; 32 otherwise. */
  readonly every?: number;
  /** Fewest values on either side of a cut, from 1; 5 otherwise. */
  readonly sideMin?: number;
  /** Which changes are reported; `both` otherwise. The window is cut at all of them. */
  readonly direction?: DriftDirection;
}

/** What an {@linkcode Adwin} knows. */
export interface AdwinState {
  /** The window. */
  readonly window: HistogramState;
  /** Values since it last looked. */
  readonly sinceLook: number;
  /** Whether it has looked at all. */
  readonly looked: boolean;
  /** As {@linkcode DriftDetector.level}. */
  readonly level: number;
}

/**
 * Adaptive windowing: keeps a window of values that grows while nothing changes, and reports drift
 * when the means of an older and a newer part differ by more than chance allows; the older part is
 * forgotten then. It differs where `|m0 - m1| > sqrt(2 v d / m) + 2 R d / (3 m)`, with `v` the
 * window's variance, `m = 1 / (1 / n0 + 1 / n1)`, `d = ln(2 ln(n) / delta)` and `R` the range.
 *
 * It needs neither a clean stream nor a threshold, sees small changes if they last, and slow ramps
 * after a while. It does not see a change of spread alone, and sparse spikes hardly: they make the
 * variance large. The bound is for independent values; where neighbours resemble each other, false
 * alarms are more frequent. As it looks at all cuts after one another, part of a change may be left
 * in the window and be reported again the next time it looks.
 * Source: Bifet & Gavaldà 2007, "Learning from Time-Changing Data with Adaptive Windowing", with
 * `ln(n)` in place of `n` in the confidence as in its section 4.
 *
 * @example Coins, then dice
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Adwin } from "@fovea/fovea/monitor";
 *
 * const detector = new Adwin();
 * const states = Array.from({ length: 320 }, (_, i) => detector.observe(i < 200 ? i % 2 : 4));
 * assertEquals(states.indexOf("drift"), 223);
 * ```
 */
export class Adwin implements DriftDetector {
  /** Which detector it is. */
  readonly kind = "adwin";
  readonly #options: Required<AdwinOptions>;
  readonly #window = new ExponentialHistogram();
  #sinceLook = 0;
  #looked = false;
  #level = 0;

  /**
   * Makes a detector that has seen nothing.
   *
   * @throws {RangeError} If an option is out of range.
   */
  constructor(options: AdwinOptions = {}) {
    const { delta = 0.002, range = 1, every = 32, sideMin = 5, direction = "both" } = options;
    checkOption("delta", delta, DELTA_MIN, 1 - DELTA_MIN);
    checkOption("range", range, Number.MIN_VALUE);
    checkCount("every", every, 1);
    checkCount("sideMin", sideMin, 1);
    checkDirection(direction);
    this.#options = { delta, range, every, sideMin, direction };
  }

  /** As {@linkcode DriftDetector.level}. */
  get level(): number {
    return this.#level;
  }

  /** Values that it takes for of one kind. */
  get width(): number {
    return this.#window.width;
  }

  /** Their mean; 0 where there are none. */
  get mean(): number {
    return this.#window.width === 0 ? 0 : this.#window.sum / this.#window.width;
  }

  /** As {@linkcode DriftDetector.observe}. */
  observe(value: number): DriftState {
    checkValue(value);
    const { every, sideMin } = this.#options;
    this.#window.add(value);
    this.#sinceLook++;
    if (this.#sinceLook >= every && this.#window.width >= 2 * sideMin) {
      this.#sinceLook = 0;
      this.#looked = true;
      if (this.#look()) return "drift";
    }
    return this.#looked && this.#window.width >= 2 * sideMin ? "stable" : "warming";
  }

  /** Forgets old buckets while any cut differs; says whether a change was one to report. */
  #look(): boolean {
    this.#level = 0;
    while (this.#measureCuts() >= 1) this.#window.dropOldest();
    return this.#level >= 1;
  }

  /**
   * Raises the level to that of the cut that differs most in the wanted direction; returns that of
   * the cut that differs most in any. Differences are in what chance allows.
   */
  #measureCuts(): number {
    const { delta, range, sideMin, direction } = this.#options;
    const { width, sum, variance } = this.#window;
    const confidence = Math.log(2 * Math.log(width) / delta);
    let largest = 0;
    let olderCount = 0;
    let olderSum = 0;
    this.#window.visit((size, bucketSum) => {
      olderCount += size;
      olderSum += bucketSum;
      const newerCount = width - olderCount;
      if (newerCount < sideMin) return false;
      if (olderCount < sideMin) return true;
      const rise = (sum - olderSum) / newerCount - olderSum / olderCount;
      const inverse = 1 / olderCount + 1 / newerCount;
      const allowed = Math.sqrt(2 * inverse * variance * confidence) +
        2 / 3 * range * confidence * inverse;
      const level = Math.abs(rise) / allowed;
      largest = Math.max(largest, level);
      const isWanted = direction === "both" || (direction === "rise") === rise > 0;
      if (isWanted) this.#level = Math.max(this.#level, level);
      return true;
    });
    return largest;
  }

  /** As {@linkcode DriftDetector.reset}. */
  reset(): void {
    this.#window.reset();
    this.#sinceLook = 0;
    this.#looked = false;
    this.#level = 0;
  }

  /** As {@linkcode DriftDetector.toJSON}. */
  toJSON(): DriftSnapshot<Required<AdwinOptions>, AdwinState> {
    const state = {
      window: this.#window.toJSON(),
      sinceLook: this.#sinceLook,
      looked: this.#looked,
      level: this.#level,
    };
    return { kind: this.kind, version: 1, options: { ...this.#options }, state };
  }

  /** Makes a detector that goes on where another one was; the state is taken as checked. */
  static restore(options: AdwinOptions, state: AdwinState): Adwin {
    const detector = new Adwin(options);
    detector.#window.restore(state.window);
    detector.#sinceLook = state.sinceLook;
    detector.#looked = state.looked;
    detector.#level = state.level;
    return detector;
  }
}

/** Nearest to certainty that float64 still tells from it. */
const DELTA_MIN = 1e-15;
