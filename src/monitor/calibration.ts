import { thresholdFor } from "./alarm_threshold.ts";
import type { BackgroundRange } from "./background_watch.ts";
import { Z_MAX } from "./drift_signal.ts";
import { type ReferenceState, ReferenceStatistics } from "./reference_statistics.ts";
import type { LookAverage } from "./suspicion.ts";

/** Without a budget of alarms a threshold is this multiple of the highest of the warm-up … */
const WARM_UP_FACTOR = 1.5;
/** … but at least that of the signal. */
const S1: SignalRule = { slack: 1.5, thresholdMin: 12, deviationMin: () => 0.1 };
const S2: SignalRule = { slack: 1, thresholdMin: 20, deviationMin: (mean) => 0.5 * mean };
/** With a budget of alarms no threshold is below this. */
const BUDGET_THRESHOLD_MIN = 5;
/** The two signals share the budget. */
const SIGNALS = 2;
/** Seconds of a day. */
const DAY_SECONDS = 86_400;

/** What is usual of one signal, and where it raises an alarm. */
export interface SignalCalibration {
  /** Mean and deviation of the warm-up. */
  readonly reference: ReferenceState;
  /** What each frame takes off the statistic, in standard deviations. */
  readonly slack: number;
  /** Threshold of the statistic, in standard deviations. */
  readonly threshold: number;
}

/** How a signal is watched where nothing else is asked for, in standard deviations. */
interface SignalRule {
  /** What each frame takes off the statistic. */
  readonly slack: number;
  /** Least threshold. */
  readonly thresholdMin: number;
  /**
   * The least standard deviation in nats, by the mean: a quiet warm-up does not know how much a
   * scene moves. A tenth of a nat of S1 is a tenth of what is followed; S2 doubles when half of the
   * objects leave.
   */
  readonly deviationMin: (mean: number) => number;
}

/** What is usual at one camera with one model. */
export interface Calibration {
  /** Frames it rests on. */
  readonly frames: number;
  /** False alarms a day it was made for; `null` for the usual rule. */
  readonly alarmsPerDay: number | null;
  /** Object-level loss against own tracks. */
  readonly s1: SignalCalibration;
  /** Loss of all anchors. */
  readonly s2: SignalCalibration;
  /** Where the scores of the background lay; `null` where the model has none. */
  readonly background: BackgroundRange | null;
  /** Targets a frame, of the own tracks. */
  readonly targetsPerFrame: number;
  /** Mean object-level focal loss (`gamma` = 2) against own tracks, in nats per target. */
  readonly focalLoss: number;
  /** What pictures and scores look like. */
  readonly look: LookAverage;
}

/** What a warm-up collected, in order. */
export interface WarmUpFacts {
  /** Number of frames. */
  readonly frames: number;
  /** S1 of every frame but the first few. */
  readonly s1: readonly number[];
  /** S2 of the same. */
  readonly s2: readonly number[];
  /** Where the scores of the background lay. */
  readonly background: BackgroundRange | null;
  /** Sum of the targets of every frame. */
  readonly targets: number;
  /** Sum over frames of the object-level focal loss times `max(1, targets)`. */
  readonly focalSum: number;
  /** What pictures and scores look like. */
  readonly look: LookAverage;
}

/** How thresholds are chosen. */
export interface ThresholdRule {
  /** False alarms a day that are bearable; `null` for the usual rule. */
  readonly alarmsPerDay: number | null;
  /** Frames per second that are observed; needed with `alarmsPerDay`. */
  readonly fps: number;
}

/** Makes a calibration from a warm-up of at least one frame. */
export function calibrate(facts: WarmUpFacts, rule: ThresholdRule): Calibration {
  const s1 = calibrateSignal(facts.s1, rule, S1);
  const s2 = calibrateSignal(facts.s2, rule, S2);
  return {
    frames: facts.frames,
    alarmsPerDay: rule.alarmsPerDay,
    s1,
    s2,
    background: facts.background,
    targetsPerFrame: facts.targets / facts.frames,
    focalLoss: facts.focalSum / Math.max(1, facts.targets),
    look: facts.look,
  };
}

function calibrateSignal(
  values: readonly number[],
  { alarmsPerDay, fps }: ThresholdRule,
  { slack, thresholdMin, deviationMin }: SignalRule,
): SignalCalibration {
  const statistics = new ReferenceStatistics();
  for (const value of values) statistics.add(value);
  const { count, mean, squares } = statistics.toJSON();
  const squaresMin = deviationMin(mean) ** 2 * Math.max(0, count - 1);
  statistics.restore({ count, mean, squares: Math.max(squares, squaresMin) });
  const z = values.map((value) => statistics.score(value, Z_MAX));
  const threshold = alarmsPerDay === null
    ? Math.max(thresholdMin, WARM_UP_FACTOR * highestStatistic(z, slack))
    : Math.max(
      BUDGET_THRESHOLD_MIN,
      thresholdFor(z, {
        alarmsPerDay: alarmsPerDay / SIGNALS,
        framesPerDay: fps * DAY_SECONDS,
        slack,
      }),
    );
  return { reference: statistics.toJSON(), slack, threshold };
}

function highestStatistic(z: readonly number[], slack: number): number {
  let [statistic, highest] = [0, 0];
  for (const value of z) {
    statistic = Math.max(0, statistic + value - slack);
    highest = Math.max(highest, statistic);
  }
  return highest;
}
