/** The release of NVIDIA's Linux for Jetson (L4T) on a board. */
export interface L4tRelease {
  /** Major number, for example 36. */
  readonly major: number;
  /** The revision, for example `4.3`; its parts are whole numbers, so `2.10` is newer than `2.9`. */
  readonly revision: string;
  /** The JetPack it belongs to, for example 6; `null` for a release fovea does not know. */
  readonly jetpack: number | null;
}

/** Which JetPack a release belongs to. */
const JETPACKS: Readonly<Record<number, number>> = { 32: 4, 34: 5, 35: 5, 36: 6, 38: 7, 39: 7 };

/**
 * Reads `/etc/nv_tegra_release`; `null` if it holds something else. The `BOARD` it names is not
 * the chip: it says `t186ref` on an Orin too.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseTegraRelease } from "@fovea/fovea/board";
 *
 * const text = "# R36 (release), REVISION: 4.3, GCID: 38968081, BOARD: generic, EABI: aarch64";
 * assertEquals(parseTegraRelease(text), { major: 36, revision: "4.3", jetpack: 6 });
 * ```
 */
export function parseTegraRelease(text: string): L4tRelease | null {
  const [, major, revision] = /^# R(\d{1,4}) \(release\), REVISION: (\d+(?:\.\d+)*)/m
    .exec(text) ?? [];
  return major === undefined ? null : makeRelease(major, revision!);
}

/**
 * Reads the version of the package `nvidia-l4t-core` from dpkg's list of packages, for images
 * without `/etc/nv_tegra_release`; `null` if it is not installed.
 */
export function parseL4tPackage(dpkgStatus: string): L4tRelease | null {
  const entry = /^Package: nvidia-l4t-core\n(?:.+\n)*?Version: (\d{1,4})\.(\d+(?:\.\d+)*)/m
    .exec(dpkgStatus);
  return entry === null ? null : makeRelease(entry[1]!, entry[2]!);
}

function makeRelease(major: string, revision: string): L4tRelease {
  return { major: Number(major), revision, jetpack: JETPACKS[Number(major)] ?? null };
}
