import type { SignalReport } from "../core/monitor_report.ts";
import type { SignalCalibration } from "./calibration.ts";
import { Cusum } from "./cusum.ts";
import { ReferenceStatistics } from "./reference_statistics.ts";

/** A single frame counts for no more than this many standard deviations. */
export const Z_MAX = 6;

/** What a signal did at one frame. */
export interface SignalStep {
  /** Where it stands. */
  readonly report: SignalReport;
  /** Whether it passed its threshold at this frame. */
  readonly isCrossing: boolean;
  /** Frames since the rise began that is going on; 0 where none is. */
  readonly risingFrames: number;
}

/**
 * One signal watched for a lasting rise: `z` in standard deviations of the warm-up, cut at ±6, piled
 * up by a {@linkcode Cusum}. The reference stays as it was at the end of the warm-up, so that a slow
 * drift cannot talk itself into being usual.
 */
export class DriftSignal {
  readonly #threshold: number;
  readonly #slack: number;
  readonly #reference = new ReferenceStatistics();
  #cusum: Cusum;
  #risingFrames = 0;

  /** Watches by a calibration. */
  constructor(calibration: SignalCalibration) {
    this.#threshold = calibration.threshold;
    this.#slack = calibration.slack;
    this.#reference.restore(calibration.reference);
    this.#cusum = this.#makeCusum(0);
  }

  /** Takes the next value; it must be finite. */
  observe(value: number): SignalStep {
    const z = this.#reference.score(value, Z_MAX);
    const isCrossing = this.#cusum.observe(value) === "drift";
    const statistic = this.#cusum.level * this.#threshold;
    this.#risingFrames = statistic > 0 ? this.#risingFrames + 1 : 0;
    const risingFrames = this.#risingFrames;
    if (isCrossing) this.#risingFrames = 0;
    const report = { value, z, statistic, threshold: this.#threshold };
    return { report, isCrossing, risingFrames };
  }

  /** What must be kept to go on after a restart. */
  toJSON(): SignalState {
    return {
      rise: this.#cusum.toJSON().state.rise,
      risingFrames: this.#risingFrames,
    };
  }

  /** Goes on from what was kept. */
  restore(state: SignalState): void {
    this.#cusum = this.#makeCusum(state.rise);
    this.#risingFrames = state.risingFrames;
  }

  #makeCusum(rise: number): Cusum {
    const reference = this.#reference.toJSON();
    const threshold = this.#threshold;
    const warmup = Math.max(2, reference.count);
    const state = { reference, rise, fall: 0, level: rise / threshold };
    const slack = this.#slack;
    return Cusum.restore({ warmup, slack, threshold, clip: Z_MAX }, state);
  }
}

/** What {@linkcode DriftSignal} keeps. */
export interface SignalState {
  /** What has piled up. */
  readonly rise: number;
  /** Frames since the rise began. */
  readonly risingFrames: number;
}
