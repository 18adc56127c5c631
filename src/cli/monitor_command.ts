import type { Command } from "commander";
import { parseText } from "./parse_value.ts";
import type { CommandHost } from "./program.ts";
import { addRunOptions, type RunFlags } from "./run_options.ts";
import { readSettings } from "./run_settings.ts";

/** Adds `fovea monitor` to the program. */
export function addMonitorCommand(program: Command, host: CommandHost): void {
  const command = program.command("monitor")
    .summary("watch how well a detector is doing, and report")
    .description(
      "Streams a camera through a detector and reports at the end how well it did and whether " +
        "something changed. Exit code 3 means that an alarm was raised.",
    )
    .usage("<uri> [--model <file>] [options]")
    .argument(
      "<uri>",
      "a video, an image, or rtsp:, http(s):, v4l2:, images:, synthetic: and where",
    )
    .action(async (uri: string, flags: RunFlags) => {
      const settings = await readSettings(parseText("<uri>", uri), flags, true);
      const { runLoop } = await import("./run_loop.ts");
      host.finish(await runLoop(settings, host.terminal));
    });
  addRunOptions(command, true);
  command.addHelpText(
    "after",
    `
Examples:
  deno task fovea monitor "synthetic:street?frames=600&weather=night:3@400" --labels truth
  deno task fovea monitor clip.mp4 -m yolo.onnx --report out/monitor.html
  deno task fovea monitor clean.mp4 -m yolo.onnx --calibrate out/usual.json
  deno task fovea monitor today.mp4 -m yolo.onnx --calibration out/usual.json || page-someone
  deno task fovea monitor clip.mp4 -m yolo.onnx --labels labels.json --json

docs/monitoring.md tells what each figure means and what it cannot see.`,
  );
}
