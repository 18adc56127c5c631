import { type Command, Option } from "commander";
import { CONFIDENCE_DEFAULT } from "../core/detector_spec.ts";
import type { DetectorOptions } from "../pipeline/detector_options.ts";
import { addConventionOptions, type ConventionFlags, readOverrides } from "./convention_options.ts";
import { addEngineOptions, type EngineFlags, readEngineFlags } from "./engine_flags.ts";
import { choice, list, number, text } from "./option_parsers.ts";
import type { NumberRange } from "./parse_value.ts";

/** Flags about a detector and what runs it, as the parser leaves them, defaults filled in. */
export interface DetectorFlags extends ConventionFlags, EngineFlags {
  readonly model?: string;
  readonly conf?: number;
  readonly iou: number;
  readonly classes?: readonly string[];
  readonly agnostic?: true;
  readonly maxDetections: number;
  readonly boxLabels?: "best" | "all";
  readonly head?: string;
}

const SHARE: NumberRange = { min: 0, max: 1 };
const DETECTIONS: NumberRange = { min: 1, max: 30_000, whole: true };

/** The flag for the model; `needed` ends its description. */
export function modelOption(needed: string): Option {
  return new Option("-m, --model <file>", `the detector, an .onnx file${needed}`)
    .argParser(text("--model"));
}

/** What a command takes where a flag is not given. */
export interface DetectorDefaults {
  /** `null` for what the model's manifest states. */
  readonly conf: number | null;
  readonly iou: number;
  /** In words. */
  readonly labels: string;
}

/** Adds everything about the detector but the model itself. */
export function addDetectorOptions(command: Command, defaults: DetectorDefaults): void {
  addDetectionOptions(command, defaults);
  addEngineOptions(command);
  addConventionOptions(command);
}

function addDetectionOptions(
  command: Command,
  { conf, iou, labels }: DetectorDefaults,
): void {
  const group = "Detections:";
  const stated = `; by default what the manifest states, else ${CONFIDENCE_DEFAULT}`;
  const confOption = new Option(
    "--conf <score>",
    `lowest score to report, 0 to 1${conf === null ? stated : ""}`,
  );
  if (conf !== null) confOption.default(conf);
  command
    .addOption(confOption.argParser(number("--conf", SHARE)).helpGroup(group))
    .addOption(
      new Option("--iou <share>", "overlap above which the weaker box is dropped, 0 to 1")
        .argParser(number("--iou", SHARE)).default(iou).helpGroup(group),
    )
    .addOption(
      new Option("--classes <names>", "report only these classes, separated by commas")
        .argParser(list("--classes")).helpGroup(group),
    )
    .addOption(
      new Option("--agnostic", "let boxes of different classes suppress each other")
        .helpGroup(group),
    )
    .addOption(
      new Option("--max-detections <n>", "most detections per frame")
        .argParser(number("--max-detections", DETECTIONS)).default(300).helpGroup(group),
    )
    .addOption(
      new Option("--box-labels <which>", `classes of a box that count: best or all; ${labels}`)
        .argParser(choice("--box-labels", ["best", "all"])).helpGroup(group),
    )
    .addOption(
      new Option("--head <path>", "a refined head: a folder of fovea refine, or a head file")
        .argParser(text("--head")).helpGroup(group),
    );
}

/**
 * Turns flags into the options of a detector.
 *
 * @throws {FoveaError} `USAGE` where a flag names an unreadable file, or an option of a provider is
 * unknown or out of range.
 */
export async function readDetectorOptions(flags: DetectorFlags): Promise<DetectorOptions> {
  return {
    ...readEngineFlags(flags),
    ...(flags.conf === undefined ? {} : { confidence: flags.conf }),
    iouThreshold: flags.iou,
    agnosticNms: flags.agnostic === true,
    maxDetections: flags.maxDetections,
    ...(flags.boxLabels === undefined ? {} : { labels: flags.boxLabels }),
    ...(flags.classes === undefined ? {} : { classes: flags.classes }),
    overrides: await readOverrides(flags),
  };
}
