import { FoveaError } from "../core/errors.ts";
import type { Degradation } from "../degrade/degradation.ts";
import type { SpecOverrides } from "../detector/overrides.ts";
import type { DetectorOptions } from "../pipeline/detector_options.ts";
import type { TrainerKind } from "../refine/trainer_kind.ts";
import { readOverrides } from "./convention_options.ts";
import { readEngineFlags } from "./engine_flags.ts";
import { checkConflicts } from "./file_conflicts.ts";
import type { FrameList } from "./frame_list.ts";
import { type HeadLayerFlags, readHeadLayers } from "./head_layer_options.ts";
import type { PictureSource } from "./refine_frames.ts";
import type { RefineFlags } from "./refine_options.ts";
import { chooseModel, type ModelChoice } from "./shipped_model.ts";
import { isDrawnWorld } from "./source_label.ts";

/** Everything `fovea refine` was asked to do, checked as far as it can be without opening anything. */
export interface RefineSettings {
  /** The model. */
  readonly model: ModelChoice;
  /** What runs it. */
  readonly engine: DetectorOptions;
  /** Corrections of what is found out about it. */
  readonly overrides: SpecOverrides;
  /** Layers in place of those that are found. */
  readonly layers: HeadLayerFlags;
  /** Path of the labels; `null` for what a drawn world knows about its frames. */
  readonly annotations: string | null;
  /** Where the labelled pictures are. */
  readonly source: PictureSource;
  /** Which of them; `null` for all that are labelled. */
  readonly frames: FrameList | null;
  /** What is done to them first. */
  readonly degrade: readonly Degradation[];
  /** Folder of pictures of all kinds; `null` for none. */
  readonly replayImages: string | null;
  /** Their labels; `null` for none. */
  readonly replayAnnotations: string | null;
  /** Frames from before; `null` for none. */
  readonly cleanFrames: FrameList | null;
  /** Share of the labelled frames that judge. */
  readonly holdOut: number;
  /** F1 that counts as repaired. */
  readonly repairedF1: number;
  /** What trains. */
  readonly trainer: TrainerKind;
  /** A class that the detector does not know; `null` for none. */
  readonly newClass: string | null;
  /** Folder that keeps the head; `null` for none. */
  readonly out: string | null;
  /** Whether the decision goes to standard output as JSON. */
  readonly json: boolean;
}

/**
 * Turns flags into settings.
 *
 * @throws {FoveaError} `USAGE` where flags contradict each other or name an unreadable file.
 */
export async function readRefineSettings(flags: RefineFlags): Promise<RefineSettings> {
  const source = readSource(flags);
  const model = chooseModel(flags.model);
  const drawn = source.kind === "video" && isDrawnWorld(source.uri);
  const { annotations = null, replayImages = null, replayAnnotations = null } = flags;
  if (annotations === null && !drawn) {
    throw usage("--annotations is not given", "Add a COCO JSON file or a folder of YOLO labels");
  }
  if (replayAnnotations !== null && replayImages === null) {
    throw usage("--replay-annotations are labels of --replay-images, and none are given");
  }
  if (flags.cleanFrames !== undefined && source.kind === "images") {
    throw usage("--clean-frames are frames of a --video, and none is given");
  }
  if (drawn && flags.frames === undefined && annotations === null) {
    throw usage(
      "a drawn world has more frames than anybody labels",
      "Add --frames with those to learn from",
    );
  }
  await checkConflicts({
    reader: "refinement",
    uri: source.kind === "video" ? source.uri : null,
    model: model.path,
    read: [annotations, replayAnnotations, flags.names],
    written: [flags.out],
  });
  return {
    model,
    engine: readEngineFlags(flags),
    overrides: await readOverrides(flags),
    layers: readHeadLayers(flags),
    annotations,
    source,
    frames: flags.frames ?? null,
    degrade: flags.degrade,
    replayImages,
    replayAnnotations,
    cleanFrames: flags.cleanFrames ?? null,
    holdOut: flags.holdout,
    repairedF1: flags.repairedF1,
    trainer: flags.trainer,
    newClass: flags.newClass ?? null,
    out: flags.out ?? null,
    json: flags.json === true,
  };
}

function readSource({ images, video, frames }: RefineFlags): PictureSource {
  if (images !== undefined && video !== undefined) {
    throw usage("both --images and --video are given", "Leave one of them out");
  }
  if (video !== undefined) return { kind: "video", uri: video };
  if (images === undefined) {
    throw usage(
      "no pictures are given",
      "Add --images with a folder or --video with a file, whose pictures --annotations labels",
    );
  }
  if (frames !== undefined) {
    throw usage("--frames takes frames of a --video, and none is given");
  }
  return { kind: "images", folder: images };
}

function usage(reason: string, hint?: string): FoveaError {
  return new FoveaError("USAGE", `Cannot refine: ${reason}`, hint === undefined ? {} : { hint });
}
