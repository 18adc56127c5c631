import { type Command, Option } from "commander";
import type { Degradation } from "../degrade/degradation.ts";
import { TRAINER_KINDS, type TrainerKind } from "../refine/trainer_kind.ts";
import { addConventionOptions, type ConventionFlags } from "./convention_options.ts";
import { makeDegradeOption } from "./degrade_option.ts";
import { modelOption } from "./detector_flags.ts";
import { addEngineOptions, type EngineFlags } from "./engine_flags.ts";
import { type FrameList, parseFrameList } from "./frame_list.ts";
import { addHeadLayerOptions, type HeadLayerFlags } from "./head_layer_options.ts";
import { choice, number, text } from "./option_parsers.ts";

/** The flags of `fovea refine` as the parser leaves them, defaults filled in. */
export interface RefineFlags extends ConventionFlags, EngineFlags, HeadLayerFlags {
  readonly model?: string;
  readonly annotations?: string;
  readonly images?: string;
  readonly video?: string;
  readonly frames?: FrameList;
  readonly degrade: readonly Degradation[];
  readonly replayImages?: string;
  readonly replayAnnotations?: string;
  readonly cleanFrames?: FrameList;
  readonly holdout: number;
  readonly repairedF1: number;
  readonly trainer: TrainerKind;
  readonly newClass?: string;
  readonly out?: string;
  readonly json?: true;
}

/** Adds the flags of `fovea refine` to its command. */
export function addRefineOptions(command: Command): void {
  addEvidenceOptions(command);
  addKeptOptions(command);
  addRefiningOptions(command);
  addEngineOptions(command);
  addHeadLayerOptions(command);
  addConventionOptions(command);
}

function addEvidenceOptions(command: Command): void {
  const group = "What is learnt:";
  command
    .addOption(modelOption("; without it the shipped one, for synthetic:street").helpGroup(group))
    .addOption(
      new Option("--annotations <file>", "labels: COCO JSON, or a folder of YOLO .txt files")
        .argParser(text("--annotations")).helpGroup(group),
    )
    .addOption(
      new Option("--images <folder>", "labelled pictures, by file name")
        .argParser(text("--images")).helpGroup(group),
    )
    .addOption(
      new Option("--video <file>", "a video or a drawn world; image ids are its frame numbers")
        .argParser(text("--video")).helpGroup(group),
    )
    .addOption(
      new Option("--frames <frames>", "only these frames: 62,68,74 or START:STOP:STEP")
        .argParser((value: string) => parseFrameList("--frames", value)).helpGroup(group),
    )
    .addOption(makeDegradeOption().helpGroup(group))
    .addOption(
      new Option("--new-class <name>", "a class of the labels that the detector does not know yet")
        .argParser(text("--new-class")).helpGroup(group),
    );
}

function addKeptOptions(command: Command): void {
  const group = "What is not to be forgotten:";
  command
    .addOption(
      new Option("--replay-images <folder>", "pictures of all kinds, labelled or not")
        .argParser(text("--replay-images")).helpGroup(group),
    )
    .addOption(
      new Option("--replay-annotations <file>", "their labels, which judge instead of the detector")
        .argParser(text("--replay-annotations")).helpGroup(group),
    )
    .addOption(
      new Option("--clean-frames <frames>", "frames of --video from before it became bad")
        .argParser((value: string) => parseFrameList("--clean-frames", value)).helpGroup(group),
    );
}

function addRefiningOptions(command: Command): void {
  const group = "Refining:";
  command
    .addOption(
      new Option(
        "--holdout <share>",
        "share of the labelled frames, the latest, that judge; 0 to 1",
      )
        .argParser(number("--holdout", { min: 0, max: 0.9 })).default(0.3).helpGroup(group),
    )
    .addOption(
      new Option("--repaired-f1 <f1>", "F1 on those frames that counts as repaired, 0 to 1")
        .argParser(number("--repaired-f1", { min: 0, max: 1 })).default(0.6).helpGroup(group),
    )
    .addOption(
      new Option("--trainer <name>", TRAINER_KINDS.join(", "))
        .argParser(choice("--trainer", TRAINER_KINDS)).default("auto").helpGroup(group),
    )
    .addOption(
      new Option("--out <folder>", "keep the head and serve it if it is accepted, e.g. heads/night")
        .argParser(text("--out")).helpGroup(group),
    )
    .addOption(
      new Option("--json", "print the decision as one JSON object, nothing else").helpGroup(group),
    );
}
