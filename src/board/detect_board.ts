import { SystemFiles, type SystemFilesOptions } from "../native/system_files.ts";
import { explainUnreadable } from "./machine_error.ts";
import { type L4tRelease, parseL4tPackage, parseTegraRelease } from "./l4t_release.ts";

/** What kind of machine this is. */
export interface Board {
  /** Its name, for people; `null` where it has none (a PC has none here). */
  readonly model: string | null;
  /** The chip of a Jetson, for example `tegra234`; `null` elsewhere. */
  readonly soc: string | null;
  /** The GPU's compute capability without the point, for example 87; `null` where unknown. */
  readonly computeCapability: number | null;
  /** The release of NVIDIA's system on it; `null` where there is none or it does not say. */
  readonly release: L4tRelease | null;
}

/** Compute capability of the GPU in each chip. */
const CHIPS: Readonly<Record<string, number>> = {
  tegra210: 53,
  tegra186: 62,
  tegra194: 72,
  tegra234: 87,
  tegra264: 110,
};

/** Most bytes of dpkg's list of packages that are looked through. */
const DPKG_BYTES_MAX = 2 ** 24;

/**
 * Tells what kind of machine this is: whether it is a Jetson, which one, and with which JetPack.
 * Reads the device tree and NVIDIA's release file, without any program and without root.
 *
 * @throws {FoveaError} `TELEMETRY_UNAVAILABLE` without permission for native code, or on another
 * system than Linux.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { detectBoard } from "@fovea/fovea/board";
 *
 * const board = detectBoard();
 * assertEquals(board.soc === null, board.computeCapability === null);
 * ```
 */
export function detectBoard(options: SystemFilesOptions = {}): Board {
  try {
    using files = new SystemFiles(options);
    return readBoard(files);
  } catch (error) {
    throw explainUnreadable(error, "tell what kind of machine this is");
  }
}

/** The same with files that are open already. */
export function readBoard(files: SystemFiles): Board {
  const compatible = files.readText("/proc/device-tree/compatible")?.split("\0") ?? [];
  const soc = compatible.map((name) => /^nvidia,(tegra\d+)$/.exec(name)?.[1])
    .findLast((name) => name !== undefined) ?? null;
  // The file of a device tree ends in a zero.
  const model = files.readText("/proc/device-tree/model")?.replace(/\0.*$/s, "").trim() || null;
  return {
    model,
    soc,
    computeCapability: soc === null ? null : CHIPS[soc] ?? null,
    release: readRelease(files, soc !== null),
  };
}

function readRelease(files: SystemFiles, isJetson: boolean): L4tRelease | null {
  const text = files.readText("/etc/nv_tegra_release");
  const release = text === null ? null : parseTegraRelease(text);
  if (release !== null || !isJetson) return release;
  const packages = files.readText("/var/lib/dpkg/status", DPKG_BYTES_MAX);
  return packages === null ? null : parseL4tPackage(packages);
}
