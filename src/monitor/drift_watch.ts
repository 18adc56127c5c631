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

/** A number of frames for each signal. */
export interface SignalFrames {
  /** S1. */
  s1: number;
  /** S2. */
  s2: number;
  /** S3. */
  s3: number;
}

type SignalSteps = Readonly<Record<SignalName, SignalStep | null>>;

/** The signals, those first that say most about objects. */
const SIGNALS: readonly SignalName[] = ["s1", "s2", "s3"];

/** A signal that reached this share of its threshold backs another one … */
const BACKING_SHARE = 0.5;
/** … for so many frames. */
const BACKING_FRAMES = 50;
/** Frames after an alarm in which there is no second one. */
const HOLD_FRAMES = 50;
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

/**
 * The signals of a calibrated camera, side by side.
 *
 * S1 and S2 rise with what is in the picture as well: S1 when many objects hide each other, S2 when
 * there are fewer of them. So neither raises an alarm alone: another signal must have reached half
 * of its threshold within the last 50 frames. S3 needs nobody.
 */
export class DriftWatch {
  readonly #s1: DriftSignal;
  readonly #s2: DriftSignal;
  readonly #s3: BackgroundWatch | null;
  /** The last frames' `seq`, in a ring. */
  readonly #seqs = new Float64Array(REMEMBERED_FRAMES);
  #frames = 0;
  /** Frames since each signal last backed the others, as far as they matter. */
  readonly #backing: SignalFrames = { s1: BACKING_FRAMES, s2: BACKING_FRAMES, s3: BACKING_FRAMES };
  /** Frames since the last alarm, as far as they matter. */
  #heldFrames = HOLD_FRAMES;

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
    const steps: SignalSteps = { s1: first, s2: second, s3: third };
    for (const signal of SIGNALS) {
      const backs = shareOf(steps[signal]) >= BACKING_SHARE;
      this.#backing[signal] = backs ? 0 : Math.min(BACKING_FRAMES, this.#backing[signal] + 1);
    }
    const crossing = SIGNALS.filter((signal) => {
      return steps[signal]?.isCrossing === true && this.#isBacked(signal);
    });
    this.#heldFrames = Math.min(HOLD_FRAMES, this.#heldFrames + 1);
    const raised = this.#heldFrames === HOLD_FRAMES ? crossing[0] ?? null : null;
    if (raised !== null) this.#heldFrames = 0;
    return {
      drift: { s1: first.report, s2: second.report, s3: third?.report ?? null },
      isCrossing: crossing.length > 0,
      statisticShare: Math.max(...SIGNALS.map((signal) => shareOf(steps[signal]))),
      alarm: raised === null ? null : this.#describe(raised, steps[raised]!),
    };
  }

  #isBacked(signal: SignalName): boolean {
    return signal === "s3" || SIGNALS.some((other) => {
      return other !== signal && this.#backing[other] < BACKING_FRAMES;
    });
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
      backing: { ...this.#backing },
      heldFrames: this.#heldFrames,
    };
  }

  /** Goes on from what was kept. */
  restore(state: WatchState): void {
    this.#s1.restore(state.s1);
    this.#s2.restore(state.s2);
    if (state.s3 !== null) this.#s3?.restore(state.s3);
    Object.assign(this.#backing, state.backing);
    this.#heldFrames = state.heldFrames;
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
  /** Frames since each signal last backed the others, as far as they matter. */
  readonly backing: Readonly<SignalFrames>;
  /** Frames since the last alarm, as far as they matter. */
  readonly heldFrames: number;
}

function shareOf(step: SignalStep | null): number {
  if (step === null) return 0;
  const { statistic, threshold } = step.report;
  return threshold! > 0 ? statistic! / threshold! : 0;
}
