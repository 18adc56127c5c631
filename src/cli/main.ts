import { runCli } from "./run_cli.ts";
import { systemTerminal } from "./terminal.ts";

if (import.meta.main) {
  Deno.exit(await runCli(Deno.args, systemTerminal()));
}
