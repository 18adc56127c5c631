import { runCli } from "../../src/cli/run_cli.ts";
import type { Terminal } from "../../src/cli/terminal.ts";

/** A terminal that remembers what is written. */
export class MemoryTerminal implements Terminal {
  readonly stdoutIsTerminal = false;
  readonly stderrIsTerminal: boolean;
  readonly columns: number;
  readonly rows = 24;
  readonly movesCursor = false;
  readonly colors = false;
  readonly closed = new AbortController().signal;
  out = "";
  err = "";

  constructor(columns = 100, stderrIsTerminal = false) {
    this.columns = columns;
    this.stderrIsTerminal = stderrIsTerminal;
  }

  writeOut(text: string): Promise<void> {
    this.out += text;
    return Promise.resolve();
  }

  writeErr(text: string): Promise<void> {
    this.err += text;
    return Promise.resolve();
  }
}

/** Runs a command line in this process, as the command itself does. */
export async function runInProcess(
  args: readonly string[],
  terminal = new MemoryTerminal(),
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const code = await runCli(args, terminal);
  return { code, stdout: terminal.out, stderr: terminal.err };
}
