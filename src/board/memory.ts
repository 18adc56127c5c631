import type { SystemFiles } from "../native/system_files.ts";

/** Memory of a machine. On a Jetson processor and GPU share it. */
export interface MemoryReading {
  /** Memory in all, in bytes. */
  readonly totalBytes: number;
  /** What programs can still get, in bytes. */
  readonly availableBytes: number;
  /** Swap in all, in bytes; compressed memory counts too. */
  readonly swapTotalBytes: number;
  /** Swap that is free, in bytes. */
  readonly swapFreeBytes: number;
  /** What the GPU's driver holds of it on a Jetson, in bytes; `null` elsewhere. */
  readonly gpuBytes: number | null;
}

/** Reads `/proc/meminfo`; `null` where it says nothing of use. */
export function readMemory(files: SystemFiles): MemoryReading | null {
  const text = files.readText("/proc/meminfo") ?? "";
  function bytesOf(name: string): number | null {
    const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text)?.[1];
    return kibibytes === undefined ? null : 1024 * Number(kibibytes);
  }
  const [totalBytes, availableBytes] = [bytesOf("MemTotal"), bytesOf("MemAvailable")];
  if (totalBytes === null || availableBytes === null) return null;
  return {
    totalBytes,
    availableBytes,
    swapTotalBytes: bytesOf("SwapTotal") ?? 0,
    swapFreeBytes: bytesOf("SwapFree") ?? 0,
    gpuBytes: bytesOf("NvMapMemUsed"),
  };
}
