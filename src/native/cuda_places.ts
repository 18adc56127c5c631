import type { LibraryCandidate } from "./library.ts";

/** The environment variable that names the CUDA driver's library. */
export const CUDA_DRIVER_VARIABLE = "FOVEA_LIBCUDA";

/** The value of {@linkcode CUDA_DRIVER_VARIABLE}; `null` where it is not set or may not be read. */
export function namedCudaDriver(): string | null {
  const variable = CUDA_DRIVER_VARIABLE;
  const { state } = Deno.permissions.querySync({ name: "env", variable });
  return state === "granted" ? Deno.env.get(variable) || null : null;
}

/**
 * Where the CUDA driver's library may be, in the order in which it is tried: the path that was asked
 * for alone, else the one in the environment alone, else the system's own search and where JetPack,
 * containers and WSL put it.
 *
 * @param asked A path that a user gave, or `null`.
 * @param named The value of {@linkcode CUDA_DRIVER_VARIABLE}, or `null`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { cudaDriverPlaces } from "@fovea/fovea/cuda";
 *
 * assertEquals(cudaDriverPlaces(null, "/opt/libcuda.so.1").length, 1);
 * assertEquals(cudaDriverPlaces(null, null)[0]!.path, "libcuda.so.1");
 * ```
 */
export function cudaDriverPlaces(
  asked: string | null,
  named: string | null,
): readonly LibraryCandidate[] {
  if (asked !== null) return [{ path: asked, source: "asked for" }];
  if (named !== null) return [{ path: named, source: CUDA_DRIVER_VARIABLE }];
  return [
    { path: "libcuda.so.1", source: "by name" },
    { path: "/usr/lib/aarch64-linux-gnu/nvidia/libcuda.so.1", source: "JetPack 6 and 7" },
    { path: "/usr/lib/aarch64-linux-gnu/tegra/libcuda.so.1", source: "JetPack 4 and 5" },
    { path: "/usr/local/nvidia/lib64/libcuda.so.1", source: "container" },
    { path: "/usr/lib/wsl/lib/libcuda.so.1", source: "WSL" },
  ];
}
