import type { Command } from "commander";
import { addEvalOptions, type EvalFlags } from "./eval_options.ts";
import { readEvalSettings } from "./eval_settings.ts";
import type { CommandHost } from "./program.ts";

/** Adds `fovea eval` to the program. */
export function addEvalCommand(program: Command, host: CommandHost): void {
  const command = program.command("eval")
    .summary("measure a detector against annotations")
    .description(
      "Measures a detector, or what another program found, against annotations: COCO's metrics, " +
        "precision and recall, calibration, confusion.",
    )
    .usage(
      "--annotations <file> (--images <folder> | --video <file> | --detections <file>) [options]",
    )
    .action(async (flags: EvalFlags) => {
      const settings = await readEvalSettings(
        flags,
        (flag) => command.getOptionValueSource(flag) === "cli",
      );
      // Imported late, so that help and wrong usage answer at once.
      const { runEval } = await import("./eval_run.ts");
      host.finish(await runEval(settings, host.terminal));
    });
  addEvalOptions(command);
  command.addHelpText(
    "after",
    `
Examples:
  deno task fovea eval -m yolo.onnx --images val2017 --annotations instances_val2017.json
  deno task fovea eval -m yolo.onnx --video clip.mp4 --annotations clip.json --frames 180:360:4
  deno task fovea eval -m yolo.onnx --images val2017 --annotations val.json --degrade fog:3
  deno task fovea eval --video "synthetic:street?seed=7&frames=300&weather=night:3" --tracks
  deno task fovea eval --detections found.json --annotations truth.json --json
  deno task fovea eval -m yolo.onnx --images val2017 --annotations val.json --report out/eval.html

Figures go to standard output, everything else to standard error. Ended by Ctrl-C, it tells nothing
and writes nothing: a part of the pictures has other figures than all of them.`,
  );
}
