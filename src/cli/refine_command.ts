import type { Command } from "commander";
import type { CommandHost } from "./program.ts";
import { addRefineOptions, type RefineFlags } from "./refine_options.ts";
import { readRefineSettings } from "./refine_settings.ts";

/** Adds `fovea refine` to the program. */
export function addRefineCommand(program: Command, host: CommandHost): void {
  const command = program.command("refine")
    .summary("teach a detector's head what labelled pictures show")
    .description(
      "Trains a detector's classification head on a few labelled pictures, proves on others whether " +
        "that is better, and keeps what was decided, with the figures.",
    )
    .usage("--annotations <file> (--images <folder> | --video <file>) [options]")
    .action(async (flags: RefineFlags) => {
      const settings = await readRefineSettings(flags);
      // Imported late, so that help and wrong usage answer at once.
      const { runRefine } = await import("./refine_run.ts");
      host.finish(await runRefine(settings, host.terminal));
    });
  addRefineOptions(command);
  command.addHelpText(
    "after",
    `
Examples:
  deno task fovea refine -m yolo.onnx --video cam.mp4 --annotations cam.json --frames 62,68,74,80,86 \\
    --replay-images coco --out heads/yard
  deno task fovea refine -m yolo.onnx --images night --annotations night.json --out heads/night
  deno task fovea refine -m yolo.onnx --images shelf --annotations labels --new-class crate --out heads/crate
  deno task fovea run rtsp://camera/stream -m yolo.onnx --head heads/yard

The latest of the labelled frames are not learnt from: the head is accepted if it is better on them,
and no worse on the others that are at hand. An accepted head is served by --head heads/yard.`,
  );
}
