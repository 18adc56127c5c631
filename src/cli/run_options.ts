import { type Command, Option } from "commander";
import { formatPolicy, parsePolicy } from "../core/frame_policy.ts";
import type { Degradation } from "../degrade/degradation.ts";
import type { GraphOptimization } from "../engine/engine_options.ts";
import { addConventionOptions, type ConventionFlags } from "./convention_options.ts";
import { makeDegradeOption } from "./degrade_option.ts";
import { type NumberRange, parseChoice, parseNumber, parseSet, parseText } from "./parse_value.ts";

/** The flags of `fovea run` as the parser leaves them, defaults filled in. */
export interface RunFlags extends ConventionFlags {
  readonly model?: string;
  readonly policy?: string;
  readonly maxFrames?: number;
  readonly duration?: number;
  readonly degrade: readonly Degradation[];
  readonly conf: number;
  readonly iou: number;
  readonly classes?: readonly string[];
  readonly agnostic?: true;
  readonly maxDetections: number;
  readonly engine: "onnxruntime-node";
  readonly providers: readonly string[];
  readonly fallback?: true;
  readonly threads: number;
  readonly workers: number;
  readonly spinning?: true;
  readonly graphOptimization: GraphOptimization;
  readonly save: readonly string[];
  readonly json?: true;
  readonly stats?: string;
}

const GRAPH_OPTIMIZATIONS = ["disabled", "basic", "extended", "layout", "all"] as const;
const SHARE: NumberRange = { min: 0, max: 1 };
const FRAMES: NumberRange = { min: 1, max: Number.MAX_SAFE_INTEGER, whole: true };
/** A hundred years; a longer run is a typing error. */
const SECONDS: NumberRange = { min: 0.001, max: 3_155_760_000 };
const THREADS: NumberRange = { min: 1, max: 64, whole: true };
const WORKERS: NumberRange = { min: 1, max: 16, whole: true };
const DETECTIONS: NumberRange = { min: 1, max: 30_000, whole: true };

/** Adds the flags of `fovea run` to its command. */
export function addRunOptions(command: Command): void {
  addSourceOptions(command);
  addDetectionOptions(command);
  addEngineOptions(command);
  addConventionOptions(command);
  addOutputOptions(command);
}

function addSourceOptions(command: Command): void {
  const group = "Source:";
  command
    .addOption(
      new Option("-m, --model <file>", "the detector, an .onnx file; needed")
        .argParser(text("--model")).helpGroup(group),
    )
    .addOption(
      new Option(
        "--policy <name>",
        "next, latest, every:N or adaptive; files: next, live sources: latest",
      )
        .argParser((text: string) => formatPolicy(parsePolicy(text.trim()))).helpGroup(group),
    )
    .addOption(
      new Option("--max-frames <n>", "stop after this many frames")
        .argParser(number("--max-frames", FRAMES)).helpGroup(group),
    )
    .addOption(
      new Option("--duration <seconds>", "stop after this time")
        .argParser(number("--duration", SECONDS)).helpGroup(group),
    )
    .addOption(makeDegradeOption().helpGroup(group));
}

function addDetectionOptions(command: Command): void {
  const group = "Detections:";
  command
    .addOption(
      new Option("--conf <score>", "lowest score to report, 0 to 1")
        .argParser(number("--conf", SHARE)).default(0.25).helpGroup(group),
    )
    .addOption(
      new Option("--iou <share>", "overlap above which the weaker box is dropped, 0 to 1")
        .argParser(number("--iou", SHARE)).default(0.45).helpGroup(group),
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
    );
}

function addEngineOptions(command: Command): void {
  const group = "Engine:";
  command
    .addOption(
      new Option("--engine <name>", "what runs the model: onnxruntime-node")
        .argParser(choice("--engine", ["onnxruntime-node"])).default("onnxruntime-node")
        .helpGroup(group),
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

function addOutputOptions(command: Command): void {
  const group = "Output:";
  command
    .addOption(
      new Option("--save <file>", "write what is seen: video or pictures; may be repeated")
        .argParser(append("--save")).default([], "nothing").helpGroup(group),
    )
    .addOption(
      new Option("--stats <file>", "write rates and times of the run as JSON, at its end")
        .argParser(text("--stats")).helpGroup(group),
    )
    .addOption(
      new Option("--json", "print one result a line as JSON on standard output, nothing else")
        .helpGroup(group),
    );
}

function number(flag: string, range: NumberRange): (value: string) => number {
  return (value) => parseNumber(flag, value, range);
}

function text(flag: string): (value: string) => string {
  return (value) => parseText(flag, value);
}

function list(flag: string): (value: string) => string[] {
  return (value) => parseSet(flag, value);
}

function choice<const Choice extends string>(
  flag: string,
  choices: readonly Choice[],
): (value: string) => Choice {
  return (value) => parseChoice(flag, value, choices);
}

function append(flag: string): (value: string, before: readonly string[]) => string[] {
  return (value, before) => [...before, parseText(flag, value)];
}
