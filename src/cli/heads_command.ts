import { type Command, Option } from "commander";
import { FoveaError } from "../core/errors.ts";
import { number, text } from "./option_parsers.ts";
import { parseText } from "./parse_value.ts";
import type { CommandHost } from "./program.ts";

/** The flags of `fovea heads` as the parser leaves them. */
export interface HeadsFlags {
  readonly version?: number;
  readonly who?: string;
  readonly why?: string;
  readonly model?: string;
  readonly out?: string;
  readonly json?: true;
}

/** What can be done with a folder of heads. */
export const HEADS_ACTIONS = ["list", "show", "promote", "rollback", "export", "verify"] as const;

/** One of them. */
export type HeadsAction = typeof HEADS_ACTIONS[number];

const SUMMARIES: Readonly<Record<HeadsAction, string>> = {
  list: "every version with what was decided about it",
  show: "one version with its figures and evidence",
  promote: "serve a version from now on",
  rollback: "serve what was served before",
  export: "write a version into an ONNX file",
  verify: "check the ledger and every file",
};

/** Adds `fovea heads` and its commands to the program. */
export function addHeadsCommand(program: Command, host: CommandHost): void {
  const heads = program.command("heads")
    .summary("list, serve, take back and check refined heads")
    .description("Works with a folder of heads that fovea refine wrote.");
  for (const action of HEADS_ACTIONS) addAction(heads, action, host);
}

/** Actions that are about one version. */
const ONE_VERSION: readonly HeadsAction[] = ["show", "promote", "export"];

function addAction(heads: Command, action: HeadsAction, host: CommandHost): void {
  const command = heads.command(action)
    .summary(SUMMARIES[action])
    .description(`${SUMMARIES[action][0]!.toUpperCase()}${SUMMARIES[action].slice(1)}.`)
    .argument("<folder>", "the folder, for example heads/night");
  const run = async (folder: string, flags: HeadsFlags): Promise<void> => {
    checkNeeded(action, flags);
    // Imported late, so that help and wrong usage answer at once.
    const { runHeads } = await import("./heads_run.ts");
    host.finish(await runHeads(action, parseText("<folder>", folder), flags, host.terminal));
  };
  if (ONE_VERSION.includes(action)) {
    command
      .argument(
        action === "promote" ? "<version>" : "[version]",
        action === "promote" ? "its number" : "its number; without it the one that is served",
        number("<version>", { min: 1, max: Number.MAX_SAFE_INTEGER, whole: true }),
      )
      .action(async (folder: string, version: number | undefined, flags: HeadsFlags) => {
        await run(folder, { ...flags, ...(version === undefined ? {} : { version }) });
      });
  } else command.action(run);
  addOptions(command, action);
}

function addOptions(command: Command, action: HeadsAction): void {
  if (action === "promote" || action === "rollback") {
    command
      .addOption(new Option("--who <name>", "who decides; needed").argParser(text("--who")))
      .addOption(new Option("--why <text>", "why, for the ledger").argParser(text("--why")));
  }
  if (action === "export") {
    command
      .addOption(
        new Option("-m, --model <file>", "the model that the heads were made from; needed")
          .argParser(text("--model")),
      )
      .addOption(
        new Option("--out <file>", "where to write the ONNX file; needed")
          .argParser(text("--out")),
      );
  }
  command.option("--json", "print one JSON object");
}

function checkNeeded(action: HeadsAction, { who, model, out }: HeadsFlags): void {
  const missing = [
    ...((action === "promote" || action === "rollback") && who === undefined ? ["--who"] : []),
    ...(action === "export" && model === undefined ? ["--model"] : []),
    ...(action === "export" && out === undefined ? ["--out"] : []),
  ];
  if (missing.length === 0) return;
  throw new FoveaError("USAGE", `Cannot ${action}: ${missing.join(" and ")} is not given`);
}
