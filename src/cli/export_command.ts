import { type Command, Option } from "commander";
import { FoveaError } from "../core/errors.ts";
import type { ExportReport } from "../pipeline/export_head.ts";
import { addConventionOptions, type ConventionFlags, readOverrides } from "./convention_options.ts";
import { checkConflicts } from "./file_conflicts.ts";
import { addHeadLayerOptions, type HeadLayerFlags, readHeadLayers } from "./head_layer_options.ts";
import { text } from "./option_parsers.ts";
import type { CommandHost } from "./program.ts";
import { chooseModel, tellShippedModel } from "./shipped_model.ts";
import type { Terminal } from "./terminal.ts";

/** The flags of `fovea export`. */
interface ExportFlags extends ConventionFlags, HeadLayerFlags {
  readonly model?: string;
  readonly head?: string;
  readonly out?: string;
  readonly json?: true;
}

/** Adds `fovea export` to the program. */
export function addExportCommand(program: Command, host: CommandHost): void {
  const command = program.command("export")
    .summary("write a refined head into a plain ONNX file")
    .description(
      "Writes a head into a copy of the model it was made from: a plain ONNX file that any runtime " +
        "loads, with the classes that were learnt. Before it is written, it is run beside the model " +
        "that is fed the same head.",
    )
    .usage("[--model <file>] --head <file> --out <file> [options]")
    .addOption(
      new Option(
        "-m, --model <file>",
        "the detector that the head was made from; without it the shipped one",
      )
        .argParser(text("--model")),
    )
    .addOption(
      new Option("--head <file>", "the head; needed")
        .argParser(text("--head")),
    )
    .addOption(
      new Option("--out <file>", "where to write the ONNX file; needed")
        .argParser(text("--out")),
    )
    .option("--json", "print one JSON object")
    .action((flags: ExportFlags) => runExport(flags, host.terminal));
  addHeadLayerOptions(command);
  addConventionOptions(command);
  command.addHelpText(
    "after",
    `
Example:
  deno task fovea export --model yolo.onnx --head night.head --out yolo-night.onnx`,
  );
}

async function runExport(flags: ExportFlags, terminal: Terminal): Promise<void> {
  const choice = chooseModel(flags.model);
  const model = choice.path;
  const headPath = needed(flags.head, "--head");
  const out = needed(flags.out, "--out");
  await checkConflicts({ reader: "export", model, read: [headPath, flags.names], written: [out] });
  await tellShippedModel(choice, null, flags.json === true, terminal);
  const overrides = await readOverrides(flags);
  // Imported late, so that help and wrong usage answer at once.
  const { exportHead } = await import("../pipeline/export_head.ts");
  const { readNamedHead } = await import("./head_choice.ts");
  const { weights: head, notes } = await readNamedHead(headPath);
  if (head === null) {
    throw new FoveaError("USAGE", `Cannot export: ${headPath} serves the head in the model file`, {
      hint: "Promote a version first, or write one with fovea heads export",
    });
  }
  if (flags.json !== true) { for (const note of notes) await terminal.writeErr(`${note}\n`); }
  const layers = readHeadLayers(flags);
  const report = await exportHead({ model, head, out, overrides, layers });
  await terminal.writeOut(
    flags.json === true ? `${JSON.stringify(report, null, 2)}\n` : formatReport(report),
  );
}

function needed(value: string | undefined, flag: string): string {
  if (value !== undefined) return value;
  throw new FoveaError("USAGE", `Cannot export: ${flag} is not given`, {
    hint: "Give --head and --out",
  });
}

/** The report for people. */
export function formatReport(report: ExportReport): string {
  const { out, bytes, sha256, head, classNames, newClasses, check } = report;
  const added = newClasses === 0 ? "" : `, ${newClasses} of them new`;
  const compared = check.identical
    ? "equals the model that is fed the head, bit for bit"
    : `differs from the model that is fed the head by ${
      check.largestDifference.toPrecision(2)
    } at most`;
  const kept = check.oldClassesIdentical === null
    ? []
    : [`  old classes ${check.oldClassesIdentical ? "keep every bit" : "differ in the last bits"}`];
  return [
    `${out}: ${(bytes / 1e6).toFixed(1)} MB, sha256 ${sha256}`,
    `  head version ${head.version}, ${classNames.length} classes${added}, sha256 ${head.sha256}`,
    `  ${compared}, on ${check.pictures} pictures of noise`,
    ...kept,
    "",
  ].join("\n");
}
