import type { Command } from "commander";
import { checkDefaultEngine, checkLibOnnxRuntime } from "./check_engine.ts";
import { listFlags } from "./check_flags.ts";
import { readDriverVariable } from "./check_gpu.ts";
import { gstreamerRunner } from "./check_gstreamer.ts";
import { checkKernels } from "./check_kernels.ts";
import { checkOnnxRuntime, checkVideoLibrary, listCameras } from "./check_libraries.ts";
import { checkCpu, checkMemory, checkSimd, checkTemporaryFolder } from "./check_machine.ts";
import { checkDeno, checkPermissions, checkPlatform, queryPermissions } from "./check_runtime.ts";
import { examineBoard } from "./examine_board.ts";
import type { FindingStatus, MachineFinding } from "./doctor_finding.ts";
import { EXIT_CODE } from "./exit_code.ts";
import type { CommandHost } from "./program.ts";
import { VERSION } from "./version.ts";

/** Everything `doctor` tells. */
export interface DoctorReport {
  /** Version of fovea. */
  readonly fovea: string;
  /** Whether everything is there that `fovea run` needs. */
  readonly ready: boolean;
  /** One entry for each thing that was looked at. */
  readonly findings: readonly MachineFinding[];
}

/** Adds `fovea doctor` to the program. */
export function addDoctorCommand(program: Command, host: CommandHost): void {
  program.command("doctor")
    .summary("tell what this machine has, what is missing and what to do")
    .description(
      "Tells what this machine has, what is missing and what to do about it. " +
        "Ends with code 1 if something is missing that `fovea run` needs.",
    )
    .option(
      "--json",
      "print one JSON object: {fovea, ready, findings: [{check, status, …}]}",
      false,
    )
    .action(async ({ json }: { json: boolean }) => {
      const report = makeReport(await examineMachine());
      const text = json === true ? `${JSON.stringify(report, null, 2)}\n` : formatReport(report);
      await host.terminal.writeOut(text);
      if (!report.ready) host.finish(EXIT_CODE.failed);
    });
}

/** Looks at everything, without ever prompting for a permission. */
export async function examineMachine(): Promise<MachineFinding[]> {
  const granted = await queryPermissions();
  const mayLoad = (name: string): boolean => granted.get(name) === true || !canPrompt();
  return [
    checkDeno(Deno.version),
    checkPlatform(Deno.build),
    ...checkPermissions(granted),
    listFlags(),
    checkCpu(),
    checkSimd(granted.get("ffi") === true),
    checkMemory(),
    await checkTemporaryFolder(),
    await checkOnnxRuntime(mayLoad("ffi")),
    ...checkLibOnnxRuntime(granted.get("ffi") === true),
    await checkDefaultEngine(),
    await checkVideoLibrary(mayLoad("ffi") && mayLoad("env")),
    await listCameras(mayLoad("ffi") && mayLoad("env")),
    await checkKernels(),
    ...await examineBoard({
      mayLoad: granted.get("ffi") === true,
      driver: readDriverVariable(granted.get("env") === true),
      run: await gstreamerRunner(),
      modulesFolder: modulesFolder(),
    }),
  ];
}

/** The folder `node_modules` that fovea's own packages come from. */
function modulesFolder(): URL | null {
  const found = /^.*?\/node_modules\//.exec(import.meta.resolve("commander"))?.[0];
  return found === undefined ? null : new URL(found);
}

/** Sums findings up. */
export function makeReport(findings: readonly MachineFinding[]): DoctorReport {
  const ready = findings.every(({ needed, status }) => !needed || status !== "missing");
  return { fovea: VERSION, ready, findings };
}

/** The report for people. */
export function formatReport(report: DoctorReport): string {
  const width = Math.max(...report.findings.map(({ check }) => check.length));
  const lines = [`fovea ${report.fovea}`, ""];
  for (const { check, status, found, todo } of report.findings) {
    lines.push(`${labelOf(status)}  ${check.padEnd(width)}  ${found}`);
    if (todo !== null) lines.push(`${" ".repeat(width + 11)}-> ${todo}`);
  }
  lines.push("", report.ready ? "Ready to run." : "Not ready: see what is missing above.");
  return `${lines.join("\n")}\n`;
}

function labelOf(status: FindingStatus): string {
  return status.padEnd(7);
}

/** Whether Deno would ask a person for a permission instead of refusing it. */
function canPrompt(): boolean {
  return Deno.stdin.isTerminal() && Deno.stderr.isTerminal();
}
