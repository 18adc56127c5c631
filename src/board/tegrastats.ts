import { type PowerRail, type RailReading, readRails } from "./power_rails.ts";

/** One line of `tegrastats`. What a line does not say is `null`, never 0. */
export interface TegrastatsLine {
  /** When it was printed, as it stands in the line (`MM-DD-YYYY HH:MM:SS`). */
  readonly time: string | null;
  /** Memory in use, in MiB. */
  readonly ramUsedMiB: number;
  /** Memory in all, in MiB. */
  readonly ramTotalMiB: number;
  /** Swap in use and in all, in MiB. */
  readonly swap: { readonly usedMiB: number; readonly totalMiB: number } | null;
  /** Each core of the processor; `null` for one that is switched off. */
  readonly cpus: readonly (CoreLoad | null)[];
  /** Share of time the GPU was busy, 0 to 1. */
  readonly gpuLoad: number | null;
  /** Clocks of the GPU, in MHz: one for each cluster. */
  readonly gpuClocksMHz: readonly number[];
  /** Share of the memory's bandwidth in use, 0 to 1. */
  readonly emcLoad: number | null;
  /** Clock of the memory, in MHz. */
  readonly emcClockMHz: number | null;
  /** Clocks of the other engines, in MHz, by name; `null` for one that is off. */
  readonly engineClocksMHz: Readonly<Record<string, number | null>>;
  /** Temperatures of parts that are powered, in °C, by name. */
  readonly temperatures: readonly { readonly name: string; readonly celsius: number }[];
  /** Power drawn now. */
  readonly rails: readonly PowerRail[];
  /** Power of the whole board now, in mW. */
  readonly boardMilliwatts: number | null;
}

/** A core of the processor. */
export interface CoreLoad {
  /** Share of time it was busy, 0 to 1. */
  readonly load: number;
  /** Its clock, in MHz; `null` where the line does not say. */
  readonly clockMHz: number | null;
}

const ENGINE =
  /(?<= |^)((?:NVENC|NVDEC|NVJPG|NVDLA|DLA|PVA|MSENC|VIC|OFA|APE|SE)\d*)(?:_FREQ)? (?:(off)|(?:\d+%)?@?(\d+))(?= |$)/g;
const TEMPERATURE = /(?<= |^)([\w.-]+)@(-?\d+(?:\.\d+)?)(?:C?\/-?\d+(?:\.\d+)?)?C(?= |$)/g;
const RAIL = /(?<= |^)([A-Za-z]\w*) (\d+)(?:mW)?\/\d+(?:mW)?(?:\/\d+(?:mW)?)?(?= |$)/g;
/** What a sensor without power says; nothing on Earth is that cold. */
const OFF_CELSIUS = -200;

/**
 * Reads one line of NVIDIA's `tegrastats`, of JetPack 4 to 7, printed by root or by anybody.
 * `null` if it is no such line.
 *
 * On some boards a line tells the clock of the GPU and not its load; then `gpuLoad` is `null`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseTegrastats } from "@fovea/fovea/board";
 *
 * const line = parseTegrastats(
 *   "RAM 3452/7620MB (lfb 25x4MB) CPU [1%@1420,off] GR3D_FREQ 37% gpu@49.5C VDD_IN 4824mW/4700mW",
 * );
 * assertEquals([line?.gpuLoad, line?.boardMilliwatts], [0.37, 4824]);
 * assertEquals(parseTegrastats("hello"), null);
 * ```
 */
export function parseTegrastats(line: string): TegrastatsLine | null {
  const ram = /(?<= |^)RAM (\d+)\/(\d+)MB/.exec(line);
  if (ram === null) return null;
  const swap = /(?<= |^)SWAP (\d+)\/(\d+)MB/.exec(line);
  const emc = /(?<= |^)EMC_FREQ (?:(\d+)%)?(?:@(\d+))?/.exec(line);
  const gpu = /(?<= |^)GR3D_FREQ (?:(\d+)%)?(?:@(?:\[([\d,]+)\]|(\d+)))?/.exec(line);
  const { rails, boardMilliwatts } = readRails(listRails(line));
  return {
    time: /^\d\d-\d\d-\d{4} \d\d:\d\d:\d\d/.exec(line)?.[0] ?? null,
    ramUsedMiB: Number(ram[1]),
    ramTotalMiB: Number(ram[2]),
    swap: swap === null ? null : { usedMiB: Number(swap[1]), totalMiB: Number(swap[2]) },
    cpus: readCpus(line),
    gpuLoad: shareOf(gpu?.[1]),
    gpuClocksMHz: (gpu?.[2] ?? gpu?.[3] ?? "").split(",").filter((clock) => clock !== "")
      .map(Number),
    emcLoad: shareOf(emc?.[1]),
    emcClockMHz: emc?.[2] === undefined ? null : Number(emc[2]),
    engineClocksMHz: Object.fromEntries(
      [...line.matchAll(ENGINE)].map(([, name, off, clock]) => [
        name!,
        off === undefined ? Number(clock) : null,
      ]),
    ),
    temperatures: readTemperatures(line),
    rails,
    boardMilliwatts,
  };
}

function readCpus(line: string): (CoreLoad | null)[] {
  // One clock may stand for all cores, behind the bracket.
  const [, cores, common] = /(?<= |^)CPU \[([^\]]*)\](?:@(\d+))?/.exec(line) ?? [];
  if (cores === undefined || cores === "") return [];
  return cores.split(",").map((core) => {
    const [, load, clock = common] = /^(\d+)%(?:@(\d+))?$/.exec(core.trim()) ?? [];
    if (load === undefined) return null;
    return { load: Number(load) / 100, clockMHz: clock === undefined ? null : Number(clock) };
  });
}

function readTemperatures(line: string): { name: string; celsius: number }[] {
  return [...line.matchAll(TEMPERATURE)]
    .map(([, name, celsius]) => ({ name: name!, celsius: Number(celsius) }))
    // The power controller says 50 or 100 whatever its temperature is.
    .filter(({ name, celsius }) => celsius > OFF_CELSIUS && !name.startsWith("PMIC"));
}

function listRails(line: string): RailReading[] {
  return [...line.matchAll(RAIL)].map(([, name, now]) => ({
    name: name!,
    milliwatts: Number(now),
  }));
}

function shareOf(percent: string | undefined): number | null {
  return percent === undefined ? null : Number(percent) / 100;
}
