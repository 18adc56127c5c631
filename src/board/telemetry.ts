import { Nvml, type NvmlReading } from "../native/nvml.ts";
import { SystemFiles, type SystemFilesOptions } from "../native/system_files.ts";
import {
  type ClockFiles,
  type ClockReading,
  findCpuClocks,
  findGpuClock,
  findGpuLoad,
  readClock,
} from "./clocks.ts";
import { explainUnreadable } from "./machine_error.ts";
import { type MemoryReading, readMemory } from "./memory.ts";
import { type PowerMode, readPowerModes } from "./power_mode.ts";
import {
  findRailSensors,
  type PowerRail,
  type RailSensor,
  readRails,
  readSensors,
} from "./power_rails.ts";
import {
  findThermalZones,
  readThermalZones,
  type Temperature,
  type ThermalZone,
} from "./thermal_zones.ts";

/** How a machine is now. What it does not tell is `null` or left out, never 0. */
export interface TelemetrySample {
  /** Share of time the GPU was busy, 0 to 1. */
  readonly gpuLoad: number | null;
  /** The clock of the GPU. */
  readonly gpuClock: ClockReading;
  /** The clock of each core of the processor. */
  readonly cpuClocks: readonly ClockReading[];
  /** Temperatures of the parts that are powered now. */
  readonly temperatures: readonly Temperature[];
  /** Power that parts of the board draw. */
  readonly rails: readonly PowerRail[];
  /** Power of the whole board, in mW. */
  readonly boardMilliwatts: number | null;
  /** The power mode. */
  readonly powerMode: PowerMode | null;
  /** Memory and swap. */
  readonly memory: MemoryReading | null;
}

const NO_CLOCK: ClockReading = { nowHz: null, minHz: null, maxHz: null };

/**
 * Reads how a machine is: load, clocks, heat and power, without root and without any program. Made
 * for Jetson boards; other machines tell less.
 *
 * The sensors are looked for once. A sample reads a few small files, a hundred microseconds or so;
 * the system itself renews most of them some ten times a second.
 */
export class Telemetry implements Disposable {
  readonly #files: SystemFiles;
  readonly #nvml: Nvml | null;
  readonly #loadPath: string | null;
  readonly #gpuClock: ClockFiles | null;
  readonly #cpuClocks: readonly ClockFiles[];
  readonly #zones: readonly ThermalZone[];
  readonly #sensors: readonly RailSensor[];

  /** Looks for sensors; made by {@linkcode openTelemetry}. */
  constructor(files: SystemFiles, nvml: Nvml | null) {
    this.#files = files;
    this.#nvml = nvml;
    this.#loadPath = findGpuLoad(files);
    this.#gpuClock = findGpuClock(files);
    this.#cpuClocks = findCpuClocks(files);
    this.#zones = findThermalZones(files);
    this.#sensors = findRailSensors(files);
  }

  /** Reads everything once. */
  sample(): TelemetrySample {
    const files = this.#files;
    const nvml = this.#nvml?.read() ?? null;
    const readings = readSensors(files, this.#sensors);
    return {
      gpuLoad: this.#readLoad() ?? nvml?.load ?? null,
      gpuClock: this.#readGpuClock(nvml),
      cpuClocks: this.#cpuClocks.map((clock) => readClock(files, clock)),
      temperatures: withGpu(readThermalZones(files, this.#zones), nvml),
      ...readRails(readings),
      powerMode: readPowerModes(files)?.current ?? null,
      memory: readMemory(files),
    };
  }

  /** Closes what was opened. */
  [Symbol.dispose](): void {
    this.#nvml?.[Symbol.dispose]();
    this.#files[Symbol.dispose]();
  }

  #readLoad(): number | null {
    const permille = this.#loadPath === null ? null : this.#files.readNumber(this.#loadPath);
    return permille === null ? null : Math.min(1, permille / 1000);
  }

  #readGpuClock(nvml: NvmlReading | null): ClockReading {
    const { nowHz, minHz, maxHz } = this.#gpuClock === null
      ? NO_CLOCK
      : readClock(this.#files, this.#gpuClock);
    return {
      nowHz: nowHz ?? nvml?.clockHz ?? null,
      minHz,
      maxHz: maxHz ?? nvml?.clockMaxHz ?? null,
    };
  }
}

/** Where {@linkcode openTelemetry} looks. */
export interface TelemetryOptions extends SystemFilesOptions {
  /**
   * Places of NVIDIA's management library, which tells what the files of the system do not on Thor
   * and on machines with a graphics card; the usual ones by default, none with a `root`.
   */
  readonly nvmlPlaces?: readonly string[];
}

/**
 * Looks for the sensors of this machine; dispose the result.
 *
 * @throws {FoveaError} `TELEMETRY_UNAVAILABLE` without permission for native code, or on another
 * system than Linux.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { openTelemetry } from "@fovea/fovea/board";
 *
 * using telemetry = openTelemetry();
 * const { gpuLoad, temperatures } = telemetry.sample();
 * assert(gpuLoad === null || gpuLoad <= 1);
 * assert(temperatures.every(({ celsius }) => celsius > -200));
 * ```
 */
export function openTelemetry(options: TelemetryOptions = {}): Telemetry {
  const { root, nvmlPlaces } = options;
  try {
    const files = new SystemFiles(options);
    const places = nvmlPlaces ?? (root === undefined ? undefined : []);
    return new Telemetry(files, Nvml.open(places));
  } catch (error) {
    throw explainUnreadable(error, "read how this machine is");
  }
}

/** Adds the GPU's own temperature where no zone is the GPU's. */
function withGpu(zones: readonly Temperature[], nvml: NvmlReading | null): Temperature[] {
  const celsius = nvml?.celsius ?? null;
  const known = celsius === null || zones.some(({ name }) => /gpu/i.test(name));
  return known ? [...zones] : [...zones, { name: "gpu", celsius }];
}
