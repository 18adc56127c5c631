import type { SystemFiles } from "../native/system_files.ts";

/** A power mode of a Jetson, as `nvpmodel` has them. */
export interface PowerMode {
  /** Its number. */
  readonly id: number;
  /** Its name, for example `15W` or `MAXN`; `null` where only the number is known. */
  readonly name: string | null;
}

/** The power mode and what else could be chosen. */
export interface PowerModes {
  /** The mode now. */
  readonly current: PowerMode;
  /** All modes that the board knows; empty where it does not say. */
  readonly all: readonly PowerMode[];
}

const STATUS_PATH = "/var/lib/nvpmodel/status";
const CONFIG_PATH = "/etc/nvpmodel.conf";

/**
 * Reads what `nvpmodel -q` prints; `null` if it names no mode. Lines before it, such as warnings
 * or the mode of the fan, are passed over.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parsePowerMode } from "@fovea/fovea/board";
 *
 * const text = "NV Fan Mode:quiet\nNV Power Mode: 15W\n0\n";
 * assertEquals(parsePowerMode(text), { id: 0, name: "15W" });
 * ```
 */
export function parsePowerMode(text: string): PowerMode | null {
  const [, name, id] = /^NV Power Mode:\s*(\S+)\s*\n\s*(\d+)\s*$/m.exec(text) ?? [];
  return name === undefined ? null : { id: Number(id), name };
}

/**
 * Reads the power mode where `nvpmodel` keeps it, which takes neither the program nor root;
 * `null` where there is none.
 */
export function readPowerModes(files: SystemFiles): PowerModes | null {
  const id = /^pmode:0*(\d+)/m.exec(files.readText(STATUS_PATH) ?? "")?.[1];
  const all = [
    ...(files.readText(CONFIG_PATH) ?? "").matchAll(
      /^\s*<\s*POWER_MODEL\s+ID=(\d+)\s+NAME=(\S+)/gm,
    ),
  ].map(([, number, name]) => ({ id: Number(number), name: name! }));
  if (id === undefined) return null;
  const known = all.find((mode) => mode.id === Number(id));
  return { current: known ?? { id: Number(id), name: null }, all };
}

/**
 * The mode in which the board is fastest: one whose name begins with `MAXN`, else the one with the
 * most watts in its name; `null` where no name tells.
 */
export function fastestMode(modes: readonly PowerMode[]): PowerMode | null {
  const unlimited = modes.filter(({ name }) => name?.startsWith("MAXN") ?? false);
  if (unlimited.length > 0) {
    return unlimited.find(({ name }) => name === "MAXN_SUPER") ?? unlimited[0]!;
  }
  const byWatts = modes.flatMap((mode) => {
    const watts = /(\d+)W/.exec(mode.name ?? "")?.[1];
    return watts === undefined ? [] : [{ mode, watts: Number(watts) }];
  });
  return byWatts.sort((a, b) => b.watts - a.watts)[0]?.mode ?? null;
}
