import type { CameraBackend } from "../camera/camera_options.ts";
import { parseCameraUri } from "../camera/camera_uri.ts";
import { FoveaError } from "../core/errors.ts";
import type { Degradation } from "../degrade/degradation.ts";
import type { DetectorOptions } from "../pipeline/detector_options.ts";
import { planOutput } from "../sink/output_path.ts";
import { readDetectorOptions } from "./detector_flags.ts";
import { checkConflicts } from "./file_conflicts.ts";
import { exposedHead, headOptions, readNamedHead } from "./head_choice.ts";
import { type MonitorSettings, readMonitorSettings } from "./monitor_settings.ts";
import type { RefineMode, RunFlags } from "./run_options.ts";
import { chooseModel, type ModelChoice } from "./shipped_model.ts";

/** How a running detector is refined. */
export interface RefineSettings {
  /** Whether what is accepted is served at once. */
  readonly mode: Exclude<RefineMode, "off">;
  /** Folder of heads, which need not exist yet. */
  readonly folder: string;
}

/** Everything `fovea run` was asked to do, checked as far as it can be without opening anything. */
export interface RunSettings {
  /** The camera. */
  readonly uri: string;
  /** The model. */
  readonly model: ModelChoice;
  /** Which frames to take; `null` for what suits the source. */
  readonly policy: string | null;
  /** What opens the camera where several can; `null` for the default. */
  readonly cameraBackend: CameraBackend | null;
  /** Stop after this many frames; `null` for none. */
  readonly maxFrames: number | null;
  /** Stop after this time in milliseconds; `null` for none. */
  readonly durationMs: number | null;
  /** How pictures are made worse, in order; empty for not at all. */
  readonly degrade: readonly Degradation[];
  /** How the detector is loaded and run. */
  readonly detector: DetectorOptions;
  /** What has to be said about its head. */
  readonly headNotes: readonly string[];
  /** Whether objects are followed from frame to frame. */
  readonly track: boolean;
  /** How the detector is watched; `null` where it is not. */
  readonly monitor: MonitorSettings | null;
  /** How the detector is refined while it runs; `null` where it is not. */
  readonly refine: RefineSettings | null;
  /** Whether a report at the end takes the place of results. */
  readonly reportsOnly: boolean;
  /** Files to write what is seen to. */
  readonly save: readonly string[];
  /** File for rates and times; `null` for none. */
  readonly stats: string | null;
  /** Whether a table shows the run, in place of a line for each frame. */
  readonly live: boolean;
  /** Whether results go to standard output as JSON. */
  readonly json: boolean;
}

/**
 * Turns flags into settings.
 *
 * @throws {FoveaError} `USAGE` where flags contradict each other or name an unreadable file;
 * `CAMERA_URI` if the camera's URI means no source.
 */
export async function readSettings(
  uri: string,
  flags: RunFlags,
  reportsOnly = false,
): Promise<RunSettings> {
  if (flags.live === true && flags.json === true) {
    throw new FoveaError("USAGE", "Cannot run: both --live and --json are given", {
      hint: "Leave one of them out; --save results.ndjson writes results beside a table",
    });
  }
  // What is wrong with the source is told before a detector is loaded for it.
  parseCameraUri(uri);
  const model = chooseModel(flags.model);
  const monitor = readMonitorSettings(flags, reportsOnly);
  for (const path of flags.save) checkKind(path);
  await checkConflicts({
    reader: "run",
    uri,
    model: model.path,
    read: [flags.names, flags.head, monitor?.labels, monitor?.teacher, monitor?.calibration],
    save: flags.save,
    written: [flags.stats, monitor?.calibrate, monitor?.state, monitor?.events, monitor?.report],
  });
  const refine = readRefine(flags, monitor !== null);
  const named = await readNamedHead(
    refine !== null && await isNew(refine.folder) ? undefined : flags.head,
  );
  const head = refine === null ? headOptions(named) : exposedHead(named);
  return {
    uri,
    model,
    policy: flags.policy ?? null,
    cameraBackend: flags.cameraBackend ?? null,
    maxFrames: flags.maxFrames ?? null,
    durationMs: flags.duration === undefined ? null : 1000 * flags.duration,
    degrade: flags.degrade,
    detector: { ...await readDetectorOptions(flags), ...head },
    headNotes: named.notes,
    refine,
    track: flags.track,
    monitor,
    reportsOnly,
    save: flags.save,
    stats: flags.stats ?? null,
    live: flags.live === true,
    json: flags.json === true,
  };
}

/** @throws {FoveaError} `USAGE` where something is missing. */
function readRefine({ refine, head }: RunFlags, isMonitored: boolean): RefineSettings | null {
  if (refine === "off") return null;
  if (!isMonitored) {
    throw new FoveaError("USAGE", "Cannot refine: nobody says when the detector does badly", {
      hint: "Add --monitor, and --labels with what some frames hold",
    });
  }
  if (head !== undefined) return { mode: refine, folder: head };
  throw new FoveaError("USAGE", "Cannot refine: there is no folder for the heads", {
    hint: "Add --head heads/NAME; it is made where it does not exist",
  });
}

async function isNew(folder: string): Promise<boolean> {
  return await Deno.stat(folder).then(() => false, () => true);
}

/**
 * Refuses an output whose name does not tell what it is to be.
 *
 * @throws {FoveaError} `USAGE`.
 */
export function checkKind(path: string): void {
  try {
    planOutput(path);
  } catch (cause) {
    if (!(cause instanceof FoveaError)) throw cause;
    const { message, hint } = cause;
    throw new FoveaError("USAGE", message, { cause, ...(hint === null ? {} : { hint }) });
  }
}
