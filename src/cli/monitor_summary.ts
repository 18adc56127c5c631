import type { Health, LevelReport } from "../core/monitor_report.ts";
import type { Monitor } from "../monitor/monitor.ts";
import type { LoggedAlarm } from "../monitor/monitor_state.ts";

/** What a monitored run amounted to; plain data. */
export interface MonitorSummary {
  /** Frames that were watched. */
  readonly frames: number;
  /** The verdict at the end. */
  readonly health: Health;
  /** Frames of each verdict. */
  readonly framesOf: Readonly<Partial<Record<Health, number>>>;
  /** The level at the end; `null` where nothing was seen. */
  readonly level: LevelReport | null;
  /** What was usual: `null` while it is not known. */
  readonly usual: {
    /** Frames of the warm-up. */
    readonly frames: number;
    /** Focal loss against own tracks, in nats per target. */
    readonly focalLoss: number;
    /** Targets a frame. */
    readonly targetsPerFrame: number;
    /** Thresholds of the two signals, in standard deviations. */
    readonly s1Threshold: number;
    readonly s2Threshold: number;
  } | null;
  /** Alarms, oldest first. */
  readonly alarms: readonly LoggedAlarm[];
  /** The hardest objects, without their pixels. */
  readonly hardest: readonly {
    readonly seq: number;
    readonly className: string;
    readonly loss: number;
    readonly reason: string;
  }[];
}

/** Objects that a summary names. */
const HARDEST_MAX = 8;

/** Sums a run up. */
export function makeMonitorReport(
  monitor: Monitor,
  framesOf: MonitorSummary["framesOf"],
  level: LevelReport | null,
): MonitorSummary {
  const stored = monitor.calibration?.calibration ?? null;
  return {
    frames: Object.values(framesOf).reduce((sum, count) => sum + count, 0),
    health: monitor.health,
    framesOf,
    level,
    usual: stored === null ? null : {
      frames: stored.frames,
      focalLoss: stored.focalLoss,
      targetsPerFrame: stored.targetsPerFrame,
      s1Threshold: stored.s1.threshold,
      s2Threshold: stored.s2.threshold,
    },
    alarms: monitor.alarms,
    hardest: monitor.hardExamples.slice(0, HARDEST_MAX).map(({ seq, className, loss, reason }) => {
      return { seq, className, loss, reason };
    }),
  };
}

/** The same for people, line by line. */
export function describeMonitorSummary(summary: MonitorSummary): string[] {
  const { frames, health, framesOf, level, usual, alarms, hardest } = summary;
  const shares = Object.entries(framesOf).map(([name, count]) => `${name} ${count}`).join(", ");
  return [
    `health: ${health} (${frames} frames: ${shares})`,
    `level: ${describeLevel(level)}`,
    usual === null
      ? "usual: not known, the warm-up did not begin"
      : `usual: loss ${usual.focalLoss.toFixed(3)} against own tracks, ` +
        `${usual.targetsPerFrame.toFixed(1)} objects a frame, from ${usual.frames} frames; ` +
        `thresholds S1 ${usual.s1Threshold.toFixed(1)}, S2 ${usual.s2Threshold.toFixed(1)}`,
    alarms.length === 0 ? "alarms: none" : `alarms: ${alarms.length}`,
    ...alarms.map(({ seq, alarm }) => `  frame ${seq}: ${alarm.message}`),
    ...(hardest.length === 0 ? [] : ["hardest objects:"]),
    ...hardest.map(({ seq, loss, reason }) => `  frame ${seq}, loss ${loss.toFixed(2)}: ${reason}`),
  ];
}

function describeLevel(level: LevelReport | null): string {
  if (level === null) return "nothing was seen";
  const loss = `focal loss ${level.focalLoss.toFixed(3)} a target`;
  if (level.isEstimate) {
    return `${loss}, an estimate from the scores: nobody looked (mean score ${
      level.meanScore.toFixed(2)
    })`;
  }
  const { interval, frames, targets, evidence } = level;
  const what = evidence === "measured" ? "measured" : "disagreement with the teacher";
  return `${loss}, ${what} on ${frames} frames and ${targets} targets, ` +
    `${100 * interval.confidence} % interval ${interval.low.toFixed(3)} to ${
      interval.high.toFixed(3)
    }`;
}
