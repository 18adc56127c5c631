/** A running mean and deviation as plain data. */
export interface ReferenceState {
  /** Values so far. */
  readonly count: number;
  /** Their mean. */
  readonly mean: number;
  /** Their squared distances from the mean, summed. */
  readonly squares: number;
}

/** Smallest deviation that counts, as a share of the mean and absolutely. */
const RELATIVE_FLOOR = 1e-3;
const ABSOLUTE_FLOOR = 1e-6;

/**
 * Mean and deviation of a clean stream, by Welford's update, and how far a value lies from it.
 *
 * The deviation never counts as less than a thousandth of the mean: a stream that hardly moved
 * while it was learnt from would make an alarm of every rounding.
 */
export class ReferenceStatistics {
  #count = 0;
  #mean = 0;
  #squares = 0;

  /** Values so far. */
  get count(): number {
    return this.#count;
  }

  /** Adds a value. */
  add(value: number): void {
    this.#count++;
    const distance = value - this.#mean;
    this.#mean += distance / this.#count;
    this.#squares += distance * (value - this.#mean);
  }

  /** How many deviations `value` lies above the mean, at most `limit` either way. */
  score(value: number, limit: number): number {
    const deviation = Math.sqrt(this.#squares / Math.max(1, this.#count - 1));
    const floor = RELATIVE_FLOOR * Math.abs(this.#mean) + ABSOLUTE_FLOOR;
    const score = (value - this.#mean) / Math.max(deviation, floor);
    return Math.min(Math.max(score, -limit), limit);
  }

  /** Forgets every value. */
  reset(): void {
    this.restore({ count: 0, mean: 0, squares: 0 });
  }

  /** Everything it knows. */
  toJSON(): ReferenceState {
    return { count: this.#count, mean: this.#mean, squares: this.#squares };
  }

  /** Takes over what another one knew. */
  restore(state: ReferenceState): void {
    this.#count = state.count;
    this.#mean = state.mean;
    this.#squares = state.squares;
  }
}
