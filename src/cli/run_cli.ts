import { CommanderError } from "commander";
import { EXIT_CODE } from "./exit_code.ts";
import { buildProgram } from "./program.ts";
import { exitCodeOf, formatError, reportError } from "./report_error.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Runs one command line to its end and returns the exit code. It never throws: what goes wrong is
 * told on standard error, as one line of JSON where `--json` is among the arguments.
 */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<number> {
  let exitCode: number = EXIT_CODE.ok;
  const program = buildProgram({ terminal, finish: (code) => exitCode = code });
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    exitCode = error instanceof CommanderError && isHelp(error)
      ? error.exitCode === 0 ? EXIT_CODE.ok : EXIT_CODE.usage
      : await tellError(error, args.includes("--json"), terminal);
  }
  // Whatever was printed without waiting stands before these in line.
  await terminal.writeOut("").catch(() => undefined);
  await terminal.writeErr("");
  return exitCode;
}

function isHelp(error: CommanderError): boolean {
  return ["commander.help", "commander.helpDisplayed", "commander.version"].includes(error.code);
}

async function tellError(error: unknown, json: boolean, terminal: Terminal): Promise<number> {
  const reported = reportError(error);
  await terminal.writeErr(formatError(reported, json));
  return exitCodeOf(reported);
}
