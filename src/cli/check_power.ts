import { type ClockReading, isLocked } from "../board/clocks.ts";
import type { MemoryReading } from "../board/memory.ts";
import { fastestMode, type PowerModes } from "../board/power_mode.ts";
import type { TelemetrySample } from "../board/telemetry.ts";
import type { Temperature } from "../board/thermal_zones.ts";
import { type MachineFinding, optionalFinding } from "./doctor_finding.ts";

/** From here on a Jetson is near the point where it slows itself down, in °C. */
const HOT_CELSIUS = 85;
/** Boards with less memory than this need swap to build TensorRT engines. */
const MEMORY_SMALL_BYTES = 9 * 2 ** 30;

/** Tells how a Jetson is set up and how it is: power mode, clocks, load, heat, power, swap. */
export function describePower(
  sample: TelemetrySample,
  modes: PowerModes | null,
): MachineFinding[] {
  return [
    describeMode(modes),
    describeClocks(sample.gpuClock),
    describeLoad(sample.gpuLoad),
    describeHeat(sample.temperatures),
    describeRails(sample),
    describeSwap(sample.memory),
  ];
}

function describeMode(modes: PowerModes | null): MachineFinding {
  const check = "power mode";
  if (modes === null) {
    return optionalFinding(
      check,
      "unknown",
      "the board does not say",
      "Ask it with: sudo nvpmodel -q",
    );
  }
  const { current, all } = modes;
  const found = `${current.name ?? "unnamed"} (${current.id})`;
  const fastest = fastestMode(all);
  if (fastest === null || fastest.id === current.id) return optionalFinding(check, "ok", found);
  return optionalFinding(
    check,
    "warn",
    `${found}; the fastest is ${fastest.name} (${fastest.id})`,
    `For more speed, where power and cooling allow it: sudo nvpmodel -m ${fastest.id}`,
  );
}

function describeClocks(clock: ClockReading): MachineFinding {
  const check = "clocks";
  const locked = isLocked(clock);
  if (locked === null) return optionalFinding(check, "unknown", "the GPU's cannot be seen");
  const now = clock.nowHz === null ? "" : `, now ${megahertz(clock.nowHz)}`;
  if (locked) return optionalFinding(check, "ok", `GPU held at ${megahertz(clock.maxHz!)} MHz`);
  return optionalFinding(
    check,
    "ok",
    `GPU ${megahertz(clock.minHz!)} to ${megahertz(clock.maxHz!)}${now} MHz, as its load demands`,
    "For steady times, such as in benches, hold it at the highest: sudo jetson_clocks",
  );
}

function describeLoad(load: number | null): MachineFinding {
  return load === null
    ? optionalFinding("gpu load", "unknown", "the board does not say")
    : optionalFinding("gpu load", "ok", `${Math.round(100 * load)} %`);
}

function describeHeat(temperatures: readonly Temperature[]): MachineFinding {
  const check = "temperature";
  const hottest = temperatures.toSorted((a, b) => b.celsius - a.celsius)[0];
  if (hottest === undefined) return optionalFinding(check, "unknown", "no sensor says anything");
  const found = `${hottest.celsius.toFixed(1)} °C at ${hottest.name}, the warmest of ` +
    `${temperatures.length}`;
  return hottest.celsius < HOT_CELSIUS ? optionalFinding(check, "ok", found) : optionalFinding(
    check,
    "warn",
    `${found}; the board slows down soon`,
    "Cool it better, or choose a power mode with fewer watts",
  );
}

function describeRails({ rails, boardMilliwatts }: TelemetrySample): MachineFinding {
  const check = "power";
  if (rails.length === 0) {
    return optionalFinding(
      check,
      "unknown",
      "no sensor can be read",
      "Run: sudo chmod +r /sys/bus/i2c/drivers/ina3221/*/hwmon/hwmon*/*_input",
    );
  }
  const parts = rails.map(({ name, milliwatts }) => `${name} ${watts(milliwatts)}`).join(", ");
  const total = boardMilliwatts === null ? "" : `${watts(boardMilliwatts)} W in all; `;
  return optionalFinding(check, "ok", `${total}${parts}`);
}

function describeSwap(memory: MemoryReading | null): MachineFinding {
  const check = "swap";
  if (memory === null) return optionalFinding(check, "unknown", "the system does not say");
  const { totalBytes, swapTotalBytes, swapFreeBytes } = memory;
  if (swapTotalBytes === 0 && totalBytes < MEMORY_SMALL_BYTES) {
    return optionalFinding(
      check,
      "warn",
      `none, with ${gibibytes(totalBytes)} GiB of memory`,
      "Add a swap file of 8 GB: building a TensorRT engine may need it",
    );
  }
  const used = gibibytes(swapTotalBytes - swapFreeBytes);
  return optionalFinding(check, "ok", `${used} of ${gibibytes(swapTotalBytes)} GiB in use`);
}

function megahertz(hz: number): string {
  return String(Math.round(hz / 1e6));
}

function watts(milliwatts: number): string {
  return (milliwatts / 1000).toFixed(1);
}

function gibibytes(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(1);
}
