import { type Command, Option } from "commander";
import { ENGINE_NAMES, type EngineName } from "../engine/engine_names.ts";
import type { GraphOptimization } from "../engine/engine_options.ts";
import type { DetectorOptions } from "../pipeline/detector_options.ts";
import { addConventionOptions, type ConventionFlags, readOverrides } from "./convention_options.ts";
import { choice, list, number, text } from "./option_parsers.ts";
import type { NumberRange } from "./parse_value.ts";

/** Flags about a detector and what runs it, as the parser leaves them, defaults filled in. */
export interface DetectorFlags extends ConventionFlags {
  readonly model?: string;
  readonly conf: number;
  readonly iou: number;
  readonly classes?: readonly string[];
  readonly agnostic?: true;
  readonly maxDetections: number;
  readonly labels?: "best" | "all";
  readonly engine?: EngineName;
  readonly providers: readonly string[];
  readonly fallback?: true;
  readonly threads: number;
  readonly workers: number;
  readonly spinning?: true;
  readonly graphOptimization: GraphOptimization;
}

const GRAPH_OPTIMIZATIONS = ["disabled", "basic", "extended", "layout", "all"] as const;
const SHARE: NumberRange = { min: 0, max: 1 };
const THREADS: NumberRange = { min: 1, max: 64, whole: true };
const WORKERS: NumberRange = { min: 1, max: 16, whole: true };
const DETECTIONS: NumberRange = { min: 1, max: 30_000, whole: true };

/** The flag for the model; `needed` ends its description. */
export function modelOption(needed: string): Option {
  return new Option("-m, --model <file>", `the detector, an .onnx file${needed}`)
    .argParser(text("--model"));
}

/** What a command takes where a flag is not given. */
export interface DetectorDefaults {
  readonly conf: number;
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
  command
    .addOption(
      new Option("--conf <score>", "lowest score to report, 0 to 1")
        .argParser(number("--conf", SHARE)).default(conf).helpGroup(group),
    )
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
      new Option("--labels <which>", `classes of a box that count: best or all; ${labels}`)
        .argParser(choice("--labels", ["best", "all"])).helpGroup(group),
    );
}

function addEngineOptions(command: Command): void {
  const group = "Engine:";
  command
    .addOption(
      new Option("--engine <name>", `what runs the model: ${ENGINE_NAMES.join(" or ")}`)
        .argParser(choice("--engine", ENGINE_NAMES)).helpGroup(group),
    )
    .addOption(
      new Option("--providers <names>", "execution providers in order of preference")
        .argParser(list("--providers")).default(["cpu"], "cpu").helpGroup(group),
    )
    .addOption(
      new Option("--fallback", "take the next provider where one is not available")
        .helpGroup(group),
    )
    .addOption(
      new Option("--threads <n>", "threads inside one inference, 1 to 64")
        .argParser(number("--threads", THREADS)).default(1).helpGroup(group),
    )
    .addOption(
      new Option("--workers <n>", "frames inferred at the same time, 1 to 16")
        .argParser(number("--workers", WORKERS)).default(1).helpGroup(group),
    )
    .addOption(
      new Option("--spinning", "let idle inference threads burn their core")
        .helpGroup(group),
    )
    .addOption(
      new Option("--graph-optimization <level>", GRAPH_OPTIMIZATIONS.join(", "))
        .argParser(choice("--graph-optimization", GRAPH_OPTIMIZATIONS)).default("all")
        .helpGroup(group),
    );
}

/**
 * Turns flags into the options of a detector.
 *
 * @throws {FoveaError} `USAGE` where a flag names an unreadable file.
 */
export async function readDetectorOptions(flags: DetectorFlags): Promise<DetectorOptions> {
  return {
    ...(flags.engine === undefined ? {} : { engine: flags.engine }),
    providers: flags.providers,
    fallback: flags.fallback === true,
    threads: flags.threads,
    workers: flags.workers,
    spinning: flags.spinning === true,
    graphOptimization: flags.graphOptimization,
    confidence: flags.conf,
    iouThreshold: flags.iou,
    agnosticNms: flags.agnostic === true,
    maxDetections: flags.maxDetections,
    ...(flags.labels === undefined ? {} : { labels: flags.labels }),
    ...(flags.classes === undefined ? {} : { classes: flags.classes }),
    overrides: await readOverrides(flags),
  };
}
