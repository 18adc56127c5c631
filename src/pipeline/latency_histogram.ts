/** Width of one bin: each bin's upper end is this factor above its lower end. */
const BIN_FACTOR = 1.01;
/** Values below this many milliseconds share the first bin. */
const SMALLEST_MS = 1e-3;
/** Values above this many milliseconds (about eleven days) share the last bin. */
const LARGEST_MS = 1e9;
const BINS = 2 + Math.ceil(Math.log(LARGEST_MS / SMALLEST_MS) / Math.log(BIN_FACTOR));

/** Quantiles of one measured time, in milliseconds; `null` where nothing was measured. */
export interface Quantiles {
  /** Half of the values are at most this. */
  readonly p50: number | null;
  /** 95 of 100 values are at most this. */
  readonly p95: number | null;
  /** 99 of 100 values are at most this. */
  readonly p99: number | null;
  /** The largest value, exact. */
  readonly max: number | null;
}

/**
 * Quantiles of any number of times in constant memory.
 *
 * Values are counted in bins that grow by 1 %, so a quantile is within 0.5 % of the exact one
 * (nearest rank); the smallest and the largest value are exact, and a quantile never lies outside
 * them. Below one microsecond and above 1e9 ms only these two are known.
 */
export class LatencyHistogram {
  readonly #counts = new Uint32Array(BINS);
  #count = 0;
  #min = Infinity;
  #max = 0;

  /** How many values were added. */
  get count(): number {
    return this.#count;
  }

  /**
   * Counts one value.
   *
   * @throws {RangeError} If `valueMs` is negative, NaN or infinite; nothing is counted then.
   */
  add(valueMs: number): void {
    if (!(valueMs >= 0 && valueMs < Infinity)) {
      throw new RangeError(
        `Cannot count a time: expected 0 or more milliseconds, found ${valueMs}`,
      );
    }
    const bin = binOf(valueMs);
    this.#counts[bin] = this.#counts[bin]! + 1;
    this.#count++;
    this.#min = Math.min(this.#min, valueMs);
    this.#max = Math.max(this.#max, valueMs);
  }

  /**
   * The value that a share `q` (above 0, at most 1) of all values does not exceed; `null` while
   * there is none.
   */
  quantile(q: number): number | null {
    if (!(q > 0 && q <= 1)) {
      throw new RangeError(`Cannot take a quantile: expected a share in (0, 1], found ${q}`);
    }
    if (this.#count === 0) return null;
    const rank = Math.ceil(q * this.#count);
    let seen = 0;
    for (let bin = 0; bin < BINS; bin++) {
      seen += this.#counts[bin]!;
      if (seen >= rank) return Math.min(Math.max(middleOf(bin), this.#min), this.#max);
    }
    return this.#max;
  }

  /** The quantiles that are reported for every stage. */
  quantiles(): Quantiles {
    return {
      p50: this.quantile(0.5),
      p95: this.quantile(0.95),
      p99: this.quantile(0.99),
      max: this.#count === 0 ? null : this.#max,
    };
  }
}

function binOf(valueMs: number): number {
  if (valueMs < SMALLEST_MS) return 0;
  const bin = 1 + Math.floor(Math.log(valueMs / SMALLEST_MS) / Math.log(BIN_FACTOR));
  return Math.min(bin, BINS - 1);
}

/** The geometric middle of a bin: the value whose largest relative error is smallest. */
function middleOf(bin: number): number {
  return bin === 0 ? 0 : SMALLEST_MS * BIN_FACTOR ** (bin - 0.5);
}
