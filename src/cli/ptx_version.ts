/** The dialect of PTX that fovea's kernels are lowered to. */
export const PTX_NEEDED = "6.3";

/**
 * The newest PTX that a driver for this CUDA compiles, from NVIDIA's "PTX ISA" (release notes);
 * newest first, and each serves for what is between it and the next.
 */
const PTX_VERSIONS: readonly (readonly [cuda: string, ptx: string])[] = [
  ["13.3", "9.3"],
  ["13.2", "9.2"],
  ["13.1", "9.1"],
  ["13.0", "9.0"],
  ["12.9", "8.8"],
  ["12.8", "8.7"],
  ["12.7", "8.6"],
  ["12.5", "8.5"],
  ["12.4", "8.4"],
  ["12.3", "8.3"],
  ["12.2", "8.2"],
  ["12.1", "8.1"],
  ["12.0", "8.0"],
  ["11.8", "7.8"],
  ["11.7", "7.7"],
  ["11.6", "7.6"],
  ["11.5", "7.5"],
  ["11.4", "7.4"],
  ["11.3", "7.3"],
  ["11.2", "7.2"],
  ["11.1", "7.1"],
  ["11.0", "7.0"],
  ["10.2", "6.5"],
  ["10.1", "6.4"],
  ["10.0", "6.3"],
  ["9.2", "6.2"],
  ["9.1", "6.1"],
  ["9.0", "6.0"],
];

/** The newest PTX that a driver of this CUDA compiles; `null` for one before CUDA 9. */
export function ptxOf(cudaVersion: string): string | null {
  return PTX_VERSIONS.find(([cuda]) => isAtLeast(cudaVersion, cuda))?.[1] ?? null;
}

/** Whether a driver of this CUDA compiles fovea's kernels. */
export function compilesKernels(cudaVersion: string): boolean {
  return isAtLeast(ptxOf(cudaVersion) ?? "0.0", PTX_NEEDED);
}

function isAtLeast(version: string, minimum: string): boolean {
  const [[major = 0, minor = 0], [leastMajor = 0, leastMinor = 0]] = [version, minimum].map((
    text,
  ) => text.split(".").map(Number)) as [number[], number[]];
  return major > leastMajor || major === leastMajor && minor >= leastMinor;
}
