import { FoveaError } from "../core/errors.ts";
import type { Camera } from "../core/ports.ts";
import { Monitor } from "../monitor/monitor.ts";
import type { MonitorOptions } from "../monitor/monitor_options.ts";
import { createMonitor } from "./create_monitor.ts";
import { type Detector, LoadedDetector } from "./loaded_detector.ts";
import { TeacherStage } from "./teacher_stage.ts";

/** What a loop is told about monitoring. */
export type MonitorChoice = boolean | MonitorOptions | Monitor;

/** Another detector that is asked now and then. */
export interface TeacherChoice {
  /** The teacher, loaded; the caller disposes it. */
  readonly detector: Detector;
  /** Every how many pictures it is asked, from 1; of a live camera only while it is not busy. */
  readonly every: number;
  /** Is told when it fails; after three failures in a row it is not asked any more. */
  readonly onError?: (error: FoveaError) => void;
}

/**
 * The monitor and the teacher that the choices stand for; `null` for none.
 *
 * @throws {FoveaError} `USAGE` if an option is unknown or out of range, a teacher comes without a
 * monitor, or it has no class in common with the detector; `STATE_FOREIGN` if the monitor belongs
 * to another model.
 */
export function chooseMonitor(
  camera: Camera,
  detector: LoadedDetector,
  { monitor: choice = false, teacher = null }: {
    readonly monitor?: MonitorChoice;
    readonly teacher?: TeacherChoice | null;
  },
): { readonly monitor: Monitor | null; readonly teacher: TeacherStage | null } {
  const monitor = makeMonitor(camera, detector, choice);
  if (teacher === null) return { monitor, teacher: null };
  if (monitor === null) {
    throw new FoveaError("USAGE", "Cannot ask a teacher: nobody monitors", {
      hint: "Set monitor: true beside teacher",
    });
  }
  if (!Number.isInteger(teacher.every) || teacher.every < 1) {
    throw new FoveaError(
      "USAGE",
      `Cannot ask a teacher every ${teacher.every} pictures: a whole number from 1 is needed`,
    );
  }
  if (!(teacher.detector instanceof LoadedDetector)) {
    throw new TypeError("Cannot ask a teacher: it must come from loadDetector()");
  }
  const { classNames } = detector.spec;
  const tell = teacher.onError ?? ignore;
  const rhythm = { every: teacher.every, isLive: camera.info.realtime };
  return { monitor, teacher: new TeacherStage(teacher.detector, rhythm, classNames, tell) };
}

function makeMonitor(
  camera: Camera,
  detector: LoadedDetector,
  choice: MonitorChoice,
): Monitor | null {
  if (choice === false) return null;
  if (!(choice instanceof Monitor)) {
    return createMonitor(camera, detector, choice === true ? {} : choice);
  }
  if (choice.source.modelSha256 !== detector.model.sha256) {
    throw new FoveaError(
      "STATE_FOREIGN",
      `Cannot go on with the monitor: it watched another model than ${detector.model.name}`,
    );
  }
  return choice;
}

function ignore(): void {}
