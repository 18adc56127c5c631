import { Command } from "commander";
import { addDoctorCommand } from "./doctor_command.ts";
import { addEvalCommand } from "./eval_command.ts";
import { addExportCommand } from "./export_command.ts";
import { addHeadsCommand } from "./heads_command.ts";
import { addInspectCommand } from "./inspect_command.ts";
import { addLossCommand } from "./loss_command.ts";
import { addMonitorCommand } from "./monitor_command.ts";
import { addRefineCommand } from "./refine_command.ts";
import { addRunCommand } from "./run_command.ts";
import type { Terminal } from "./terminal.ts";
import { enterUserFolder } from "./user_folder.ts";
import { VERSION } from "./version.ts";
import { addWorldCommand } from "./world_command.ts";

/** What a command gets to work with. */
export interface CommandHost {
  /** Where it writes. */
  readonly terminal: Terminal;
  /** Prints without waiting; whoever parses waits and tells what failed. */
  print(to: "out" | "err", text: string): void;
  /** Says with which code the process is to end; 0 where a command says nothing. */
  finish(exitCode: number): void;
}

/**
 * Builds the command line with all commands. Parsing throws instead of ending the process, and
 * prints nothing about errors.
 */
export function buildProgram(host: CommandHost): Command {
  const { terminal } = host;
  const program = new Command("fovea")
    .description("Streams camera frames through an ONNX object detector on this machine.")
    .version(VERSION, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .exitOverride()
    .hook("preAction", enterUserFolder)
    .configureOutput({
      writeOut: (text) => host.print("out", text),
      writeErr: (text) => host.print("err", text),
      outputError: () => undefined,
      getOutHelpWidth: () => Math.min(100, terminal.columns),
      getErrHelpWidth: () => Math.min(100, terminal.columns),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .addHelpText(
      "after",
      `
Examples:
  deno task fovea run clip.mp4 --model detector.onnx
  deno task fovea eval --model detector.onnx --images val --annotations val.json
  deno task fovea inspect detector.onnx
  deno task fovea doctor
  deno task fovea world synthetic:street?frames=300 --annotations truth.json --save street.mp4

Exit codes: 0 fine, 1 failed, 2 wrong command line, 3 monitor raised an alarm, 130 Ctrl-C, 143 terminated.`,
    );
  addRunCommand(program, host);
  addMonitorCommand(program, host);
  addEvalCommand(program, host);
  addInspectCommand(program, host);
  addLossCommand(program, host);
  addRefineCommand(program, host);
  addHeadsCommand(program, host);
  addExportCommand(program, host);
  addDoctorCommand(program, host);
  addWorldCommand(program, host);
  return program;
}
