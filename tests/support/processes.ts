// Other processes of this machine, as the system tells them.
import { SystemFiles } from "../../src/native/system_files.ts";
import { systemClock } from "../../src/native/system_clock.ts";

/** One process. */
export interface FoundProcess {
  readonly pid: number;
  /** Its state in one letter; `Z` is a child that ended and that nobody asked about. */
  readonly state: string;
}

/** Processes whose command line holds `marker`, and ended ones of this process. */
export function findProcesses(marker: string): FoundProcess[] {
  using files = new SystemFiles();
  return files.list("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    const commandLine = files.readText(`/proc/${name}/cmdline`) ?? "";
    const [, state = "", parent = ""] = /^.*\) (\S) (\d+)/s
      .exec(files.readText(`/proc/${name}/stat`) ?? "") ?? [];
    const isOurs = commandLine.includes(marker) || state === "Z" && Number(parent) === Deno.pid;
    return isOurs ? [{ pid: Number(name), state }] : [];
  });
}

/** Resolves with the processes that hold `marker` once there are `count` of them. */
export async function waitForProcesses(marker: string, count: number): Promise<FoundProcess[]> {
  for (;;) {
    const found = findProcesses(marker);
    if (found.length === count) return found;
    await systemClock.wait(5);
  }
}

/** A word that stands in no other command line. */
export function makeMarker(): string {
  return `fovea-${crypto.randomUUID()}`;
}
