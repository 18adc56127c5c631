import { FoveaError } from "../core/errors.ts";
import { readCString } from "./c_string.ts";
import { CUDA_SYMBOLS, type CudaApi, DEVICE_ATTRIBUTE, SCHEDULE_BLOCKING } from "./cuda_api.ts";
import { CUDA_RESULT, cudaError, CudaFailure } from "./cuda_status.ts";
import { type LibraryCandidate, openFirst, UnfitLibrary } from "./library.ts";
import { OutPointer, OutSize } from "./out_parameter.ts";

/** What the driver says about one GPU. */
export interface CudaDeviceInfo {
  /** Its number for {@linkcode CudaDriver}, from 0. */
  readonly ordinal: number;
  /** Its name, for example `Orin`. */
  readonly name: string;
  /** Ten times its compute capability, for example 87 for 8.7. */
  readonly computeCapability: number;
  /** Whether it shares the memory of the processor, as on a Jetson. */
  readonly integrated: boolean;
  /** Whether it sees pinned memory of the host. */
  readonly mapsHostMemory: boolean;
  /** How many multiprocessors it has. */
  readonly multiprocessors: number;
  /** Its memory in bytes; on a Jetson that of the whole board. */
  readonly memoryBytes: number;
}

/**
 * The CUDA driver's library, opened and initialised. Dispose it last of all CUDA objects.
 *
 * Everything of CUDA happens on the thread that opened it, with blocking calls: a call that Deno
 * runs elsewhere (`nonblocking`) has no context there.
 */
export class CudaDriver implements Disposable {
  /** Where the library was found. */
  readonly path: string;
  /** The newest CUDA version that it knows, a thousand times the major version plus ten times the minor. */
  readonly version: number;
  readonly #library: Deno.DynamicLibrary<typeof CUDA_SYMBOLS>;
  #open = true;

  private constructor(path: string, library: Deno.DynamicLibrary<typeof CUDA_SYMBOLS>) {
    this.path = path;
    this.#library = library;
    this.version = readVersion(library.symbols);
  }

