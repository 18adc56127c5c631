import { FoveaError } from "../core/errors.ts";
import { CudaContext } from "../native/cuda_context.ts";
import { type CudaDeviceInfo, CudaDriver } from "../native/cuda_driver.ts";
import { chooseTransfer } from "../native/cuda_frame_ring.ts";
import { CudaKernels, readKernelPtx } from "../native/cuda_kernels.ts";
import { CUDA_DRIVER_VARIABLE, cudaDriverPlaces } from "../native/cuda_places.ts";
import { findSelfTestFault } from "../native/cuda_self_check.ts";
import { type MachineFinding, optionalFinding, reasonOf, todoFor } from "./doctor_finding.ts";

/**
 * Looks at the GPU: the CUDA driver, its devices, and whether fovea's kernels run on the first one.
 * A machine without a GPU is not at fault, so nothing of it is needed.
 *
 * @param mayLoad Whether native code may be loaded from anywhere.
 * @param named The value of {@linkcode CUDA_DRIVER_VARIABLE}, or `null`.
 */
export async function checkGpu(mayLoad: boolean, named: string | null): Promise<MachineFinding[]> {
  if (!mayLoad) {
    const found = "not tried without --allow-ffi for everything";
    return [optionalFinding("cuda driver", "unknown", found, "Add --allow-ffi without a path")];
  }
  try {
    using driver = CudaDriver.open(cudaDriverPlaces(null, named));
    const devices = driver.listDevices();
    return [
      optionalFinding("cuda driver", "ok", `CUDA ${driver.versionText} from ${driver.path}`),
      ...devices.map(describeDevice),
      await checkKernelsOn(driver),
    ];
  } catch (error) {
    return [optionalFinding("cuda driver", "missing", reasonOf(error), hintOf(error))];
  }
}

/** The value of {@linkcode CUDA_DRIVER_VARIABLE}, where it may be read. */
export function readDriverVariable(mayRead: boolean): string | null {
  return mayRead ? Deno.env.get(CUDA_DRIVER_VARIABLE) || null : null;
}

function describeDevice(device: CudaDeviceInfo): MachineFinding {
  const { ordinal, name, computeCapability, memoryBytes, multiprocessors } = device;
  const capability = `${Math.floor(computeCapability / 10)}.${computeCapability % 10}`;
  const memory = `${(memoryBytes / 2 ** 30).toFixed(1)} GiB`;
  const pictures = chooseTransfer(device) === "mapped" ? "are read in place" : "are copied";
  return optionalFinding(
    `gpu ${ordinal}`,
    "ok",
    `${name}, compute capability ${capability}, ${multiprocessors} multiprocessors, ${memory}; ` +
      `pictures ${pictures}`,
  );
}

async function checkKernelsOn(driver: CudaDriver): Promise<MachineFinding> {
  const check = "cuda kernels";
  try {
    const ptx = await readKernelPtx();
    using context = new CudaContext(driver);
    using kernels = new CudaKernels(context, ptx);
    const fault = findSelfTestFault(kernels);
    return fault === null
      ? optionalFinding(check, "ok", "compiled by the driver, self-test passed")
      : optionalFinding(check, "missing", `the self-test failed: ${fault}`, "Update the driver");
  } catch (error) {
    return optionalFinding(check, "missing", reasonOf(error), hintOf(error));
  }
}

function hintOf(error: unknown): string | null {
  return todoFor(error, error instanceof FoveaError ? error.hint : null);
}
