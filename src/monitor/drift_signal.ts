import type { SignalReport } from "../core/monitor_report.ts";
import type { SignalCalibration } from "./calibration.ts";

/** What each frame takes off the statistic, in standard deviations. */
export const SLACK = 1;
/** A single frame counts for no more than this many standard deviations. */
const Z_MAX = 6;
/** A spread below this share of the mean is not believed. */
const SPREAD_SHARE_MIN = 1e-3;
const SPREAD_MIN = 1e-6;
/** Frames after an alarm in which the same signal raises no second one. */
const HOLD_FRAMES = 50;

/** What a signal did at one frame. */
export interface SignalStep {
  /** Where it stands. */
  readonly report: SignalReport;
  /** Whether it passed its threshold at this frame. */
  readonly isCrossing: boolean;
  /** Whether that is worth an alarm: not so soon after the last. */
  readonly isAlarm: boolean;
  /** Frames since the rise began that is going on; 0 where none is. */
  readonly risingFrames: number;
}

/**
 * One signal watched for a lasting rise: `z` in standard deviations of the warm-up, cut at ±6, piled
 * up by a one-sided CUSUM, `S = max(0, S + z - 1)`. A crossing resets `S`; the reference stays as it
 * was at the end of the warm-up, so that a slow drift cannot talk itself into being usual.
 * Source: Page 1954, "Continuous Inspection Schemes".
 */
export class DriftSignal {
  readonly #calibration: SignalCalibration;
  #statistic = 0;
  #risingFrames = 0;
  #heldFrames = HOLD_FRAMES;

  /** Watches by a calibration. */
  constructor(calibration: SignalCalibration) {
    this.#calibration = calibration;
  }

  /** Takes the next value; it must be finite. */
  observe(value: number): SignalStep {
    const { threshold } = this.#calibration;
    const z = standardise(value, this.#calibration);
    this.#statistic = Math.max(0, this.#statistic + z - SLACK);
    this.#risingFrames = this.#statistic > 0 ? this.#risingFrames + 1 : 0;
    this.#heldFrames++;
    const report = { value, z, statistic: this.#statistic, threshold };
    const isCrossing = this.#statistic > threshold;
    const isAlarm = isCrossing && this.#heldFrames > HOLD_FRAMES;
    const risingFrames = this.#risingFrames;
    if (isCrossing) {
      this.#statistic = 0;
      this.#risingFrames = 0;
    }
    if (isAlarm) this.#heldFrames = 0;
    return { report, isCrossing, isAlarm, risingFrames };
  }

  /** What must be kept to go on after a restart. */
  toJSON(): SignalState {
    return {
      statistic: this.#statistic,
      risingFrames: this.#risingFrames,
      heldFrames: Math.min(this.#heldFrames, HOLD_FRAMES),
    };
  }

  /** Goes on from what was kept. */
  restore(state: SignalState): void {
    this.#statistic = state.statistic;
    this.#risingFrames = state.risingFrames;
    this.#heldFrames = state.heldFrames;
  }
}

/** What {@linkcode DriftSignal} keeps. */
export interface SignalState {
  /** What has piled up. */
  readonly statistic: number;
  /** Frames since the rise began. */
  readonly risingFrames: number;
  /** Frames since the last alarm, as far as they matter. */
  readonly heldFrames: number;
}

/** A value in standard deviations of the warm-up, cut at ±6. */
export function standardise(
  value: number,
  { mean, deviation }: Pick<SignalCalibration, "mean" | "deviation">,
): number {
  const spread = Math.max(deviation, SPREAD_SHARE_MIN * Math.abs(mean) + SPREAD_MIN);
  return Math.max(-Z_MAX, Math.min(Z_MAX, (value - mean) / spread));
}
