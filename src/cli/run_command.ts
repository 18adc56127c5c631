import type { Command } from "commander";
import { parseText } from "./parse_value.ts";
import type { CommandHost } from "./program.ts";
import { addRunOptions, type RunFlags } from "./run_options.ts";
import { readSettings } from "./run_settings.ts";

/** Adds `fovea run` to the program. */
export function addRunCommand(program: Command, host: CommandHost): void {
  const command = program.command("run")
    .summary("stream a camera through a detector")
    .description("Streams a camera through a detector and tells what is seen in every frame.")
    .usage("<uri> [--model <file>] [options]")
    .argument(
      "<uri>",
      "a video, an image, or rtsp:, http(s):, v4l2:, images:, synthetic: and where",
    )
    .action(async (uri: string, flags: RunFlags) => {
      const settings = await readSettings(parseText("<uri>", uri), flags);
      // Imported late, so that help and wrong usage answer at once.
      const { runLoop } = await import("./run_loop.ts");
      host.finish(await runLoop(settings, host.terminal));
    });
  addRunOptions(command);
  command.addHelpText(
    "after",
    `
Examples:
  deno task fovea run clip.mp4 --model yolo.onnx
  deno task fovea run rtsp://user:password@camera/stream -m yolo.onnx --classes car,bus
  deno task fovea run "v4l2:/dev/video0?size=1280x720" -m yolo.onnx --save seen.mp4
  deno task fovea run clip.mp4 -m yolo.onnx --workers 2 --stats stats.json --json > seen.ndjson
  deno task fovea run clip.mp4 -m yolo.onnx --degrade fog:3@150 --save foggy.mp4

Results go to standard output, everything else to standard error. Ctrl-C finishes all outputs.`,
  );
}
