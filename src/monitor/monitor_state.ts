import * as v from "valibot";
import { FoveaError } from "../core/errors.ts";
import type { MonitorAlarm } from "../core/monitor_report.ts";
import { calibrationSchema, type StoredCalibration, subjectEntries } from "./calibration_file.ts";
import type { WatchState } from "./drift_watch.ts";
import type { LoggedFrame } from "./frame_log.ts";
import type { HealthState } from "./health.ts";
import { readKeptJson } from "./kept_json.ts";

const FORMAT = "fovea-monitor-state";
const VERSION = 1;
/** A state is some ten kilobytes; more is not one. */
const CHARS_MAX = 4_000_000;
/** Alarms that are remembered. */
export const ALARMS_MAX = 100;

/** What the file begins with. */
interface FileHeader {
  readonly format: typeof FORMAT;
  readonly version: typeof VERSION;
}

const finite = v.pipe(v.number(), v.finite());
const whole = v.pipe(finite, v.integer());
const count = v.pipe(whole, v.minValue(0));
const positive = v.pipe(finite, v.minValue(0));
const signal = v.strictObject({ rise: positive, risingFrames: count });
const background = v.strictObject({
  looks: v.pipe(v.array(v.pipe(whole, v.minValue(-128), v.maxValue(127)))),
  frame: count,
  risingFrames: count,
});
const signalFrames = v.strictObject({ s1: count, s2: count, s3: count });
const loss = v.strictObject({ sum: positive, targets: count });
const alarm = v.strictObject({
  signal: v.picklist(["s1", "s2", "s3"]),
  statistic: positive,
  threshold: positive,
  sinceSeq: whole,
  suspicions: v.array(v.string()),
  message: v.string(),
});
const schema: v.GenericSchema<unknown, MonitorState & FileHeader> = v.strictObject({
  format: v.literal(FORMAT),
  version: v.literal(VERSION),
  ...subjectEntries,
  calibration: calibrationSchema,
  watch: v.strictObject({
    s1: signal,
    s2: signal,
    s3: v.nullable(background),
    backing: signalFrames,
    heldFrames: count,
  }),
  health: v.strictObject({
    verdict: v.picklist(["healthy", "drifting", "degraded"]),
    crossings: v.array(whole),
    calmFrames: count,
  }),
  frames: v.pipe(
    v.array(v.strictObject({
      seq: whole,
      scores: v.strictObject({ targets: count, lossSum: positive, meanScore: positive }),
      losses: v.strictObject({ measured: v.exactOptional(loss), teacher: v.exactOptional(loss) }),
    })),
    v.maxLength(1000),
  ),
  alarms: v.pipe(v.array(v.strictObject({ seq: whole, alarm })), v.maxLength(ALARMS_MAX)),
});

/** An alarm with the frame that raised it. */
export interface LoggedAlarm {
  /** The frame. */
  readonly seq: number;
  /** The alarm. */
  readonly alarm: MonitorAlarm;
}

/** All that a monitor keeps over a restart; plain data. Tracks and warm-ups begin anew. */
export interface MonitorState extends StoredCalibration {
  /** Where the signals stand. */
  readonly watch: WatchState;
  /** Where the verdict stands. */
  readonly health: HealthState;
  /** The last frames, for the level. */
  readonly frames: readonly LoggedFrame[];
  /** The last alarms, oldest first. */
  readonly alarms: readonly LoggedAlarm[];
}

/** Writes a state as JSON text. */
export function formatMonitorState(state: MonitorState): string {
  return `${JSON.stringify({ format: FORMAT, version: VERSION, ...state })}\n`;
}

/**
 * Reads what {@linkcode formatMonitorState} wrote.
 *
 * @param from Where the text comes from, for messages.
 * @throws {FoveaError} `STATE_INVALID` if the text is cut, changed or something else.
 *
 * @example Something else
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { parseMonitorState } from "@fovea/fovea/monitor";
 *
 * assertThrows(() => parseMonitorState("[]", "state.json"), Error, "Cannot read the monitor");
 * ```
 */
export function parseMonitorState(text: string, from: string): MonitorState {
  const kept = readKeptJson(
    text,
    schema,
    CHARS_MAX,
    (reason, cause) => refuse(from, reason, cause),
  );
  const { format: _format, version: _version, ...state } = kept;
  return state;
}

function refuse(from: string, reason: string, cause?: unknown): FoveaError {
  return new FoveaError("STATE_INVALID", `Cannot read the monitor's state ${from}: ${reason}`, {
    cause,
    hint: "Move the file away: the monitor then warms up anew",
  });
}
