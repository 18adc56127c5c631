import { type Command, Option } from "commander";
import type { Degradation } from "../degrade/degradation.ts";
import { makeDegradeOption } from "./degrade_option.ts";
import { addDetectorOptions, type DetectorFlags, modelOption } from "./detector_flags.ts";
import { type FrameRange, parseFrameRange } from "./frame_range.ts";
import { number, text } from "./option_parsers.ts";

/** The flags of `fovea eval` as the parser leaves them, defaults filled in. */
export interface EvalFlags extends DetectorFlags {
  readonly images?: string;
  readonly video?: string;
  readonly detections?: string;
  readonly annotations?: string;
  readonly frames?: FrameRange;
  readonly tracks?: true;
  readonly allowMissing?: true;
  readonly degrade: readonly Degradation[];
  readonly score: number;
  readonly json?: true;
  readonly saveDetections?: string;
  readonly report?: string;
}

/** Adds the flags of `fovea eval` to its command. */
export function addEvalOptions(command: Command): void {
  addInputOptions(command);
  // Average precision is a figure over all scores, so nearly all detections are wanted.
  addDetectorOptions(command, {
    conf: 0.001,
    iou: 0.65,
    labels: "by default as its family is measured",
  });
  addOutputOptions(command);
}

function addInputOptions(command: Command): void {
  const group = "What is evaluated:";
  command
    .addOption(
      new Option("--annotations <file>", "what is to be found, COCO JSON; a drawn world knows it")
        .argParser(text("--annotations")).helpGroup(group),
    )
    .addOption(modelOption("; without it the shipped one, for synthetic:street").helpGroup(group))
    .addOption(
      new Option("--images <folder>", "pictures; the annotations name them by file_name")
        .argParser(text("--images")).helpGroup(group),
    )
    .addOption(
      new Option(
        "--video <file>",
        "a video or a drawn world; image ids are its frame numbers, from 0",
      )
        .argParser(text("--video")).helpGroup(group),
    )
    .addOption(
      new Option("--frames <range>", "only these frames of the video: START:STOP:STEP")
        .argParser((value: string) => parseFrameRange("--frames", value)).helpGroup(group),
    )
    .addOption(
      new Option("--tracks", "follow objects as run does and compare their tracks, too")
        .helpGroup(group),
    )
    .addOption(
      new Option("--allow-missing", "leave out annotated pictures that are not there")
        .helpGroup(group),
    )
    .addOption(makeDegradeOption().helpGroup(group))
    .addOption(
      new Option("--detections <file>", "COCO results of another program, in place of a model")
        .argParser(text("--detections")).helpGroup(group),
    );
}

function addOutputOptions(command: Command): void {
  const group = "Output:";
  command
    .addOption(
      new Option("--score <score>", "score from which on detections are reported, 0 to 1")
        .argParser(number("--score", { min: 0, max: 1 })).default(0.3).helpGroup(group),
    )
    .addOption(
      new Option("--report <file>", "write a page with curves and the worst pictures, one .html")
        .argParser(text("--report")).helpGroup(group),
    )
    .addOption(
      new Option("--save-detections <file>", "write what the model found as COCO results")
        .argParser(text("--save-detections")).helpGroup(group),
    )
    .addOption(
      new Option("--json", "print all figures as one JSON object on standard output")
        .helpGroup(group),
    );
}
