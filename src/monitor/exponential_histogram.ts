/** One bucket as plain data: the sum of its values, and their squared distances from their mean. */
export type BucketState = readonly [sum: number, squares: number];

/** An {@linkcode ExponentialHistogram} as plain data. */
export interface HistogramState {
  /** Buckets of 1, 2, 4, … values, each row from old to new. */
  readonly rows: readonly (readonly BucketState[])[];
  /** Sum of all values. */
  readonly sum: number;
  /** Squared distances of all values from their mean, summed. */
  readonly squares: number;
}

/** Most buckets of one size; with one more, the two oldest become one of the next size. */
export const ROW_BUCKETS = 5;
/** Sizes of buckets there are; the largest hold 2^39 values, more than a camera ever sends. */
export const ROWS_MAX = 40;

const PLACES = ROW_BUCKETS + 1;

/**
 * A window of values in buckets whose sizes double with age: old values are known less finely, in
 * memory that grows with the logarithm of the window. All of it is taken when it is made.
 *
 * Source: Bifet & Gavaldà 2007, "Learning from Time-Changing Data with Adaptive Windowing", with
 * the variance of Babcock et al. 2003, "Maintaining Variance and k-Medians over Data Stream
 * Windows".
 */
export class ExponentialHistogram {
  /** Values in the window. */
  width = 0;
  /** Their sum. */
  sum = 0;
  /** Their squared distances from their mean, summed. */
  squares = 0;
  readonly #sums = new Float64Array(ROWS_MAX * PLACES);
  readonly #squares = new Float64Array(ROWS_MAX * PLACES);
  readonly #counts = new Uint8Array(ROWS_MAX);
  #rows = 1;

  /** Variance of the values in the window. */
  get variance(): number {
    return this.width === 0 ? 0 : Math.max(0, this.squares) / this.width;
  }

  /** Adds a value as the newest bucket. */
  add(value: number): void {
    if (this.width > 0) {
      const distance = value - this.sum / this.width;
      this.squares += this.width * distance * distance / (this.width + 1);
    }
    this.width++;
    this.sum += value;
    this.#append(0, value, 0);
    this.#merge();
  }

  /** Forgets the oldest bucket. */
  dropOldest(): void {
    const row = this.#rows - 1;
    const at = row * PLACES;
    const size = 2 ** row;
    const [sum, squares] = [this.#sums[at]!, this.#squares[at]!];
    this.width -= size;
    this.sum -= sum;
    const rest = this.width === 0 ? 0 : this.sum / this.width;
    const distance = sum / size - rest;
    const between = size * this.width * distance * distance / (size + this.width);
    this.squares = this.width === 0 ? 0 : Math.max(0, this.squares - squares - between);
    this.#shift(row, 1);
    while (this.#rows > 1 && this.#counts[this.#rows - 1] === 0) this.#rows--;
  }

  /** Calls `visit` for every bucket from old to new until it returns `false`. */
  visit(visit: (size: number, sum: number) => boolean): void {
    for (let row = this.#rows - 1; row >= 0; row--) {
      for (let place = 0; place < this.#counts[row]!; place++) {
        if (!visit(2 ** row, this.#sums[row * PLACES + place]!)) return;
      }
    }
  }

  /** Forgets everything. */
  reset(): void {
    this.width = 0;
    this.sum = 0;
    this.squares = 0;
    this.#counts.fill(0);
    this.#rows = 1;
  }

  /** Everything it knows. */
  toJSON(): HistogramState {
    const rows = Array.from(
      { length: this.#rows },
      (_, row) =>
        Array.from({ length: this.#counts[row]! }, (_, place): BucketState => {
          const at = row * PLACES + place;
          return [this.#sums[at]!, this.#squares[at]!];
        }),
    );
    return { rows, sum: this.sum, squares: this.squares };
  }

  /** Takes over what another one knew; the state is taken as checked. */
  restore({ rows, sum, squares }: HistogramState): void {
    this.reset();
    this.#rows = Math.max(1, rows.length);
    rows.forEach((buckets, row) => {
      for (const [bucketSum, bucketSquares] of buckets) this.#append(row, bucketSum, bucketSquares);
      this.width += buckets.length * 2 ** row;
    });
    this.sum = sum;
    this.squares = squares;
  }

  #append(row: number, sum: number, squares: number): void {
    const at = row * PLACES + this.#counts[row]!;
    this.#sums[at] = sum;
    this.#squares[at] = squares;
    this.#counts[row]!++;
  }

  /** Makes one of the two oldest buckets of every row that is too full. */
  #merge(): void {
    for (let row = 0; this.#counts[row]! > ROW_BUCKETS; row++) {
      if (row === ROWS_MAX - 1) return this.dropOldest();
      const at = row * PLACES;
      const size = 2 ** row;
      const [older, newer] = [this.#sums[at]!, this.#sums[at + 1]!];
      const distance = (older - newer) / size;
      const squares = this.#squares[at]! + this.#squares[at + 1]! + size * distance * distance / 2;
      this.#shift(row, 2);
      if (row + 1 === this.#rows) this.#rows++;
      this.#append(row + 1, older + newer, squares);
    }
  }

  /** Removes the `count` oldest buckets of a row. */
  #shift(row: number, count: number): void {
    const at = row * PLACES;
    this.#sums.copyWithin(at, at + count, at + PLACES);
    this.#squares.copyWithin(at, at + count, at + PLACES);
    this.#counts[row]! -= count;
  }
}
