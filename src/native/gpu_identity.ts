import { FoveaError } from "../core/errors.ts";
import { readCString } from "./c_string.ts";
import { cudaDriverPlaces, namedCudaDriver } from "./cuda_places.ts";
import { type LibraryCandidate, openFirst } from "./library.ts";

/** What tells one GPU model from another. */
export interface GpuIdentity {
  /** Its name, for example `Orin`. */
  readonly name: string;
  /** Its compute capability without the point, for example `87`. */
  readonly computeCapability: string;
}

/** TensorRT by its major versions, newest first. */
const TENSORRT_PLACES: readonly LibraryCandidate[] = ["11", "10", "8", "7"].map((major) => ({
  path: `libnvinfer.so.${major}`,
  source: "by name",
}));

const DRIVER_SYMBOLS = {
  // CUresult cuInit(unsigned int flags)
  cuInit: { parameters: ["u32"], result: "i32" },
  // CUresult cuDeviceGet(CUdevice* device, int ordinal)
  cuDeviceGet: { parameters: ["buffer", "i32"], result: "i32" },
  // CUresult cuDeviceGetName(char* name, int len, CUdevice device)
  cuDeviceGetName: { parameters: ["buffer", "i32", "i32"], result: "i32" },
  // CUresult cuDeviceGetAttribute(int* value, CUdevice_attribute attribute, CUdevice device)
  cuDeviceGetAttribute: { parameters: ["buffer", "i32", "i32"], result: "i32" },
} as const;

const TENSORRT_SYMBOLS = {
  // int32_t getInferLibVersion()
  getInferLibVersion: { parameters: [], result: "i32" },
} as const;

const COMPUTE_CAPABILITY_MAJOR = 75;
const COMPUTE_CAPABILITY_MINOR = 76;
const NAME_BYTES = 256;

/**
 * Asks the CUDA driver what a GPU is.
 *
 * @throws {FoveaError} `ENGINE_UNAVAILABLE` if there is no driver or no such device.
 */
export function identifyGpu(
  deviceId: number,
  places: readonly LibraryCandidate[] = cudaDriverPlaces(null, namedCudaDriver()),
): GpuIdentity {
  const { library } = openFirst(
    "the CUDA driver",
    places,
    (path) => Deno.dlopen(path, DRIVER_SYMBOLS),
    "Install NVIDIA's driver, or give the container access to the GPU",
  );
  try {
    const { cuInit, cuDeviceGet, cuDeviceGetName, cuDeviceGetAttribute } = library.symbols;
    const ask = (call: string, code: number): void => {
      if (code !== 0) throw driverError(deviceId, call, code);
    };
    const device = new Int32Array(1);
    const name = new Uint8Array(NAME_BYTES);
    const [major, minor] = [new Int32Array(1), new Int32Array(1)];
    ask("cuInit", cuInit(0));
    ask("cuDeviceGet", cuDeviceGet(device, deviceId));
    ask("cuDeviceGetName", cuDeviceGetName(name, NAME_BYTES, device[0]!));
    const attributes = [[major, COMPUTE_CAPABILITY_MAJOR], [
      minor,
      COMPUTE_CAPABILITY_MINOR,
    ]] as const;
    for (const [value, attribute] of attributes) {
      ask("cuDeviceGetAttribute", cuDeviceGetAttribute(value, attribute, device[0]!));
    }
    return {
      name: readCString(Deno.UnsafePointer.of(name)),
      computeCapability: `${major[0]}${minor[0]}`,
    };
  } finally {
    library.close();
  }
}

/**
 * The version of TensorRT as its library tells it: a number like 100300 or 8603.
 *
 * @throws {FoveaError} `ENGINE_UNAVAILABLE` if there is none.
 */
export function readTensorRtVersion(
  places: readonly LibraryCandidate[] = TENSORRT_PLACES,
): string {
  const { library } = openFirst(
    "TensorRT",
    places,
    (path) => Deno.dlopen(path, TENSORRT_SYMBOLS),
    "Install TensorRT, and add its folder to LD_LIBRARY_PATH if it lies elsewhere",
  );
  try {
    return String(library.symbols.getInferLibVersion());
  } finally {
    library.close();
  }
}

function driverError(deviceId: number, call: string, code: number): FoveaError {
  return new FoveaError("ENGINE_UNAVAILABLE", `Cannot use GPU ${deviceId}: ${call} gave ${code}`, {
    hint: "Run nvidia-smi, or on a Jetson look that the user is in the groups video and render",
  });
}
