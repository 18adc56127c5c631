import type { DriftReport, MonitorAlarm } from "../core/monitor_report.ts";
import { type BackgroundState, BackgroundWatch } from "./background_watch.ts";
import type { Calibration } from "./calibration.ts";
import { DriftSignal, type SignalState, type SignalStep } from "./drift_signal.ts";

/** What the signals did at one frame. */
export interface WatchStep {
  /** Where they stand. */
  readonly drift: DriftReport;
  /** Whether one of them passed its threshold. */
  readonly isCrossing: boolean;
  /** The higher statistic as a share of its threshold, before any reset. */
  readonly statisticShare: number;
  /** The alarm, without what may have caused it; `null` for none. */
  readonly alarm: RaisedAlarm | null;
}

/** An alarm without what may have caused it. */
export type RaisedAlarm = Omit<MonitorAlarm, "suspicions" | "message">;

/** A signal, by its name in reports. */
type SignalName = MonitorAlarm["signal"];

/** The signals, those first that say most about objects. */
const SIGNALS: readonly SignalName[] = ["s1", "s2", "s3"];

/** Frames whose numbers are remembered, to tell since when a signal rises. */
const REMEMBERED_FRAMES = 4096;

/** What the signals say about a frame. */
export interface SignalValues {
  /** S1, finite. */
  readonly s1: number;
  /** S2, finite. */
  readonly s2: number;
  /** As {@linkcode FrameObservation.background}. */
  readonly background: Float32Array | null;
}

/** The signals of a calibrated camera, side by side: each may raise an alarm. */
export class DriftWatch {
  readonly #s1: DriftSignal;
  readonly #s2: DriftSignal;
  readonly #s3: BackgroundWatch | null;
  /** The last frames' `seq`, in a ring. */
  readonly #seqs = new Float64Array(REMEMBERED_FRAMES);
  #frames = 0;

  /** Watches by a calibration. */
  constructor(calibration: Calibration) {
    this.#s1 = new DriftSignal(calibration.s1);
    this.#s2 = new DriftSignal(calibration.s2);
    const { background } = calibration;
    this.#s3 = background === null ? null : new BackgroundWatch(background);
  }

  /** Takes the signals of frame `seq`. */
  observe(seq: number, { s1, s2, background }: SignalValues): WatchStep {
    this.#seqs[this.#frames++ % REMEMBERED_FRAMES] = seq;
    const first = this.#s1.observe(s1);
    const second = this.#s2.observe(s2);
    const third = this.#s3?.observe(background) ?? null;
    const steps = { s1: first, s2: second, ...(third === null ? {} : { s3: third }) };
    const raised = SIGNALS.find((signal) => steps[signal]?.isAlarm) ?? null;
    const all = Object.values(steps);
    return {
      drift: { s1: first.report, s2: second.report, s3: third?.report ?? null },
      isCrossing: all.some(({ isCrossing }) => isCrossing),
      statisticShare: Math.max(...all.map(shareOf)),
      alarm: raised === null ? null : this.#describe(raised, steps[raised]!),
    };
  }

  #describe(signal: SignalName, { report, risingFrames }: SignalStep): RaisedAlarm {
    return {
      signal,
      statistic: report.statistic!,
      threshold: report.threshold!,
      sinceSeq: this.#seqBefore(risingFrames - 1),
    };
  }

  /** What must be kept to go on after a restart. */
  toJSON(): WatchState {
    return {
      s1: this.#s1.toJSON(),
      s2: this.#s2.toJSON(),
      s3: this.#s3?.toJSON() ?? null,
    };
  }

  /** Goes on from what was kept. */
  restore(state: WatchState): void {
    this.#s1.restore(state.s1);
    this.#s2.restore(state.s2);
    if (state.s3 !== null) this.#s3?.restore(state.s3);
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
  /** S3; `null` where the model has no background. */
  readonly s3: BackgroundState | null;
}

function shareOf({ report }: SignalStep): number {
  return report.threshold! > 0 ? report.statistic! / report.threshold! : 0;
}
