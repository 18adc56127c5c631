import { HOST_MEMORY_MAPPED, STREAM_NON_BLOCKING } from "./cuda_api.ts";
import type { CudaDeviceInfo, CudaDriver } from "./cuda_driver.ts";
import { CudaEvent } from "./cuda_event.ts";
import { DeviceMemory, PinnedMemory } from "./cuda_memory.ts";
import { CudaStream } from "./cuda_stream.ts";
import { NativeHandle } from "./native_handle.ts";
import { OutPointer, OutSize } from "./out_parameter.ts";

/**
 * The primary context of one GPU, which ONNX Runtime uses too, made current on this thread. What it
 * makes must be disposed before it.
 */
export class CudaContext implements Disposable {
  /** The driver it belongs to; it is not disposed with the context. */
  readonly driver: CudaDriver;
  /** The GPU. */
  readonly device: CudaDeviceInfo;
  readonly #handle: NativeHandle;

  /**
   * Makes the context of a GPU current on the calling thread.
   *
   * @param ordinal Which GPU, from 0.
   * @throws {FoveaError} `GPU_UNAVAILABLE` if there is no such device, `GPU_MEMORY` if it has no
   * room for a context.
   */
  constructor(driver: CudaDriver, ordinal = 0) {
    this.driver = driver;
    this.device = driver.describeDevice(ordinal);
    const device = driver.findDevice(ordinal);
    const what = `Cannot use GPU ${ordinal}`;
    driver.sleepWhileWaiting(device);
    const out = new OutPointer();
    const code = driver.api.cuDevicePrimaryCtxRetain(out.bytes, device);
    driver.check(code, "cuDevicePrimaryCtxRetain", what);
    this.#handle = new NativeHandle("CUcontext", out.take(), () => {
      const code = driver.api.cuDevicePrimaryCtxRelease_v2(device);
      driver.free(code, "cuDevicePrimaryCtxRelease", "Cannot release the GPU");
    });
    try {
      this.makeCurrent();
    } catch (error) {
      this.#handle[Symbol.dispose]();
      throw error;
    }
  }

  /** Makes the context current on the calling thread again, after a library changed it. */
  makeCurrent(): void {
    const code = this.driver.api.cuCtxSetCurrent(this.#handle.pointer);
    this.driver.check(code, "cuCtxSetCurrent", "Cannot use the GPU on this thread");
  }

  /** Memory of the GPU that is free, and all of it, in bytes. */
  measureMemory(): { readonly freeBytes: number; readonly totalBytes: number } {
    const [free, total] = [new OutSize(), new OutSize()];
    const code = this.driver.api.cuMemGetInfo_v2(free.bytes, total.bytes);
    this.driver.check(code, "cuMemGetInfo", "Cannot measure the GPU's memory");
    return { freeBytes: free.value, totalBytes: total.value };
  }

  /**
   * Reserves memory of the GPU; its contents are whatever was there.
   *
   * @param bytes How many, from 1.
   * @throws {FoveaError} `GPU_MEMORY` if there is no room.
   */
  allocate(bytes: number): DeviceMemory {
    checkBytes(bytes);
    const out = new OutPointer();
    const code = this.driver.api.cuMemAlloc_v2(out.bytes, BigInt(bytes));
    this.driver.check(code, "cuMemAlloc", `Cannot reserve ${bytes} bytes on the GPU`);
    return new DeviceMemory(this.driver, out.take(), bytes);
  }

  /**
   * Reserves memory of the host that copies to and from the GPU do not have to wait for, and that
   * the GPU sees itself where it can. Take little of it: it is never swapped out.
   *
   * @param bytes How many, from 1.
   * @throws {FoveaError} `GPU_MEMORY` if there is no room.
   */
  allocatePinned(bytes: number): PinnedMemory {
    checkBytes(bytes);
    const { driver } = this;
    const flags = this.device.mapsHostMemory ? HOST_MEMORY_MAPPED : 0;
    const out = new OutPointer();
    const code = driver.api.cuMemHostAlloc(out.bytes, BigInt(bytes), flags);
    driver.check(code, "cuMemHostAlloc", `Cannot reserve ${bytes} bytes of pinned memory`);
    const memory = new PinnedMemory(driver, out.take(), bytes);
    if (!this.device.mapsHostMemory) return memory;
    try {
      memory.findDeviceAddress();
      return memory;
    } catch (error) {
      memory[Symbol.dispose]();
      throw error;
    }
  }

  /** Makes a stream that does not wait for the default one. */
  createStream(): CudaStream {
    const out = new OutPointer();
    const code = this.driver.api.cuStreamCreate(out.bytes, STREAM_NON_BLOCKING);
    this.driver.check(code, "cuStreamCreate", "Cannot make a stream on the GPU");
    return new CudaStream(this.driver, out.take());
  }

  /**
   * Makes an event.
   *
   * @param options `timed`: whether it takes a time stamp, false by default.
   */
  createEvent(options: { readonly timed?: boolean } = {}): CudaEvent {
    return new CudaEvent(this.driver, options.timed ?? false);
  }

  /** Waits until the GPU has done everything it was given. */
  synchronize(): void {
    const code = this.driver.api.cuCtxSynchronize();
    this.driver.check(code, "cuCtxSynchronize", "Cannot finish the GPU's work");
  }

  /** Lets go of the context. */
  [Symbol.dispose](): void {
    this.#handle[Symbol.dispose]();
  }
}

function checkBytes(bytes: number): void {
  if (Number.isSafeInteger(bytes) && bytes > 0) return;
  throw new RangeError(`Cannot reserve ${bytes} bytes: a whole number from 1 is needed`);
}
