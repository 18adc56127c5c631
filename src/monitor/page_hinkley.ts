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

/** Settings of {@linkcode PageHinkley}. */
export interface PageHinkleyOptions {
  /** Values before it says anything, from 1; 30 where it is not given. */
  readonly warmup?: number;
  /** Excess over the mean that is still forgiven, per value, in the values' unit, from 0; 0.005. */
  readonly slack?: number;
  /** Sum of excess that is an alarm, in the values' unit, above 0; 50 otherwise. */
  readonly threshold?: number;
  /** What is left of the sum from one value to the next, 0–1; 0.9999 otherwise. */
  readonly memory?: number;
  /** Which changes count; `rise` otherwise. */
  readonly direction?: DriftDirection;
}

/** What a {@linkcode PageHinkley} knows. */
export interface PageHinkleyState {
  /** Values since it was made or said drift. */
  readonly count: number;
  /** Their mean. */
  readonly mean: number;
  /** Sum of excess above the mean. */
  readonly rise: number;
  /** Sum of excess below the mean. */
  readonly fall: number;
  /** As {@linkcode DriftDetector.level}. */
  readonly level: number;
}

/**
 * Page-Hinkley test: adds up by how much values exceed their own running mean, and reports drift
 * when the sum reaches a threshold: `S = max(0, memory S + x - mean - slack)`.
 *
 * It needs no clean stream to start from and sees lasting changes of the mean. It does not see a
 * change of spread alone, and hardly a slow ramp: the mean follows. Slack and threshold have the
 * values' own unit, so that they must be chosen for each stream. After a drift it starts anew with
 * the mean, and warms up again.
 * Source: Page 1954, "Continuous Inspection Schemes", Biometrika 41, with the running mean and the
 * fading sum of Mouss et al. 2004, "Test of Page-Hinkley, an approach for fault detection".
 *
 * @example A loss that jumps from 0 to 1
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { PageHinkley } from "@fovea/fovea/monitor";
 *
 * const detector = new PageHinkley({ warmup: 10, slack: 0.01, threshold: 2 });
 * const states = Array.from({ length: 30 }, (_, i) => detector.observe(i < 20 ? 0 : 1));
 * assertEquals(states.indexOf("drift"), 22);
 * ```
 */
export class PageHinkley implements DriftDetector {
  /** Which detector it is. */
  readonly kind = "page-hinkley";
  readonly #options: Required<PageHinkleyOptions>;
  #count = 0;
  #mean = 0;
  #rise = 0;
  #fall = 0;
  #level = 0;

  /**
   * Makes a detector that has seen nothing.
   *
   * @throws {RangeError} If an option is out of range.
   */
  constructor(options: PageHinkleyOptions = {}) {
    const { warmup = 30, slack = 0.005, threshold = 50, memory = 0.9999, direction = "rise" } =
      options;
    checkCount("warmup", warmup, 1);
    checkOption("slack", slack, 0);
    checkOption("threshold", threshold, Number.MIN_VALUE);
    checkOption("memory", memory, 0, 1);
    checkDirection(direction);
    this.#options = { warmup, slack, threshold, memory, direction };
  }

  /** As {@linkcode DriftDetector.level}. */
  get level(): number {
    return this.#level;
  }

  /** As {@linkcode DriftDetector.observe}. */
  observe(value: number): DriftState {
    checkValue(value);
    const { warmup, slack, threshold, memory, direction } = this.#options;
    this.#count++;
    this.#mean += (value - this.#mean) / this.#count;
    const excess = value - this.#mean;
    if (direction !== "fall") this.#rise = Math.max(0, memory * this.#rise + excess - slack);
    if (direction !== "rise") this.#fall = Math.max(0, memory * this.#fall - excess - slack);
    this.#level = 0;
    if (this.#count < warmup) return "warming";
    this.#level = Math.max(this.#rise, this.#fall) / threshold;
    if (this.#level < 1) return "stable";
    this.#startAnew();
    return "drift";
  }

  /** As {@linkcode DriftDetector.reset}. */
  reset(): void {
    this.#startAnew();
    this.#level = 0;
  }

  #startAnew(): void {
    this.#count = 0;
    this.#mean = 0;
    this.#rise = 0;
    this.#fall = 0;
  }

  /** As {@linkcode DriftDetector.toJSON}. */
  toJSON(): DriftSnapshot<Required<PageHinkleyOptions>, PageHinkleyState> {
    const state = {
      count: this.#count,
      mean: this.#mean,
      rise: this.#rise,
      fall: this.#fall,
      level: this.#level,
    };
    return { kind: this.kind, version: 1, options: { ...this.#options }, state };
  }

  /** Makes a detector that goes on where another one was; the state is taken as checked. */
  static restore(options: PageHinkleyOptions, state: PageHinkleyState): PageHinkley {
    const detector = new PageHinkley(options);
    detector.#count = state.count;
    detector.#mean = state.mean;
    detector.#rise = state.rise;
    detector.#fall = state.fall;
    detector.#level = state.level;
    return detector;
  }
}
