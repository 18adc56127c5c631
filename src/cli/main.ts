import { endProcess } from "../native/end_process.ts";
import { countBusyWorkersLeft } from "../pipeline/worker_channel.ts";
import { EXIT_CODE } from "./exit_code.ts";
import { runCli } from "./run_cli.ts";
import { systemTerminal } from "./terminal.ts";

if (import.meta.main) {
  const exitCode = await runCli(Deno.args, systemTerminal());
  const isEnded = exitCode === EXIT_CODE.interrupted || exitCode === EXIT_CODE.terminated;
  // A worker may still be inside a native library, where an orderly exit would pull it down.
  if (isEnded || countBusyWorkersLeft() > 0) endProcess(exitCode);
  Deno.exit(exitCode);
}
