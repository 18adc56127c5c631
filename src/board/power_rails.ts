import type { SystemFiles } from "../native/system_files.ts";

/** Power that a part of the board draws now. */
export interface PowerRail {
  /** Name of the rail as the board calls it, for example `VDD_IN`. */
  readonly name: string;
  /** Power in mW. */
  readonly milliwatts: number;
}

/** A rail as it was read; `null` where the sensor gave nothing. */
export interface RailReading {
  /** Name of the rail. */
  readonly name: string;
  /** Power in mW. */
  readonly milliwatts: number | null;
}

/** Where a rail's sensor lies; current and voltage, or the power itself. */
export interface RailSensor {
  /** Name of the rail. */
  readonly name: string;
  /** File of the power in mW; `null` where it has to be computed. */
  readonly powerPath: string | null;
  /** File of the voltage in mV. */
  readonly voltagePath: string;
  /** File of the current in mA. */
  readonly currentPath: string;
}

/** Rails that everything else hangs on. */
const INPUTS: ReadonlySet<string> = new Set(["POM_5V_IN", "VDD_IN", "VIN"]);
/** Drivers of the INA3221: as a hardware monitor since JetPack 5, as an industrial sensor before. */
const HWMON_DRIVER = "/sys/bus/i2c/drivers/ina3221";
const IIO_DRIVER = "/sys/bus/i2c/drivers/ina3221x";
const CHANNELS = [1, 2, 3];

/** Finds the power sensors of a board; none on machines without an INA3221. */
export function findRailSensors(files: SystemFiles): RailSensor[] {
  return [...findHwmonRails(files), ...findIioRails(files)];
}

/** Reads each sensor. */
export function readSensors(files: SystemFiles, sensors: readonly RailSensor[]): RailReading[] {
  return sensors.map(({ name, powerPath, voltagePath, currentPath }) => {
    if (powerPath !== null) return { name, milliwatts: files.readNumber(powerPath) };
    const [millivolts, milliamperes] = [voltagePath, currentPath]
      .map((path) => files.readNumber(path));
    const known = typeof millivolts === "number" && typeof milliamperes === "number";
    return { name, milliwatts: known ? Math.round(millivolts * milliamperes / 1000) : null };
  });
}

/**
 * Leaves out rails that nothing hangs on and that say nothing, and finds the power of the whole
 * board: the rail that everything hangs on, else the sum of all; `null` if that is incomplete.
 */
export function readRails(
  readings: readonly RailReading[],
): { rails: PowerRail[]; boardMilliwatts: number | null } {
  const connected = readings.filter(({ name }) => name !== "NC");
  const rails = connected.flatMap(({ name, milliwatts }) =>
    milliwatts === null ? [] : [{ name, milliwatts }]
  );
  const input = connected.find(({ name }) => INPUTS.has(name));
  if (input !== undefined) return { rails, boardMilliwatts: input.milliwatts };
  const isWhole = rails.length > 0 && rails.length === connected.length;
  const sum = rails.reduce((total, { milliwatts }) => total + milliwatts, 0);
  return { rails, boardMilliwatts: isWhole ? sum : null };
}

function findHwmonRails(files: SystemFiles): RailSensor[] {
  const monitors = files.list(HWMON_DRIVER).flatMap((device) => {
    const folder = `${HWMON_DRIVER}/${device}/hwmon`;
    return files.list(folder).map((name) => `${folder}/${name}`);
  });
  return monitors.flatMap((monitor) =>
    CHANNELS.flatMap((channel) => {
      const name = files.readText(`${monitor}/in${channel}_label`)?.trim() ?? "";
      if (name === "") return [];
      return [{
        name,
        powerPath: null,
        voltagePath: `${monitor}/in${channel}_input`,
        currentPath: `${monitor}/curr${channel}_input`,
      }];
    })
  );
}

function findIioRails(files: SystemFiles): RailSensor[] {
  const devices = files.list(IIO_DRIVER).flatMap((device) =>
    files.list(`${IIO_DRIVER}/${device}`).filter((name) => name.startsWith("iio:device"))
      .map((name) => `${IIO_DRIVER}/${device}/${name}`)
  );
  return devices.flatMap((device) =>
    CHANNELS.flatMap((_, channel) => {
      const name = files.readText(`${device}/rail_name_${channel}`)?.trim() ?? "";
      if (name === "") return [];
      return [{
        name,
        powerPath: `${device}/in_power${channel}_input`,
        voltagePath: `${device}/in_voltage${channel}_input`,
        currentPath: `${device}/in_current${channel}_input`,
      }];
    })
  );
}
