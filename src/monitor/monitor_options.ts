import { FoveaError } from "../core/errors.ts";
import type { MonitorSubject, StoredCalibration } from "./calibration_file.ts";
import type { MonitorEvent } from "./monitor_event.ts";
import type { MonitorState } from "./monitor_state.ts";
import type { FrameTargets } from "./target_box.ts";

/** What a monitor watches. */
export interface MonitorSource extends MonitorSubject {
  /** Class names of the detector, in the model's order. */
  readonly classNames: readonly string[];
  /** Nominal frames per second that will be observed; `null` where unknown. */
  readonly fps: number | null;
}

/** Labels by the number of the frame; a `Map` is one. */
export interface LabelSource {
  /** What frame `seq` holds; `undefined` where it is not labelled. */
  get(seq: number): FrameTargets | undefined;
}

/** Settings of a {@linkcode Monitor}; unknown keys are refused. */
export interface MonitorOptions {
  /**
   * Frames from which the monitor learns what is usual here, 50 to 100,000; 300 by default. They
   * should hold empty and busy moments alike.
   */
  readonly warmUpFrames?: number;
  /**
   * False alarms a day that are bearable, above 0 to 1,000; by default a rule that suits short
   * trials, which may cry wolf several times an hour at a lively camera.
   */
  readonly alarmsPerDay?: number | null;
  /** Frames per second that will be observed, for `alarmsPerDay`; by default the camera's. */
  readonly fps?: number | null;
  /** What an earlier warm-up of the same model at the same camera learned; then there is none. */
  readonly calibration?: StoredCalibration | null;
  /** What an earlier monitor kept over a restart; beats `calibration`. */
  readonly state?: MonitorState | null;
  /** Labels that are there from the start, by `seq`. */
  readonly labels?: LabelSource | null;
  /** Most hard examples that are kept, 0 to 1,000; 48 by default. */
  readonly hardExamples?: number;
  /** Is told of the end of the warm-up, alarms and changes of health. */
  readonly onEvent?: (event: MonitorEvent) => void;
}

/** {@linkcode MonitorOptions} with the defaults filled in. */
export interface MonitorSettings {
  readonly warmUpFrames: number;
  readonly alarmsPerDay: number | null;
  readonly fps: number | null;
  readonly calibration: StoredCalibration | null;
  readonly state: MonitorState | null;
  readonly labels: LabelSource;
  readonly hardExamples: number;
  readonly onEvent: (event: MonitorEvent) => void;
}

const KEYS: readonly (keyof MonitorOptions)[] = [
  "warmUpFrames",
  "alarmsPerDay",
  "fps",
  "calibration",
  "state",
  "labels",
  "hardExamples",
  "onEvent",
];

/**
 * Checks options and fills in the defaults.
 *
 * @throws {FoveaError} `USAGE` naming the option and what is allowed.
 */
export function checkMonitorOptions(options: MonitorOptions): MonitorSettings {
  const unknown = Object.keys(options).find((key) => !(KEYS as readonly string[]).includes(key));
  if (unknown !== undefined) {
    throw new FoveaError("USAGE", `Cannot use monitor option "${unknown}": it is unknown`, {
      hint: `Use one of ${KEYS.join(", ")}`,
    });
  }
  const { alarmsPerDay = null, fps = null } = options;
  return {
    warmUpFrames: check("warmUpFrames", options.warmUpFrames ?? 300, 50, 100_000, true),
    alarmsPerDay: alarmsPerDay === null
      ? null
      : check("alarmsPerDay", alarmsPerDay, Number.MIN_VALUE, 1000, false),
    fps: fps === null ? null : check("fps", fps, Number.MIN_VALUE, 1000, false),
    calibration: options.calibration ?? null,
    state: options.state ?? null,
    labels: options.labels ?? new Map(),
    hardExamples: check("hardExamples", options.hardExamples ?? 48, 0, 1000, true),
    onEvent: options.onEvent ?? ignore,
  };
}

function ignore(): void {}

function check(name: string, value: number, min: number, max: number, whole: boolean): number {
  if (value >= min && value <= max && (!whole || Number.isInteger(value))) return value;
  const range = min === Number.MIN_VALUE ? `above 0 to ${max}` : `from ${min} to ${max}`;
  throw new FoveaError(
    "USAGE",
    `Cannot use ${name} ${value}: ${whole ? "a whole number" : "a number"} ${range} is needed`,
  );
}
