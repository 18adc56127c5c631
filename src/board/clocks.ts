import type { SystemFiles } from "../native/system_files.ts";

/** A clock, in Hz; `null` where the system does not say. */
export interface ClockReading {
  /** What it runs at now. */
  readonly nowHz: number | null;
  /** The least it is allowed to. */
  readonly minHz: number | null;
  /** The most it is allowed to. */
  readonly maxHz: number | null;
}

/** The files of a clock and what one of their units is in Hz. */
export interface ClockFiles {
  /** What it runs at now. */
  readonly nowPath: string;
  /** The least it is allowed to. */
  readonly minPath: string;
  /** The most it is allowed to. */
  readonly maxPath: string;
  /** Hz of one unit. */
  readonly unitHz: number;
}

/** How the GPUs of Jetson boards are called in the device tree. */
const GPU_NODES: ReadonlySet<string> = new Set([
  "gpu",
  "gm20b",
  "gp10b",
  "gv11b",
  "ga10b",
  "gb10b",
]);
const GPU_FOLDER = /(^|\.)(gpu|gm20b|gp10b|gv11b|ga10b|gb10b)$|^gpu-gpc-0$/;
const DEVFREQ = "/sys/class/devfreq";
const CPUS = "/sys/devices/system/cpu";

/** Where the load of the GPU is told besides its clock, newest system first. */
const LOAD_PATHS: readonly string[] = [
  "/sys/devices/platform/bus@0/17000000.gpu/load",
  "/sys/devices/platform/17000000.gpu/load",
  "/sys/devices/platform/gpu.0/load",
  "/sys/devices/gpu.0/load",
];

/** Finds the file of the GPU's load in thousandths; `null` where the system has none. */
export function findGpuLoad(files: SystemFiles): string | null {
  const beside = gpuFolders(files).map((folder) => `${folder}/device/load`);
  return [...beside, ...LOAD_PATHS].find((path) => files.readNumber(path) !== null) ?? null;
}

/** Finds the clock of the GPU; `null` where there is none to be seen. */
export function findGpuClock(files: SystemFiles): ClockFiles | null {
  const folder = gpuFolders(files)[0];
  if (folder === undefined) return null;
  return {
    nowPath: `${folder}/cur_freq`,
    minPath: `${folder}/min_freq`,
    maxPath: `${folder}/max_freq`,
    unitHz: 1,
  };
}

/** Finds the clocks of the processor's cores, in the order of the cores. */
export function findCpuClocks(files: SystemFiles): ClockFiles[] {
  return files.list(CPUS)
    .flatMap((name) => /^cpu(\d+)$/.exec(name)?.[1] ?? [])
    .map(Number).sort((a, b) => a - b)
    .map((core) => `${CPUS}/cpu${core}/cpufreq`)
    .map((folder) => ({
      nowPath: `${folder}/scaling_cur_freq`,
      minPath: `${folder}/scaling_min_freq`,
      maxPath: `${folder}/scaling_max_freq`,
      unitHz: 1000,
    }));
}

/** Reads a clock. */
export function readClock(files: SystemFiles, clock: ClockFiles): ClockReading {
  const [nowHz, minHz, maxHz] = [clock.nowPath, clock.minPath, clock.maxPath].map((path) => {
    const value = files.readNumber(path);
    return value === null ? null : value * clock.unitHz;
  });
  return { nowHz: nowHz!, minHz: minHz!, maxHz: maxHz! };
}

/** Whether a clock is held at one value, as `jetson_clocks` does; `null` where that is unknown. */
export function isLocked({ minHz, maxHz }: ClockReading): boolean | null {
  return minHz === null || maxHz === null ? null : minHz === maxHz;
}

function gpuFolders(files: SystemFiles): string[] {
  return files.list(DEVFREQ)
    .filter((name) => {
      // Device trees end their texts in a zero.
      const node = files.readText(`${DEVFREQ}/${name}/device/of_node/name`)?.replace(/\0.*$/s, "");
      return GPU_NODES.has(node?.trim() ?? "") || GPU_FOLDER.test(name);
    })
    .map((name) => `${DEVFREQ}/${name}`);
}
