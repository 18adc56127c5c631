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
import { type ReferenceState, ReferenceStatistics } from "./reference_statistics.ts";

/** Settings of {@linkcode Cusum}. */
export interface CusumOptions {
  /** Values to learn mean and deviation from, from 2; 200 where it is not given. */
  readonly warmup?: number;
  /** Deviations above the mean that are still forgiven, per value, from 0; 1 otherwise. */
  readonly slack?: number;
  /** Sum of excess deviations that is an alarm, above 0; 20 otherwise. */
  readonly threshold?: number;
  /** Most deviations that one value counts, above 0; 6 otherwise. */
  readonly clip?: number;
  /** Which changes count; `rise` otherwise. */
  readonly direction?: DriftDirection;
}

/** What a {@linkcode Cusum} knows. */
export interface CusumState {
  /** What it learnt while warming. */
  readonly reference: ReferenceState;
  /** Sum of excess above the mean. */
  readonly rise: number;
  /** Sum of excess below the mean. */
  readonly fall: number;
  /** As {@linkcode DriftDetector.level}. */
  readonly level: number;
}

/**
 * Cumulative sum: adds up by how much values exceed a reference that was learnt once, and reports
 * drift when the sum reaches a threshold: `S = max(0, S + z - slack)`, with `z` in deviations of
 * the reference, clipped.
 *
 * It sees small lasting changes of the mean soon, and single outliers not at all unless
 * `clip - slack` reaches the threshold. It does not see a change of spread alone, changes smaller
 * than the slack, or anything that was already wrong while it warmed up: the reference never
 * adapts, so that a slow decay cannot hide, and a lasting drift is reported again and again.
 * Source: Page 1954, "Continuous Inspection Schemes", Biometrika 41.
 *
 * @example A loss that goes up by three deviations
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Cusum } from "@fovea/fovea/monitor";
 *
 * const detector = new Cusum({ warmup: 100 });
 * const states = Array.from({ length: 120 }, (_, i) => {
 *   const clean = i % 2 === 0 ? 1 : 1.2;
 *   return detector.observe(i < 105 ? clean : clean + 0.3);
 * });
 * assertEquals(states[99], "warming");
 * assertEquals(states[104], "stable");
 * assertEquals(states.indexOf("drift"), 115);
 * ```
 */
export class Cusum implements DriftDetector {
  /** Which detector it is. */
  readonly kind = "cusum";
  readonly #options: Required<CusumOptions>;
  readonly #reference = new ReferenceStatistics();
  #rise = 0;
  #fall = 0;
  #level = 0;

  /**
   * Makes a detector that has seen nothing.
   *
   * @throws {RangeError} If an option is out of range.
   */
  constructor(options: CusumOptions = {}) {
    const { warmup = 200, slack = 1, threshold = 20, clip = 6, direction = "rise" } = options;
    checkCount("warmup", warmup, 2);
    checkOption("slack", slack, 0);
    checkOption("threshold", threshold, Number.MIN_VALUE);
    checkOption("clip", clip, Number.MIN_VALUE);
    checkDirection(direction);
    this.#options = { warmup, slack, threshold, clip, direction };
  }

  /** As {@linkcode DriftDetector.level}. */
  get level(): number {
    return this.#level;
  }

  /** As {@linkcode DriftDetector.observe}. */
  observe(value: number): DriftState {
    checkValue(value);
    const { warmup, slack, threshold, clip, direction } = this.#options;
    if (this.#reference.count < warmup) {
      this.#reference.add(value);
      return "warming";
    }
    const score = this.#reference.score(value, clip);
    if (direction !== "fall") this.#rise = Math.max(0, this.#rise + score - slack);
    if (direction !== "rise") this.#fall = Math.max(0, this.#fall - score - slack);
    this.#level = Math.max(this.#rise, this.#fall) / threshold;
    if (this.#level < 1) return "stable";
    this.#rise = 0;
    this.#fall = 0;
    return "drift";
  }

  /** As {@linkcode DriftDetector.reset}. */
  reset(): void {
    this.#reference.reset();
    this.#rise = 0;
    this.#fall = 0;
    this.#level = 0;
  }

  /** As {@linkcode DriftDetector.toJSON}. */
  toJSON(): DriftSnapshot<Required<CusumOptions>, CusumState> {
    const state = {
      reference: this.#reference.toJSON(),
      rise: this.#rise,
      fall: this.#fall,
      level: this.#level,
    };
    return { kind: this.kind, version: 1, options: { ...this.#options }, state };
  }

  /** Makes a detector that goes on where another one was; the state is taken as checked. */
  static restore(options: CusumOptions, state: CusumState): Cusum {
    const detector = new Cusum(options);
    detector.#reference.restore(state.reference);
    detector.#rise = state.rise;
    detector.#fall = state.fall;
    detector.#level = state.level;
    return detector;
  }
}
