import type { SignalStep } from "./drift_signal.ts";

/** Frames between two looks at the background. */
const LOOK_EVERY = 5;
/** Looks in a row outside of the usual range that make a row strange. */
const LOOKS = 15;
/** Nats outside of the range of the warm-up that still count as inside. */
const MARGIN = 0.2;
/** Share of strange rows that is an alarm. */
const STRANGE_SHARE_MAX = 0.2;
/** Digits of a nat that are kept. */
const DIGITS = 1000;

/** Where the background scores of a warm-up lay, row by row. Plain data. */
export interface BackgroundRange {
  /** The lowest logarithm of a row's best score, in nats. */
  readonly low: readonly number[];
  /** The highest. */
  readonly high: readonly number[];
}

/** Collects a {@linkcode BackgroundRange}. */
export class BackgroundWarmUp {
  #low: Float64Array | null = null;
  #high: Float64Array | null = null;
  #isWhole = true;

  /** Takes the next frame; one without background makes that there is no range. */
  add(logs: Float32Array | null): void {
    if (logs === null || (this.#low !== null && logs.length !== this.#low.length)) {
      this.#isWhole = false;
      return;
    }
    this.#low ??= new Float64Array(logs.length).fill(Infinity);
    this.#high ??= new Float64Array(logs.length).fill(-Infinity);
    for (const [row, log] of logs.entries()) {
      if (log < this.#low[row]!) this.#low[row] = log;
      if (log > this.#high[row]!) this.#high[row] = log;
    }
  }

  /** The range so far, rounded outwards to thousandths; `null` where there is none. */
  get range(): BackgroundRange | null {
    if (!this.#isWhole || this.#low === null || this.#high === null) return null;
    return {
      low: Array.from(this.#low, (log) => Math.floor(log * DIGITS) / DIGITS),
      high: Array.from(this.#high, (log) => Math.ceil(log * DIGITS) / DIGITS),
    };
  }
}

/**
 * Watches what the detector says where nothing is: the share of rows whose best score has left the
 * range of the warm-up for good. Traffic comes and goes, and moves a row for moments; darkness, fog,
 * a dirty lens or a moved camera move most rows, and keep them there.
 *
 * Every fifth frame is looked at. A row is strange once it was more than 0.2 nats outside, on the
 * same side, in 15 looks in a row; an alarm is raised when 20 % of all rows are strange.
 */
export class BackgroundWatch {
  readonly #range: BackgroundRange;
  /** Looks in a row above the range of a row, or below it as a negative number. */
  readonly #looks: Int8Array;
  #share = 0;
  #frame = 0;
  #risingFrames = 0;

  /** Watches by the range of a warm-up. */
  constructor(range: BackgroundRange) {
    this.#range = range;
    this.#looks = new Int8Array(range.low.length);
  }

  /** Takes the next frame; `null`, or other rows than the warm-up's, change nothing. */
  observe(logs: Float32Array | null): SignalStep {
    const isLook = this.#frame % LOOK_EVERY === 0 && logs?.length === this.#looks.length;
    this.#frame++;
    if (isLook) this.#look(logs!);
    this.#risingFrames = this.#share > 0 ? this.#risingFrames + 1 : 0;
    const isCrossing = isLook && this.#share >= STRANGE_SHARE_MAX;
    const report = {
      value: this.#share,
      z: null,
      statistic: this.#share,
      threshold: STRANGE_SHARE_MAX,
    };
    // When a row counts it has been outside for all of its looks.
    const risingFrames = Math.max(this.#risingFrames, LOOKS * LOOK_EVERY);
    return { report, isCrossing, risingFrames };
  }

  /** What must be kept to go on after a restart. */
  toJSON(): BackgroundState {
    return {
      looks: [...this.#looks],
      frame: this.#frame % LOOK_EVERY,
      risingFrames: this.#risingFrames,
    };
  }

  /** Goes on from what was kept; a state of other rows changes nothing. */
  restore({ looks, frame, risingFrames }: BackgroundState): void {
    if (looks.length !== this.#looks.length) return;
    this.#looks.set(looks);
    this.#share = this.#countStrange() / Math.max(1, looks.length);
    this.#frame = frame;
    this.#risingFrames = risingFrames;
  }

  #look(logs: Float32Array): void {
    const { low, high } = this.#range;
    const looks = this.#looks;
    for (let row = 0; row < looks.length; row++) {
      const log = logs[row]!;
      const before = looks[row]!;
      if (log > high[row]! + MARGIN) looks[row] = Math.min(LOOKS, Math.max(0, before) + 1);
      else if (log < low[row]! - MARGIN) looks[row] = Math.max(-LOOKS, Math.min(0, before) - 1);
      else looks[row] = 0;
    }
    this.#share = this.#countStrange() / Math.max(1, looks.length);
  }

  #countStrange(): number {
    let count = 0;
    for (const looks of this.#looks) if (Math.abs(looks) >= LOOKS) count++;
    return count;
  }
}

/** What {@linkcode BackgroundWatch} keeps. */
export interface BackgroundState {
  /** Looks in a row outside, row by row; below the range as a negative number. */
  readonly looks: readonly number[];
  /** Frames since the last look. */
  readonly frame: number;
  /** Frames since the share began to rise. */
  readonly risingFrames: number;
}