  /**
   * Opens the first library of `places` that is a CUDA driver and initialises it.
   *
   * @throws {FoveaError} `GPU_UNAVAILABLE` if there is none, or it does not work, or there is no
   * device.
   */
  static open(places: readonly LibraryCandidate[]): CudaDriver {
    const { library, candidate } = openFirst(
      "the CUDA driver",
      places,
      openLibrary,
      "Install NVIDIA's driver, or give the container access to the GPU",
      "GPU_UNAVAILABLE",
    );
    const driver = new CudaDriver(candidate.path, library);
    try {
      driver.check(library.symbols.cuInit(0), "cuInit", `Cannot use the GPU with ${driver.path}`);
      return driver;
    } catch (error) {
      driver[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * The library's functions.
   *
   * @throws {FoveaError} `DISPOSED` after the library was closed.
   */
  get api(): CudaApi {
    if (this.#open) return this.#library.symbols;
    throw new FoveaError("DISPOSED", "Cannot call the CUDA driver: it is closed");
  }

  /** {@linkcode version} as people write it, for example `12.6`. */
  get versionText(): string {
    return `${Math.floor(this.version / 1000)}.${Math.floor(this.version % 1000 / 10)}`;
  }

  /** All GPUs that the driver shows. */
  listDevices(): CudaDeviceInfo[] {
    const count = new Int32Array(1);
    this.check(this.api.cuDeviceGetCount(count), "cuDeviceGetCount", "Cannot count the GPUs");
    return Array.from({ length: count[0]! }, (_, ordinal) => this.describeDevice(ordinal));
  }

  /**
   * What the driver says about one GPU.
   *
   * @throws {FoveaError} `GPU_UNAVAILABLE` if there is no such device.
   */
  describeDevice(ordinal: number): CudaDeviceInfo {
    const what = `Cannot use GPU ${ordinal}`;
    const device = this.findDevice(ordinal);
    const name = new Uint8Array(256);
    const bytes = new OutSize();
    const { api } = this;
    this.check(api.cuDeviceGetName(name, name.length, device), "cuDeviceGetName", what);
    this.check(api.cuDeviceTotalMem_v2(bytes.bytes, device), "cuDeviceTotalMem", what);
    const attribute = (which: number): number => {
      const value = new Int32Array(1);
      const code = api.cuDeviceGetAttribute(value, which, device);
      this.check(code, "cuDeviceGetAttribute", what);
      return value[0]!;
    };
    return {
      ordinal,
      name: readCString(Deno.UnsafePointer.of(name)),
      computeCapability: 10 * attribute(DEVICE_ATTRIBUTE.computeCapabilityMajor) +
        attribute(DEVICE_ATTRIBUTE.computeCapabilityMinor),
      integrated: attribute(DEVICE_ATTRIBUTE.integrated) !== 0,
      mapsHostMemory: attribute(DEVICE_ATTRIBUTE.canMapHostMemory) !== 0,
      multiprocessors: attribute(DEVICE_ATTRIBUTE.multiprocessors),
      memoryBytes: bytes.value,
    };
  }

  /** The `CUdevice` of a GPU. */
  findDevice(ordinal: number): number {
    if (!Number.isInteger(ordinal) || ordinal < 0) {
      throw new RangeError(`Cannot use GPU ${ordinal}: a whole number from 0 is needed`);
    }
    const device = new Int32Array(1);
    const code = this.api.cuDeviceGet(device, ordinal);
    this.check(code, "cuDeviceGet", `Cannot use GPU ${ordinal}`);
    return device[0]!;
  }

  /** Lets threads sleep while they wait for a GPU, where the driver can do that. */
  sleepWhileWaiting(device: number): void {
    // An error says that the context exists already with other flags: ONNX Runtime's, say.
    this.api.cuDevicePrimaryCtxSetFlags_v2?.(device, SCHEDULE_BLOCKING);
  }

  /**
   * Turns the code of a call that failed into an error.
   *
   * @param what What could not be done then, for example `Cannot launch fovea_nms`.
   * @throws {FoveaError} `GPU_UNAVAILABLE`, `GPU_MEMORY` or `GPU_FAILED`, with a `CudaFailure` as
   * its cause; nothing if `code` says success.
   */
  check(code: number, call: string, what: string, detail?: string): void {
    if (code !== CUDA_RESULT.success) throw this.failure(code, call, what, detail);
  }

  /** The error for a call that failed. */
  failure(code: number, call: string, what: string, detail?: string): FoveaError {
    const name = new OutPointer();
    const known = this.api.cuGetErrorName(code, name.bytes) === CUDA_RESULT.success;
    const codeName = known ? readCString(name.pointer) : "unknown error";
    return cudaError(new CudaFailure(code, codeName, call), what, detail);
  }

  /**
   * Frees something. Where the context is lost, the driver has freed everything itself and says so
   * at every call.
   */
  free(code: number, call: string, what: string): void {
    if (code === CUDA_RESULT.success) return;
    const error = this.failure(code, call, what);
    if (!(error.cause as CudaFailure).contextLost) throw error;
  }

  /** Closes the library. */
  [Symbol.dispose](): void {
    if (!this.#open) return;
    this.#open = false;
    this.#library.close();
  }
}

function openLibrary(path: string): Deno.DynamicLibrary<typeof CUDA_SYMBOLS> {
  try {
    return Deno.dlopen(path, CUDA_SYMBOLS);
  } catch (error) {
    const missing = /Failed to register symbol (\w+)/.exec(String(error))?.[1];
    if (missing === undefined) throw error;
    if (!hasInit(path)) throw new UnfitLibrary("foreign", "it has no cuInit");
    throw new UnfitLibrary("old", `it has no ${missing}`);
  }
}

function hasInit(path: string): boolean {
  try {
    Deno.dlopen(path, { cuInit: CUDA_SYMBOLS.cuInit }).close();
    return true;
  } catch {
    return false;
  }
}

/** The driver tells its version also where it finds no device. */
function readVersion(api: CudaApi): number {
  const version = new Int32Array(1);
  return api.cuDriverGetVersion(version) === CUDA_RESULT.success ? version[0]! : 0;
}
