/**
 * What a drift detector says about the value it was given.
 *
 * | state | meaning |
 * |---|---|
 * | `warming` | it does not know enough yet to say anything |
 * | `stable` | nothing changed, as far as it can see |
 * | `drift` | something changed; said once, for the value that gave it away |
 */
export type DriftState = "warming" | "stable" | "drift";

/** Which changes of the mean count: of a loss, the rise. */
export type DriftDirection = "rise" | "fall" | "both";

/** The names of all detectors. */
export type DriftDetectorKind = "cusum" | "page-hinkley" | "adwin" | "kswin" | "ewma";

/** A detector as plain data, for a file: what it was made with, and what it knows. */
export interface DriftSnapshot<Options extends object = object, State extends object = object> {
  /** Which detector. */
  readonly kind: DriftDetectorKind;
  /** The layout of this kind's snapshots; 1. */
  readonly version: 1;
  /** What it was made with, defaults filled in. */
  readonly options: Options;
  /** What it knows. */
  readonly state: State;
}

/**
 * Watches one number over time and tells when its distribution changes.
 *
 * Every detector has constant memory, no clock and no randomness but its seed: the same values give
 * the same states, also across {@linkcode toJSON} and `restoreDriftDetector`.
 */
export interface DriftDetector {
  /** Which detector it is. */
  readonly kind: DriftDetectorKind;
  /**
   * How near to an alarm it was when it last looked: 0 is not at all, 1 or more is one. After a
   * drift it keeps what the drift was said for, until it looks again.
   */
  readonly level: number;
  /**
   * Takes the next value. After a drift it is ready for the next one.
   *
   * @throws {RangeError} If the value is NaN, infinite or beyond 1e100. Nothing is changed then.
   */
  observe(value: number): DriftState;
  /** Forgets every value, as if it had just been made. */
  reset(): void;
  /** What it was made with and what it knows, as plain data. */
  toJSON(): DriftSnapshot;
}

/** Largest absolute value: the sum of as many squares as there may be still is a number. */
const VALUE_MAX = 1e100;

/** @throws {RangeError} If a value is NaN, infinite, or beyond 1e100. */
export function checkValue(value: number): void {
  if (!(Math.abs(value) <= VALUE_MAX)) {
    throw new RangeError(`Cannot observe ${value}: a number within ${VALUE_MAX} is needed`);
  }
}

/** @throws {RangeError} If an option is not a finite number from `min` to `max`. */
export function checkOption(
  name: string,
  value: number,
  min: number,
  max = Number.MAX_VALUE,
): void {
  if (!(value >= min && value <= max)) {
    const low = min === Number.MIN_VALUE ? "above 0" : `from ${min}`;
    const range = max === Number.MAX_VALUE ? low : `${low} to ${max}`;
    throw new RangeError(`Cannot watch with ${name} = ${value}: a number ${range} is needed`);
  }
}

/** @throws {RangeError} If an option is not a whole number from `min` to `max`. */
export function checkCount(name: string, value: number, min: number, max = 1_000_000): void {
  if (!(Number.isInteger(value) && value >= min && value <= max)) {
    throw new RangeError(
      `Cannot watch with ${name} = ${value}: a whole number from ${min} to ${max} is needed`,
    );
  }
}

/** @throws {RangeError} If a direction has another name. */
export function checkDirection(direction: DriftDirection): void {
  if (!["rise", "fall", "both"].includes(direction)) {
    throw new RangeError(
      `Cannot watch with direction = ${direction}: use rise, fall or both`,
    );
  }
}
