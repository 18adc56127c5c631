import type { MonitorAlarm, SignalReport } from "../core/monitor_report.ts";
import type { Calibration } from "./calibration.ts";
import { DriftSignal, type SignalState, type SignalStep } from "./drift_signal.ts";

/** What the signals did at one frame. */
export interface WatchStep {
  /** Where they stand. */
  readonly drift: { readonly s1: SignalReport; readonly s2: SignalReport };
  /** Whether one of them passed its threshold. */
  readonly isCrossing: boolean;
  /** The higher statistic as a share of its threshold, before any reset. */
  readonly statisticShare: number;
  /** The alarm, without what may have caused it; `null` for none. */
  readonly alarm: Omit<MonitorAlarm, "suspicions" | "message"> | null;
}

/** Frames whose numbers are remembered, to tell since when a signal rises. */
const REMEMBERED_FRAMES = 4096;

/** Both signals of a calibrated camera, side by side: either may raise an alarm. */
export class DriftWatch {
  readonly #s1: DriftSignal;
  readonly #s2: DriftSignal;
  /** The last frames' `seq`, in a ring. */
  readonly #seqs = new Float64Array(REMEMBERED_FRAMES);
  #frames = 0;

  /** Watches by a calibration. */
  constructor(calibration: Calibration) {
    this.#s1 = new DriftSignal(calibration.s1);
    this.#s2 = new DriftSignal(calibration.s2);
  }

  /** Takes both signals of frame `seq`. */
  observe(seq: number, s1: number, s2: number): WatchStep {
    this.#seqs[this.#frames++ % REMEMBERED_FRAMES] = seq;
    const [first, second] = [this.#s1.observe(s1), this.#s2.observe(s2)];
    const raised = first.isAlarm ? first : second.isAlarm ? second : null;
    return {
      drift: { s1: first.report, s2: second.report },
      isCrossing: first.isCrossing || second.isCrossing,
      statisticShare: Math.max(shareOf(first), shareOf(second)),
      alarm: raised === null ? null : {
        signal: raised === first ? "s1" : "s2",
        statistic: raised.report.statistic!,
        threshold: raised.report.threshold!,
        sinceSeq: this.#seqBefore(raised.risingFrames - 1),
      },
    };
  }

  /** What must be kept to go on after a restart. */
  toJSON(): WatchState {
    return { s1: this.#s1.toJSON(), s2: this.#s2.toJSON() };
  }

  /** Goes on from what was kept. */
  restore(state: WatchState): void {
    this.#s1.restore(state.s1);
    this.#s2.restore(state.s2);
  }

  /** The `seq` so many frames ago, as far back as is remembered. */
  #seqBefore(frames: number): number {
    const back = Math.min(frames, this.#frames - 1, REMEMBERED_FRAMES - 1);
    return this.#seqs[(this.#frames - 1 - back) % REMEMBERED_FRAMES]!;
  }
}

/** What {@linkcode DriftWatch} keeps. */
export interface WatchState {
  /** S1. */
  readonly s1: SignalState;
  /** S2. */
  readonly s2: SignalState;
}

function shareOf({ report }: SignalStep): number {
  return report.threshold! > 0 ? report.statistic! / report.threshold! : 0;
}
