import { type Command, Option } from "commander";
import { number, text } from "./option_parsers.ts";
import type { NumberRange } from "./parse_value.ts";

/** The flags of monitoring as the parser leaves them. */
export interface MonitorFlags {
  readonly monitor?: true;
  readonly warmup?: number;
  readonly alarmsPerDay?: number;
  readonly labels?: string;
  readonly teacher?: string;
  readonly teacherEvery: number;
  readonly calibrate?: string;
  readonly calibration?: string;
  readonly monitorState?: string;
  readonly events?: string;
  readonly report?: string;
  readonly hardExamples?: number;
}

const FRAMES: NumberRange = { min: 50, max: 100_000, whole: true };
const EVERY: NumberRange = { min: 1, max: 1_000_000, whole: true };
const EXAMPLES: NumberRange = { min: 0, max: 1000, whole: true };
const ALARMS: NumberRange = { min: 1e-6, max: 1000 };

/** Adds the flags of monitoring; `isImplied` where the command monitors anyway. */
export function addMonitorOptions(command: Command, isImplied: boolean): void {
  const group = "Monitor:";
  const add = (option: Option): void => void command.addOption(option.helpGroup(group));
  if (!isImplied) add(new Option("--monitor", "watch how well the detector is doing"));
  add(
    new Option("--warmup <frames>", "frames to learn from what is usual; by default 300")
      .argParser(number("--warmup", FRAMES)),
  );
  add(
    new Option("--alarms-per-day <n>", "false alarms that are bearable")
      .argParser(number("--alarms-per-day", ALARMS)),
  );
  add(
    new Option("--labels <file>", "COCO annotations by frame number, or truth of a made world")
      .argParser(text("--labels")),
  );
  add(new Option("--teacher <model>", "another detector to ask").argParser(text("--teacher")));
  add(
    new Option("--teacher-every <frames>", "how often it is asked")
      .argParser(number("--teacher-every", EVERY)).default(5),
  );
  add(
    new Option("--calibrate <file>", "write what is usual here, for later runs")
      .argParser(text("--calibrate")),
  );
  add(
    new Option("--calibration <file>", "what is usual here; there is no warm-up then")
      .argParser(text("--calibration")),
  );
  add(
    new Option("--monitor-state <file>", "keep signals, health and alarms over a restart")
      .argParser(text("--monitor-state")),
  );
  add(
    new Option("--events <file>", "write alarms and changes of health, one a line as JSON")
      .argParser(text("--events")),
  );
  add(
    new Option("--report <file>", "write losses, signals and alarms as one HTML page")
      .argParser(text("--report")),
  );
  add(
    new Option(
      "--hard-examples <n>",
      "hardest objects to keep, with pixels; 0 for none, 48 if not said",
    )
      .argParser(number("--hard-examples", EXAMPLES)),
  );
}
