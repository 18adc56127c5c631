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
  const json = args.includes("--json");
  let exitCode: number = EXIT_CODE.ok;
  let printed: Promise<void> = Promise.resolve();
  const program = buildProgram({
    terminal,
    print: (to, text) => {
      printed = printed.then(() =>
        to === "out" ? terminal.writeOut(text) : terminal.writeErr(text)
      );
    },
    finish: (code) => exitCode = code,
  });
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    exitCode = error instanceof CommanderError && isHelp(error)
      ? error.exitCode === 0 ? EXIT_CODE.ok : EXIT_CODE.usage
      : await tellError(error, json, terminal);
  }
  try {
    await printed;
  } catch (error) {
    exitCode = await tellError(error, json, terminal);
  }
  // Results that nobody waited for stand before this in line.
  await terminal.writeOut("").catch(() => undefined);
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
