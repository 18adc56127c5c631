import { FoveaError } from "../core/errors.ts";
import type { Degradation } from "../degrade/degradation.ts";
import type { DetectorOptions } from "../pipeline/detector_options.ts";
import { readDetectorOptions } from "./detector_flags.ts";
import type { EvalFlags } from "./eval_options.ts";
import { checkConflicts } from "./file_conflicts.ts";
import { headOptions, readNamedHead } from "./head_choice.ts";
import type { FrameRange } from "./frame_range.ts";
import { chooseModel, type ModelChoice } from "./shipped_model.ts";
import { isDrawnWorld } from "./source_label.ts";

/** Where the pictures of an evaluation are. */
export type PicturePlace =
  | { readonly kind: "images"; readonly folder: string }
  | { readonly kind: "video"; readonly uri: string; readonly frames: FrameRange | null };

/** Where the detections of an evaluation come from. */
export type DetectionOrigin =
  | {
    readonly kind: "model";
    /** The model. */
    readonly model: ModelChoice;
    /** How it is loaded and run; which classes are reported is decided later. */
    readonly detector: DetectorOptions;
    /** What has to be said about its head. */
    readonly headNotes: readonly string[];
    /** Score from which on tracks begin; `null` for the one that `fovea run` reports from. */
    readonly trackScore: number | null;
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
  /** Path of the annotations; `null` for what the camera itself knows about its frames. */
  readonly annotations: string | null;
  /** Where the detections come from. */
  readonly origin: DetectionOrigin;
  /** Classes to evaluate, by name; `null` for all. */
  readonly classes: readonly string[] | null;
  /** Whether tracks are compared with the truth, too. */
  readonly tracks: boolean;
  /** Whether annotated pictures that are not there are left out. */
  readonly allowMissing: boolean;
  /** Lowest score that is reported. */
  readonly score: number;
  /** File for the page; `null` for none. */
  readonly report: string | null;
  /** Whether the figures go to standard output as JSON. */
  readonly json: boolean;
}

/** In place of a file of annotations: what the camera itself knows. */
export const OWN_TRUTH = "truth";
/** What `fovea run` takes: tracks are judged as it makes them. */
const RUN_IOU = 0.45;

/** Flags that mean nothing unless a model runs. */
const MODEL_ONLY: readonly (keyof EvalFlags)[] = [
  "frames",
  "degrade",
  "conf",
  "iou",
  "agnostic",
  "maxDetections",
  "boxLabels",
  "head",
  "engine",
  "providers",
  "fallback",
  "tensorrtBuild",
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
  const annotations = readAnnotations(flags);
  await checkConflicts({
    reader: "evaluation",
    uri: flags.video ?? null,
    model: flags.detections === undefined ? chooseModel(flags.model).path : null,
    read: [annotations, flags.detections, flags.names, flags.head],
    written: [flags.report, flags.saveDetections],
  });
  return {
    annotations,
    origin: flags.detections === undefined
      ? await readModelOrigin(flags, isGiven)
      : readFileOrigin(flags.detections, flags, isGiven),
    classes: flags.classes ?? null,
    tracks: flags.tracks === true,
    allowMissing: flags.allowMissing === true,
    score: flags.score,
    report: flags.report ?? null,
    json: flags.json === true,
  };
}

/** The file of annotations; `null` for the truth of a camera that knows it. */
function readAnnotations({ annotations, video, detections }: EvalFlags): string | null {
  const knows = video !== undefined && detections === undefined && isDrawnWorld(video);
  if (annotations === undefined && !knows) {
    throw usage("--annotations is not given", "Add --annotations with a COCO JSON file");
  }
  if (annotations !== undefined && annotations !== OWN_TRUTH) return annotations;
  if (knows) return null;
  throw usage(
    `only a drawn world that is given to --video knows its own ${OWN_TRUTH}`,
    `Use --video synthetic:street, or write ./${OWN_TRUTH} for a file of that name`,
  );
}

async function readModelOrigin(
  flags: EvalFlags,
  isGiven: (flag: keyof EvalFlags) => boolean,
): Promise<DetectionOrigin> {
  const place = readPlace(flags);
  if (place === null) {
    throw usage(
      "no pictures are given",
      "Add --images with a folder or --video with a file for a detector to look at, or " +
        "--detections to evaluate what another program found",
    );
  }
  if (flags.tracks === true && place.kind === "images") {
    throw usage("--tracks follows objects through a --video, and --images has no times");
  }
  const named = await readNamedHead(flags.head);
  const { classes: _, ...read } = await readDetectorOptions(flags);
  const given = { ...read, ...headOptions(named) };
  const detector: DetectorOptions = flags.tracks === true
    ? { labels: "best", ...given, iouThreshold: isGiven("iou") ? flags.iou : RUN_IOU }
    : given;
  const { conf = null, degrade, saveDetections: save = null } = flags;
  const trackScore = isGiven("conf") ? conf : null;
  const model = chooseModel(flags.model);
  const { notes: headNotes } = named;
  return { kind: "model", model, detector, headNotes, trackScore, place, degrade, save };
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
