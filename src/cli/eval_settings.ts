import { FoveaError } from "../core/errors.ts";
import type { Degradation } from "../degrade/degradation.ts";
import type { DetectorOptions } from "../pipeline/detector_options.ts";
import { readDetectorOptions } from "./detector_flags.ts";
import type { EvalFlags } from "./eval_options.ts";
import { checkConflicts } from "./file_conflicts.ts";
import type { FrameRange } from "./frame_range.ts";

/** Where the pictures of an evaluation are. */
export type PicturePlace =
  | { readonly kind: "images"; readonly folder: string }
  | { readonly kind: "video"; readonly uri: string; readonly frames: FrameRange | null };

/** Where the detections of an evaluation come from. */
export type DetectionOrigin =
  | {
    readonly kind: "model";
    /** Path of the model. */
    readonly model: string;
    /** How it is loaded and run; which classes are reported is decided later. */
    readonly detector: DetectorOptions;
    /** What it looks at. */
    readonly place: PicturePlace;
    /** What is done to the pictures first. */
    readonly degrade: readonly Degradation[];
    /** File for what it finds; `null` for none. */
    readonly save: string | null;
  }
  | {
    readonly kind: "file";
    /** Path of the file. */
    readonly path: string;
    /** Where the pictures for the report are; `null` for none. */
    readonly place: PicturePlace | null;
  };

/** Everything `fovea eval` was asked to do, checked as far as it can be without opening anything. */
export interface EvalSettings {
  /** Path of the annotations. */
  readonly annotations: string;
  /** Where the detections come from. */
  readonly origin: DetectionOrigin;
  /** Classes to evaluate, by name; `null` for all. */
  readonly classes: readonly string[] | null;
  /** Whether annotated pictures that are not there are left out. */
  readonly allowMissing: boolean;
  /** Lowest score that is reported. */
  readonly score: number;
  /** File for the page; `null` for none. */
  readonly report: string | null;
  /** Whether the figures go to standard output as JSON. */
  readonly json: boolean;
}

/** Flags that mean nothing unless a model runs. */
const MODEL_ONLY: readonly (keyof EvalFlags)[] = [
  "frames",
  "degrade",
  "conf",
  "iou",
  "agnostic",
  "maxDetections",
  "boxLabels",
  "engine",
  "providers",
  "fallback",
  "threads",
  "workers",
  "spinning",
  "graphOptimization",
  "family",
  "imgsz",
  "channels",
  "scale",
  "letterbox",
  "pad",
  "names",
  "familyOption",
  "saveDetections",
];

/**
 * Turns flags into settings.
 *
 * @param isGiven Whether a flag stands on the command line and is not a default.
 * @throws {FoveaError} `USAGE` where flags contradict each other or name an unreadable file.
 */
export async function readEvalSettings(
  flags: EvalFlags,
  isGiven: (flag: keyof EvalFlags) => boolean,
): Promise<EvalSettings> {
  const { annotations } = flags;
  if (annotations === undefined) {
    throw usage("--annotations is not given", "Add --annotations with a COCO JSON file");
  }
  await checkConflicts({
    reader: "evaluation",
    uri: flags.video ?? null,
    model: flags.model ?? null,
    read: [annotations, flags.detections, flags.names],
    written: [flags.report, flags.saveDetections],
  });
  return {
    annotations,
    origin: flags.detections === undefined
      ? await readModelOrigin(flags)
      : readFileOrigin(flags.detections, flags, isGiven),
    classes: flags.classes ?? null,
    allowMissing: flags.allowMissing === true,
    score: flags.score,
    report: flags.report ?? null,
    json: flags.json === true,
  };
}

async function readModelOrigin(flags: EvalFlags): Promise<DetectionOrigin> {
  const { model, saveDetections } = flags;
  if (model === undefined) {
    throw usage(
      "neither --model nor --detections is given",
      "Add --model to run a detector, or --detections to evaluate what another program found",
    );
  }
  const place = readPlace(flags);
  if (place === null) {
    throw usage("no pictures are given", "Add --images with a folder, or --video with a file");
  }
  const { classes: _, ...detector } = await readDetectorOptions(flags);
  const { degrade } = flags;
  return { kind: "model", model, detector, place, degrade, save: saveDetections ?? null };
}

function readFileOrigin(
  path: string,
  flags: EvalFlags,
  isGiven: (flag: keyof EvalFlags) => boolean,
): DetectionOrigin {
  if (flags.model !== undefined) {
    throw usage("both --model and --detections are given", "Leave one of them out");
  }
  const idle = MODEL_ONLY.find(isGiven);
  if (idle !== undefined) {
    throw usage(`${flagName(idle)} means nothing with --detections: no model runs`);
  }
  const place = readPlace(flags);
  if (place !== null && flags.report === undefined) {
    throw usage(
      `--${place.kind} means nothing with --detections unless there is a --report`,
      "Leave it out, or add --report",
    );
  }
  return { kind: "file", path, place };
}

function readPlace({ images, video, frames }: EvalFlags): PicturePlace | null {
  if (images !== undefined && video !== undefined) {
    throw usage("both --images and --video are given", "Leave one of them out");
  }
  if (frames !== undefined && video === undefined) {
    throw usage("--frames takes frames of a --video, and none is given");
  }
  if (images !== undefined) return { kind: "images", folder: images };
  return video === undefined ? null : { kind: "video", uri: video, frames: frames ?? null };
}

/** `maxDetections` -> `--max-detections`. */
function flagName(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function usage(reason: string, hint?: string): FoveaError {
  return new FoveaError("USAGE", `Cannot evaluate: ${reason}`, hint === undefined ? {} : { hint });
}
