import { FoveaError } from "../core/errors.ts";
import type { MonitorFlags } from "./monitor_flags.ts";

/** What the command line says about monitoring. */
export interface MonitorSettings {
  /** Frames of the warm-up; `null` for the usual number. */
  readonly warmUpFrames: number | null;
  /** False alarms a day that are bearable; `null` for the usual rule. */
  readonly alarmsPerDay: number | null;
  /** Annotations by frame number, `truth` for the camera's own; `null` for none. */
  readonly labels: string | null;
  /** Another detector; `null` for none. */
  readonly teacher: string | null;
  /** Every how many pictures it is asked. */
  readonly teacherEvery: number;
  /** Where the calibration goes; `null` for nowhere. */
  readonly calibrate: string | null;
  /** Where a calibration comes from; `null` for a warm-up. */
  readonly calibration: string | null;
  /** What is kept over a restart; `null` for nothing. */
  readonly state: string | null;
  /** Where events go; `null` for nowhere. */
  readonly events: string | null;
  /** Where the page goes; `null` for nowhere. */
  readonly report: string | null;
  /** Most hard objects that are kept; `null` for the usual number. */
  readonly hardExamples: number | null;
}

/** Flags that mean nothing without a monitor. */
const DEPENDENT = [
  ["warmup", "--warmup"],
  ["alarmsPerDay", "--alarms-per-day"],
  ["labels", "--labels"],
  ["teacher", "--teacher"],
  ["calibrate", "--calibrate"],
  ["calibration", "--calibration"],
  ["monitorState", "--monitor-state"],
  ["events", "--events"],
  ["report", "--report"],
  ["hardExamples", "--hard-examples"],
] as const;

/**
 * Reads the flags of monitoring; `null` where nothing is monitored.
 *
 * @param isImplied Whether the command monitors without being told.
 * @throws {FoveaError} `USAGE` where a flag needs `--monitor` or two contradict each other.
 */
export function readMonitorSettings(
  flags: MonitorFlags,
  isImplied: boolean,
): MonitorSettings | null {
  if (!isImplied && flags.monitor !== true) {
    const lonely = DEPENDENT.find(([key]) => flags[key] !== undefined);
    if (lonely === undefined) return null;
    throw new FoveaError("USAGE", `Cannot use ${lonely[1]}: nothing is monitored`, {
      hint: "Add --monitor",
    });
  }
  if (flags.calibration !== undefined && flags.warmup !== undefined) {
    throw new FoveaError("USAGE", "Cannot use both --calibration and --warmup", {
      hint: "A calibration takes the place of the warm-up: leave one of them out",
    });
  }
  return {
    warmUpFrames: flags.warmup ?? null,
    alarmsPerDay: flags.alarmsPerDay ?? null,
    labels: flags.labels ?? null,
    teacher: flags.teacher ?? null,
    teacherEvery: flags.teacherEvery,
    calibrate: flags.calibrate ?? null,
    calibration: flags.calibration ?? null,
    state: flags.monitorState ?? null,
    events: flags.events ?? null,
    report: flags.report ?? null,
    hardExamples: flags.hardExamples ?? null,
  };
}
