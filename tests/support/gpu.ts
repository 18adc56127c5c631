import { CudaDriver } from "../../src/native/cuda_driver.ts";
import { CUDA_DRIVER_VARIABLE, cudaDriverPlaces } from "../../src/native/cuda_places.ts";

/** Why there is no GPU to test on; `null` where there is one. */
export function findGpuFault(): string | null {
  try {
    using driver = openDriver();
    return driver.listDevices().length > 0 ? null : "the driver shows none";
  } catch (error) {
    // The first place is enough; the others are told by whoever opens the driver in earnest.
    return (error instanceof Error ? error.message : String(error)).split(/[;\n]/)[0]!;
  }
}

/** Opens the real driver, or the one that the environment names. */
export function openDriver(): CudaDriver {
  return CudaDriver.open(cudaDriverPlaces(null, Deno.env.get(CUDA_DRIVER_VARIABLE) ?? null));
}

/** A test's or a bench's name that says why it is left out, if it is. */
export function nameWithFault(name: string, fault: string | null): string {
  return fault === null ? name : `${name} [skipped: no GPU: ${fault}]`;
}
