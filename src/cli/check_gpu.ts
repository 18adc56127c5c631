import { FoveaError } from "../core/errors.ts";
import { CudaContext } from "../native/cuda_context.ts";
import { type CudaDeviceInfo, CudaDriver } from "../native/cuda_driver.ts";
import { chooseTransfer } from "../native/cuda_frame_ring.ts";
import { CudaKernels, readKernelPtx } from "../native/cuda_kernels.ts";
import { CUDA_DRIVER_VARIABLE, cudaDriverPlaces } from "../native/cuda_places.ts";
import type { LibraryCandidate } from "../native/library.ts";
import { findSelfTestFault } from "../native/cuda_self_check.ts";
import { compilesKernels, ptxOf } from "./ptx_version.ts";
import { type MachineFinding, optionalFinding, reasonOf, todoFor } from "./doctor_finding.ts";

/**
 * Looks at the GPU: the CUDA driver, its devices, and whether fovea's kernels run on the first one.
 * A machine without a GPU is not at fault, so nothing of it is needed.
 *
 * @param mayLoad Whether native code may be loaded from anywhere.
 * @param named The value of {@linkcode CUDA_DRIVER_VARIABLE}, or `null`.
 * @param isJetson Whether this machine has a GPU for certain.
 * @param places Where the driver is looked for; tests look elsewhere.
 */
export async function checkGpu(
  mayLoad: boolean,
  named: string | null,
  isJetson = false,
  places: readonly LibraryCandidate[] = cudaDriverPlaces(null, named),
): Promise<MachineFinding[]> {
  if (!mayLoad) {
    const found = "not tried without --allow-ffi for everything";
    return [optionalFinding("cuda driver", "unknown", found, "Add --allow-ffi without a path")];
  }
  try {
    using driver = CudaDriver.open(places);
    const devices = driver.listDevices();
    return [
      describeDriver(driver.versionText, driver.path),
      ...devices.map(describeDevice),
      await checkKernelsOn(driver),
    ];
  } catch (error) {
    const reason = reasonOf(error);
    const absent = isAbsent(reason);
    if (absent && !isJetson && named === null) {
      return [optionalFinding("cuda driver", "ok", "none here; models run on the processor")];
    }
    const todo = absent && isJetson
      ? "Install the package nvidia-l4t-cuda; in a container, start with --runtime nvidia"
      : hintOf(error);
    return [optionalFinding("cuda driver", "missing", reason, todo)];
  }
}

/** Tells the driver's version and the newest PTX that it compiles. */
export function describeDriver(cudaVersion: string, path: string): MachineFinding {
  const found = `CUDA ${cudaVersion} (PTX ${ptxOf(cudaVersion) ?? "before 6.0"}) from ${path}`;
  return compilesKernels(cudaVersion)
    ? optionalFinding("cuda driver", "ok", found)
    : optionalFinding("cuda driver", "missing", found, "Update the driver to CUDA 10 or newer");
}

/** Whether no place has the library at all, rather than one that cannot be opened. */
function isAbsent(reason: string): boolean {
  const refused = reason.match(/ cannot be opened: /g)?.length ?? 0;
  const absent = reason.match(
    /(\S+) \([^)]*\) cannot be opened: \1: cannot open shared object file/g,
  );
  return refused > 0 && absent?.length === refused;
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
