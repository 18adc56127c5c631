import type { TrainingPace } from "./training_pace.ts";

/** When training gives way. */
export interface TrainingGovernorOptions {
  /** How much longer a frame may take while training, as a share; 0.08. */
  readonly slowdownMax?: number;
  /** Training holds on from this temperature of the hottest part on, in degrees Celsius; 85. */
  readonly celsiusMax?: number;
  /** Training holds on from this power of the board on, in mW; no bound by default. */
  readonly milliwattsMax?: number;
}

/** What holds training back now; `null` for nothing. */
export type TrainingRestraint = "frames" | "heat" | "power" | null;

/** How a board is, as far as training minds; what it does not tell is left out or `null`. */
export interface BoardReading {
  /** Temperatures of its parts. */
  readonly temperatures: readonly { readonly celsius: number }[];
  /** Power of the whole board, in mW. */
  readonly boardMilliwatts: number | null;
}

/** Frames without training that tell how long one takes. */
const BASELINE_FRAMES = 64;
/** Fewer of them tell nothing. */
const BASELINE_MIN = 8;
/** Frames that a decision is made of. */
const DECIDING_FRAMES = 8;
/** A training begins with this share of its time: what it does to the frames is not known yet. */
const SHARE_FIRST = 0.25;
/** It never gets less because of frames, so that it ends one day. */
const SHARE_MIN = 1 / 32;
const SHARE_STEP = 0.125;
/** Heat and power must fall this far below their bounds before training goes on. */
const CELSIUS_BELOW = 5;
const POWER_BELOW = 0.95;

/**
 * Makes training give way to what matters more: frames in time, and a board that is not too hot.
 *
 * While nothing is trained it learns how long a frame takes (median of the last 64). While
 * training, every 8 frames: if their median is longer by more than `slowdownMax`, training gets half
 * of its share of time, but not less than 1/32; if not, an eighth more. Heat and power beyond their
 * bounds stop it altogether until they have fallen by 5 °C, or by a twentieth.
 *
 * No clock, no randomness: the same observations give the same pace.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { TrainingGovernor, TrainingPace } from "@fovea/fovea/refine";
 *
 * const pace = new TrainingPace();
 * const governor = new TrainingGovernor(pace);
 * for (let i = 0; i < 20; i++) governor.observeFrame(10);
 * governor.begin();
 * assertEquals(pace.share, 0.25);
 * for (let i = 0; i < 8; i++) governor.observeFrame(13);
 * assertEquals([pace.share, governor.restraint], [0.125, "frames"]);
 * for (let i = 0; i < 8; i++) governor.observeFrame(10);
 * assertEquals([pace.share, governor.restraint], [0.25, null]);
 * governor.observeBoard({ temperatures: [{ celsius: 91 }], boardMilliwatts: null });
 * assertEquals([pace.share, governor.restraint], [0, "heat"]);
 * ```
 */
export class TrainingGovernor {
  readonly #pace: TrainingPace;
  readonly #options: Required<TrainingGovernorOptions>;
  readonly #baseline: number[] = [];
  readonly #recent: number[] = [];
  #training = false;
  #share = 1;
  #late = false;
  #hot = false;
  #hungry = false;

  /**
   * Governs a pace.
   *
   * @throws {RangeError} If an option is not above 0.
   */
  constructor(pace: TrainingPace, options: TrainingGovernorOptions = {}) {
    const { slowdownMax = 0.08, celsiusMax = 85, milliwattsMax = Infinity } = options;
    for (const [name, value] of Object.entries({ slowdownMax, celsiusMax, milliwattsMax })) {
      if (!(value > 0)) throw new RangeError(`Cannot govern training with ${name} ${value}`);
    }
    this.#pace = pace;
    this.#options = { slowdownMax, celsiusMax, milliwattsMax };
  }

  /** What holds training back now. */
  get restraint(): TrainingRestraint {
    if (this.#hot) return "heat";
    if (this.#hungry) return "power";
    return this.#training && this.#late ? "frames" : null;
  }

  /** Tells that a training begins. */
  begin(): void {
    this.#training = true;
    this.#recent.length = 0;
    this.#late = false;
    // Without frames there is nothing to give way to.
    this.#share = this.#baseline.length < BASELINE_MIN ? 1 : SHARE_FIRST;
    this.#apply();
  }

  /** Tells that no training is under way any more. */
  end(): void {
    this.#training = false;
    this.#recent.length = 0;
    this.#late = false;
    this.#share = 1;
    this.#apply();
  }

  /**
   * Tells how long a frame took from the start of preprocessing to its detections, in milliseconds;
   * a result's `timingsMs.total`. What is no time above 0 is left out.
   */
  observeFrame(totalMs: number): void {
    if (!(totalMs > 0 && totalMs < Infinity)) return;
    if (!this.#training) {
      this.#baseline.push(totalMs);
      if (this.#baseline.length > BASELINE_FRAMES) this.#baseline.shift();
      return;
    }
    this.#recent.push(totalMs);
    if (this.#recent.length < DECIDING_FRAMES) return;
    const now = median(this.#recent);
    this.#recent.length = 0;
    if (this.#baseline.length < BASELINE_MIN) return;
    this.#late = now > median(this.#baseline) * (1 + this.#options.slowdownMax);
    this.#share = this.#late
      ? Math.max(SHARE_MIN, this.#share / 2)
      : Math.min(1, this.#share + SHARE_STEP);
    this.#apply();
  }

  /** Tells how the board is. */
  observeBoard({ temperatures, boardMilliwatts }: BoardReading): void {
    const { celsiusMax, milliwattsMax } = this.#options;
    const hottest = temperatures.reduce((most, { celsius }) => Math.max(most, celsius), -Infinity);
    this.#hot = hottest >= (this.#hot ? celsiusMax - CELSIUS_BELOW : celsiusMax);
    const bound = this.#hungry ? POWER_BELOW * milliwattsMax : milliwattsMax;
    this.#hungry = (boardMilliwatts ?? 0) >= bound;
    this.#apply();
  }

  #apply(): void {
    this.#pace.share = this.#hot || this.#hungry ? 0 : this.#share;
  }
}

/** The middle value, the lower one of two. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1]!;
}
