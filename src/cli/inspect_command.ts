import type { Command } from "commander";
import { addConventionOptions, type ConventionFlags, readOverrides } from "./convention_options.ts";
import { addHeadLayerOptions, type HeadLayerFlags, readHeadLayers } from "./head_layer_options.ts";
import { parseText } from "./parse_value.ts";
import type { CommandHost } from "./program.ts";
import { chooseModel, tellShippedModel } from "./shipped_model.ts";
import type { Terminal } from "./terminal.ts";

/** The flags of `fovea inspect`. */
type InspectFlags = ConventionFlags & HeadLayerFlags & { readonly json?: true };

/** Adds `fovea inspect` to the program. */
export function addInspectCommand(program: Command, host: CommandHost): void {
  const command = program.command("inspect")
    .summary("tell how a model is fed and decoded, and why")
    .description(
      "Tells how a model is fed and decoded, what was found out about it, and what had to be " +
        "assumed, and which head can be refined. The model is run only if its file does not tell " +
        "the shapes of its outputs.",
    )
    .argument("[model]", "the detector, an .onnx file; without it the shipped one")
    .option("--json", "print one JSON object")
    .action((model: string | undefined, flags: InspectFlags) =>
      inspect(model, flags, host.terminal)
    );
  addHeadLayerOptions(command);
  addConventionOptions(command);
}

async function inspect(
  model: string | undefined,
  flags: InspectFlags,
  terminal: Terminal,
): Promise<void> {
  const choice = chooseModel(model === undefined ? undefined : parseText("<model>", model));
  await tellShippedModel(choice, null, flags.json === true, terminal);
  const overrides = await readOverrides(flags);
  // Imported late, so that help and wrong usage answer at once.
  const { formatFacts, formatFindings, inspectFile } = await import("./inspect_report.ts");
  const { formatHead } = await import("./head_report.ts");
  const layers = readHeadLayers(flags);
  const inspection = await inspectFile(choice.path, overrides);
  if (flags.json === true) {
    const resolved = await inspection.resolve();
    const head = inspection.reportHead(resolved, layers);
    const { findings, ...spec } = resolved;
    const report = { model: inspection.facts, detector: spec, findings, head };
    await terminal.writeOut(`${JSON.stringify(report, null, 2)}\n`);
    return;
  }
  // What the file is helps also where it turns out to be no detector.
  await terminal.writeOut(formatFacts(inspection.facts));
  const spec = await inspection.resolve();
  await terminal.writeOut(formatFindings(spec.findings));
  await terminal.writeOut(formatHead(inspection.reportHead(spec, layers)));
}
