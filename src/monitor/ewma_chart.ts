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

/** Settings of {@linkcode EwmaChart}. */
export interface EwmaChartOptions {
  /** Values to learn mean and deviation from, from 2; 200 where it is not given. */
  readonly warmup?: number;
  /** Weight of the newest value in the average, 1e-6 to 1; 0.1 otherwise. */
  readonly weight?: number;
  /** Where the control limits stand, in deviations of the average, above 0; 4 otherwise. */
  readonly limit?: number;
  /** Most deviations that one value counts, above 0; 6 otherwise. */
  readonly clip?: number;
  /** Which changes count; `rise` otherwise. */
  readonly direction?: DriftDirection;
}

/** What an {@linkcode EwmaChart} knows. */
export interface EwmaChartState {
  /** What it learnt while warming. */
  readonly reference: ReferenceState;
  /** The average, in deviations above the reference. */
  readonly average: number;
  /** Share of the average that comes from no value yet: `(1 - weight)^(2 n)` after n values. */
  readonly start: number;
  /** As {@linkcode DriftDetector.level}. */
  readonly level: number;
}

/** Below this an average never moves within a lifetime. */
const WEIGHT_MIN = 1e-6;

/**
 * Chart of an exponentially weighted moving average: reports drift when the average of a stream
 * leaves the control limits around a reference that was learnt once:
 * `E = (1 - w) E + w z`, limits at `L sqrt(w / (2 - w) (1 - (1 - w)^(2 n)))`, with `z` in
 * deviations of the reference, clipped.
 *
 * It sees changes of the mean of half a deviation and more, small ones sooner with a small weight,
 * large ones sooner with a large weight. It does not see a change of spread alone, nor changes that
 * the average levels out. Limits are for independent values; where neighbours resemble each other,
 * alarms are more frequent than they say. After a drift the average starts from the reference.
 * Source: Roberts 1959, "Control Chart Tests Based on Geometric Moving Averages", Technometrics 1.
 *
 * @example A loss that goes up by two deviations
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { EwmaChart } from "@fovea/fovea/monitor";
 *
 * const detector = new EwmaChart({ warmup: 100 });
 * const states = Array.from({ length: 140 }, (_, i) => {
 *   const clean = i % 2 === 0 ? 1 : 1.2;
 *   return detector.observe(i < 120 ? clean : clean + 0.2);
 * });
 * assertEquals(states[119], "stable");
 * assertEquals(states.indexOf("drift"), 125);
 * ```
 */
export class EwmaChart implements DriftDetector {
  /** Which detector it is. */
  readonly kind = "ewma";
  readonly #options: Required<EwmaChartOptions>;
  readonly #reference = new ReferenceStatistics();
  #average = 0;
  #start = 1;
  #level = 0;

  /**
   * Makes a detector that has seen nothing.
   *
   * @throws {RangeError} If an option is out of range.
   */
  constructor(options: EwmaChartOptions = {}) {
    const { warmup = 200, weight = 0.1, limit = 4, clip = 6, direction = "rise" } = options;
    checkCount("warmup", warmup, 2);
    checkOption("weight", weight, WEIGHT_MIN, 1);
    checkOption("limit", limit, Number.MIN_VALUE);
    checkOption("clip", clip, Number.MIN_VALUE);
    checkDirection(direction);
    this.#options = { warmup, weight, limit, clip, direction };
  }

  /** As {@linkcode DriftDetector.level}. */
  get level(): number {
    return this.#level;
  }

  /** As {@linkcode DriftDetector.observe}. */
  observe(value: number): DriftState {
    checkValue(value);
    const { warmup, weight, limit, clip, direction } = this.#options;
    if (this.#reference.count < warmup) {
      this.#reference.add(value);
      return "warming";
    }
    this.#average += weight * (this.#reference.score(value, clip) - this.#average);
    this.#start *= (1 - weight) ** 2;
    const deviation = Math.sqrt(weight / (2 - weight) * (1 - this.#start));
    const excess = direction === "rise"
      ? this.#average
      : direction === "fall"
      ? -this.#average
      : Math.abs(this.#average);
    this.#level = Math.max(0, excess) / (limit * deviation);
    if (this.#level < 1) return "stable";
    this.#average = 0;
    this.#start = 1;
    return "drift";
  }

  /** As {@linkcode DriftDetector.reset}. */
  reset(): void {
    this.#reference.reset();
    this.#average = 0;
    this.#start = 1;
    this.#level = 0;
  }

  /** As {@linkcode DriftDetector.toJSON}. */
  toJSON(): DriftSnapshot<Required<EwmaChartOptions>, EwmaChartState> {
    const state = {
      reference: this.#reference.toJSON(),
      average: this.#average,
      start: this.#start,
      level: this.#level,
    };
    return { kind: this.kind, version: 1, options: { ...this.#options }, state };
  }

  /** Makes a detector that goes on where another one was; the state is taken as checked. */
  static restore(options: EwmaChartOptions, state: EwmaChartState): EwmaChart {
    const detector = new EwmaChart(options);
    detector.#reference.restore(state.reference);
    detector.#average = state.average;
    detector.#start = state.start;
    detector.#level = state.level;
    return detector;
  }
}
