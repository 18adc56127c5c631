import { type Command, Option } from "commander";
import { FoveaError } from "../core/errors.ts";
import { checkConflicts } from "./file_conflicts.ts";
import { parseNumber, parseText } from "./parse_value.ts";
import type { CommandHost } from "./program.ts";
import { checkKind } from "./run_settings.ts";

/** The flags of `fovea world`. */
interface WorldFlags {
  readonly annotations?: string;
  readonly save: readonly string[];
  readonly maxFrames?: number;
  readonly boxes?: true;
  readonly json?: true;
}

/** Adds `fovea world` to the program. */
export function addWorldCommand(program: Command, host: CommandHost): void {
  program.command("world")
    .summary("draw a world and write down the truth about it")
    .description(
      "Draws the frames of a world and writes down what is in them, as COCO annotations: " +
        "image_id is the number of the frame, and objects that can hardly be seen have iscrowd 1.",
    )
    .usage("<uri> --annotations <file> [options]")
    .argument("<uri>", "synthetic:street, with what it is to be: ?seed=1&size=640x384&frames=300")
    .addOption(
      new Option("--annotations <file>", "write the truth as COCO JSON")
        .argParser((text: string) => parseText("--annotations", text)),
    )
    .addOption(
      new Option("--save <file>", "write the frames: clip.mp4, frames/%06d.png; may be repeated")
        .argParser((text: string, before: readonly string[]) => [
          ...before,
          parseText("--save", text),
        ]).default([], "nothing"),
    )
    .addOption(
      new Option("--max-frames <n>", "stop after this many frames")
        .argParser((text: string) =>
          parseNumber("--max-frames", text, { min: 1, max: 1_000_000, whole: true })
        ),
    )
    .option("--boxes", "draw the true boxes on the frames that are saved")
    .option("--json", "print what was written as one JSON object")
    .addHelpText(
      "after",
      `
Examples:
  deno task fovea world "synthetic:street?frames=300" --annotations truth.json --save clip.mp4
  deno task fovea world "synthetic:street?seed=7&weather=night:3" --max-frames 50 \\
    --annotations night.json --save frames/%06d.png`,
    )
    .action(async (uri: string, flags: WorldFlags) => {
      const { annotations = null, save, maxFrames = null } = flags;
      if (annotations === null && save.length === 0) {
        throw new FoveaError("USAGE", "Cannot draw a world for nothing: no output is named", {
          hint: "Add --annotations with a file for the truth, or --save with one for the frames",
        });
      }
      for (const path of save) checkKind(path);
      await checkConflicts({ reader: "run", uri, save, written: [annotations] });
      // Imported late, so that help and wrong usage answer at once.
      const { drawWorld } = await import("./draw_world.ts");
      const settings = {
        uri: parseText("<uri>", uri),
        annotations,
        save,
        maxFrames,
        boxes: flags.boxes === true,
        json: flags.json === true,
      };
      host.finish(await drawWorld(settings, host.terminal));
    });
}
