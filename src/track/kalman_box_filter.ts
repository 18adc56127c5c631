/** Time in which the noise of the filter is stated, in milliseconds: a frame at 30 per second. */
export const FILTER_STEP_MS = 1000 / 30;

/** Deviation of a measured corner, and what position gains per step, in box heights. */
const POSITION_WEIGHT = 1 / 20;
/** What velocity gains per step, in box heights per step. */
const VELOCITY_WEIGHT = 1 / 160;
/** A first detection says little about where, and nothing about how fast. */
const START_POSITION_FACTOR = 2;
const START_VELOCITY_FACTOR = 10;
/** No detection is taken for rougher than one of this score. */
const SCORE_MIN = 0.05;
/** Sides never shrink below this many pixels. */
const SIDE_MIN_PX = 1;

/** Elements of one axis: value, velocity, and variance of both with their covariance. */
const VALUE = 0;
const VELOCITY = 1;
const VALUE_VARIANCE = 2;
const COVARIANCE = 3;
const VELOCITY_VARIANCE = 4;
const AXIS_LENGTH = 5;

const CENTRE_X = 0;
const CENTRE_Y = 1 * AXIS_LENGTH;
const WIDTH = 2 * AXIS_LENGTH;
const HEIGHT = 3 * AXIS_LENGTH;
const STATE_LENGTH = 4 * AXIS_LENGTH;

/**
 * Follows one box with constant velocity: centre, width and height in pixels, each with its speed.
 *
 * The four axes share no noise, so the eight-dimensional filter is four filters of two dimensions,
 * exactly. Noise grows with the height of the box: an object twice as large is twice as near, moves
 * twice as many pixels and is measured twice as roughly. Weights: N. Wojke, A. Bewley and
 * D. Paulus, "Simple online and realtime tracking with a deep association metric" (2017), which
 * ByteTrack uses too, for steps of 1/30 s. Time is continuous here: white noise on position and on
 * velocity (Y. Bar-Shalom, X. Li and T. Kirubarajan, "Estimation with applications to tracking and
 * navigation", 2001, section 6.2), so that predicting twice is predicting once for the sum, and a
 * camera of any rate, with gaps or without, is followed alike.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { KalmanBoxFilter } from "@fovea/fovea/track";
 *
 * const filter = new KalmanBoxFilter();
 * filter.start(100, 50, 140, 130);
 * for (let frame = 1; frame <= 30; frame++) {
 *   filter.predict(40);
 *   filter.correct(100 + 5 * frame, 50, 140 + 5 * frame, 130);
 * }
 * filter.predict(400);
 * assertAlmostEquals(filter.x1, 100 + 5 * 40, 1);
 * ```
 */
export class KalmanBoxFilter {
  readonly #state = new Float64Array(STATE_LENGTH);

  /** Left edge in pixels. */
  get x1(): number {
    return this.#state[CENTRE_X]! - this.#state[WIDTH]! / 2;
  }

  /** Top edge in pixels. */
  get y1(): number {
    return this.#state[CENTRE_Y]! - this.#state[HEIGHT]! / 2;
  }

  /** Right edge in pixels. */
  get x2(): number {
    return this.#state[CENTRE_X]! + this.#state[WIDTH]! / 2;
  }

  /** Bottom edge in pixels. */
  get y2(): number {
    return this.#state[CENTRE_Y]! + this.#state[HEIGHT]! / 2;
  }

  /** Begins anew at a box, corners in pixels, at rest. */
  start(x1: number, y1: number, x2: number, y2: number): void {
    const state = this.#state;
    state.fill(0);
    state[CENTRE_X] = (x1 + x2) / 2;
    state[CENTRE_Y] = (y1 + y2) / 2;
    state[WIDTH] = Math.max(SIDE_MIN_PX, x2 - x1);
    state[HEIGHT] = Math.max(SIDE_MIN_PX, y2 - y1);
    const height = state[HEIGHT];
    for (let axis = 0; axis < STATE_LENGTH; axis += AXIS_LENGTH) {
      state[axis + VALUE_VARIANCE] = (START_POSITION_FACTOR * POSITION_WEIGHT * height) ** 2;
      state[axis + VELOCITY_VARIANCE] = (START_VELOCITY_FACTOR * VELOCITY_WEIGHT * height) ** 2;
    }
  }

