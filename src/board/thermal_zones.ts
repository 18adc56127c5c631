import type { SystemFiles } from "../native/system_files.ts";

/** How warm a part of the machine is. */
export interface Temperature {
  /** Name of the zone as the system calls it, for example `gpu-thermal`. */
  readonly name: string;
  /** Degrees Celsius. */
  readonly celsius: number;
}

/** A zone's name and the file of its temperature. */
export interface ThermalZone {
  /** Name of the zone. */
  readonly name: string;
  /** File of its temperature in thousandths of a degree. */
  readonly path: string;
}

const FOLDER = "/sys/devices/virtual/thermal";
/** What a sensor without power says; nothing on Earth is that cold. */
const OFF_CELSIUS = -200;

/** Finds the thermal zones of a machine. */
export function findThermalZones(files: SystemFiles): ThermalZone[] {
  return files.list(FOLDER).flatMap((folder) => {
    if (!folder.startsWith("thermal_zone")) return [];
    const name = files.readText(`${FOLDER}/${folder}/type`)?.trim() ?? "";
    // The power controller of older boards says 50 or 100 whatever its temperature is.
    if (name === "" || name.startsWith("PMIC")) return [];
    return [{ name, path: `${FOLDER}/${folder}/temp` }];
  });
}

/** Reads each zone; leaves out those that are not powered now. */
export function readThermalZones(
  files: SystemFiles,
  zones: readonly ThermalZone[],
): Temperature[] {
  return zones.flatMap(({ name, path }) => {
    const celsius = (files.readNumber(path) ?? NaN) / 1000;
    return celsius > OFF_CELSIUS ? [{ name, celsius }] : [];
  });
}
