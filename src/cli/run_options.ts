import { type Command, Option } from "commander";
import { CAMERA_BACKENDS, type CameraBackend } from "../camera/camera_options.ts";
import { formatPolicy, parsePolicy } from "../core/frame_policy.ts";
import type { Degradation } from "../degrade/degradation.ts";
import { makeDegradeOption } from "./degrade_option.ts";
import { addDetectorOptions, type DetectorFlags, modelOption } from "./detector_flags.ts";
import { addMonitorOptions, type MonitorFlags } from "./monitor_flags.ts";
import { append, choice, number, text } from "./option_parsers.ts";
import type { NumberRange } from "./parse_value.ts";

/** The flags of `fovea run` as the parser leaves them, defaults filled in. */
export interface RunFlags extends DetectorFlags, MonitorFlags {
  readonly policy?: string;
  readonly cameraBackend?: CameraBackend;
  readonly maxFrames?: number;
  readonly duration?: number;
  readonly degrade: readonly Degradation[];
  readonly track: boolean;
  readonly save: readonly string[];
  readonly refine: RefineMode;
  readonly live?: true;
  readonly json?: true;
  readonly stats?: string;
}

/** Whether a running detector is refined. */
export const REFINE_MODES = ["off", "propose", "auto"] as const;

/** One of them. */
export type RefineMode = typeof REFINE_MODES[number];

const FRAMES: NumberRange = { min: 1, max: Number.MAX_SAFE_INTEGER, whole: true };
/** A hundred years; a longer run is a typing error. */
const SECONDS: NumberRange = { min: 0.001, max: 3_155_760_000 };

/** Adds the flags of `fovea run`, or of `fovea monitor`, to its command. */
export function addRunOptions(command: Command, isMonitor = false): void {
  addSourceOptions(command);
  addDetectorOptions(command, { conf: null, iou: 0.45, labels: "by default best" });
  command.addOption(
    new Option("--no-track", "do not follow objects from frame to frame").helpGroup("Tracks:"),
  );
  addMonitorOptions(command, isMonitor);
  command.addOption(
    new Option(
      "--refine <mode>",
      "while the monitor says it does badly, learn from --labels: off, propose or auto",
    )
      .argParser(choice("--refine", REFINE_MODES)).default("off").helpGroup("Refining:"),
  );
  addOutputOptions(command);
}

function addSourceOptions(command: Command): void {
  const group = "Source:";
  command
    .addOption(modelOption("; without it the shipped one, for synthetic:street").helpGroup(group))
    .addOption(
      new Option(
        "--policy <name>",
        "next, latest, every:N or adaptive; files: next, live sources: latest",
      )
        .argParser((text: string) => formatPolicy(parsePolicy(text.trim()))).helpGroup(group),
    )
    .addOption(
      new Option("--camera-backend <name>", "what opens rtsp: and v4l2: cameras; by default ffmpeg")
        .argParser(choice("--camera-backend", CAMERA_BACKENDS)).helpGroup(group),
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
      new Option("--live", "show a table of what is seen and how fast, in place of every frame")
        .helpGroup(group),
    )
    .addOption(
      new Option("--json", "print one result a line as JSON on standard output, nothing else")
        .helpGroup(group),
    );
}