  /**
   * Moves on by `deltaMs` milliseconds: `x += v dt`, and for noise of the densities `p`, `q` the
   * covariance grows by `[[p dt + q dt³/3, q dt²/2], [q dt²/2, q dt]]`.
   */
  predict(deltaMs: number): void {
    const state = this.#state;
    const dt = deltaMs / FILTER_STEP_MS;
    const height = state[HEIGHT]!;
    const positionNoise = (POSITION_WEIGHT * height) ** 2;
    const velocityNoise = (VELOCITY_WEIGHT * height) ** 2;
    for (let axis = 0; axis < STATE_LENGTH; axis += AXIS_LENGTH) {
      const covariance = state[axis + COVARIANCE]!;
      const velocityVariance = state[axis + VELOCITY_VARIANCE]!;
      state[axis + VALUE] = state[axis + VALUE]! + dt * state[axis + VELOCITY]!;
      state[axis + VALUE_VARIANCE] = state[axis + VALUE_VARIANCE]! +
        dt * (2 * covariance + dt * velocityVariance) +
        dt * (positionNoise + dt * dt * velocityNoise / 3);
      state[axis + COVARIANCE] = covariance + dt * (velocityVariance + dt * velocityNoise / 2);
      state[axis + VELOCITY_VARIANCE] = velocityVariance + dt * velocityNoise;
    }
    keepSide(state, WIDTH);
    keepSide(state, HEIGHT);
  }

  /**
   * Takes a measured box in, corners in pixels. The less sure the detector is, the less it counts:
   * its deviation is divided by the score, above 0 and at most 1. The idea is that of Y. Du and
   * others, "GIAOTracker", 2021 (NSA Kalman): objects that are half hidden are measured badly.
   */
  correct(x1: number, y1: number, x2: number, y2: number, score = 1): void {
    const state = this.#state;
    const noise = (POSITION_WEIGHT * state[HEIGHT]! / Math.max(score, SCORE_MIN)) ** 2;
    correctAxis(state, CENTRE_X, (x1 + x2) / 2, noise);
    correctAxis(state, CENTRE_Y, (y1 + y2) / 2, noise);
    correctAxis(state, WIDTH, x2 - x1, noise);
    correctAxis(state, HEIGHT, y2 - y1, noise);
    keepSide(state, WIDTH);
    keepSide(state, HEIGHT);
  }

  /** Area that the box shares with another, `x1 y1 x2 y2` from element `at`, in square pixels. */
  areaSharedWith(xyxyPx: ArrayLike<number>, at: number): number {
    const width = Math.min(this.x2, xyxyPx[at + 2]!) - Math.max(this.x1, xyxyPx[at]!);
    const height = Math.min(this.y2, xyxyPx[at + 3]!) - Math.max(this.y1, xyxyPx[at + 1]!);
    return width > 0 && height > 0 ? width * height : 0;
  }

  /** Lets the box keep its size from now on: an object that is out of sight does not grow. */
  holdSize(): void {
    this.#state[WIDTH + VELOCITY] = 0;
    this.#state[HEIGHT + VELOCITY] = 0;
  }
}

function correctAxis(state: Float64Array, axis: number, measured: number, noise: number): void {
  const variance = state[axis + VALUE_VARIANCE]!;
  const covariance = state[axis + COVARIANCE]!;
  const gain = variance / (variance + noise);
  const velocityGain = covariance / (variance + noise);
  const error = measured - state[axis + VALUE]!;
  state[axis + VALUE] = state[axis + VALUE]! + gain * error;
  state[axis + VELOCITY] = state[axis + VELOCITY]! + velocityGain * error;
  state[axis + VALUE_VARIANCE] = (1 - gain) * variance;
  state[axis + COVARIANCE] = (1 - gain) * covariance;
  state[axis + VELOCITY_VARIANCE] = state[axis + VELOCITY_VARIANCE]! - velocityGain * covariance;
}

function keepSide(state: Float64Array, axis: number): void {
  if (state[axis + VALUE]! >= SIDE_MIN_PX) return;
  state[axis + VALUE] = SIDE_MIN_PX;
  state[axis + VELOCITY] = 0;
}
