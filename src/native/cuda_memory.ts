import type { CudaDriver } from "./cuda_driver.ts";
import type { CudaStream } from "./cuda_stream.ts";
import { NativeHandle } from "./native_handle.ts";
import { OutPointer } from "./out_parameter.ts";

/** Memory of a GPU. Only kernels and copies see what is in it. */
export class DeviceMemory implements Disposable {
  /** Its size in bytes. */
  readonly bytes: number;
  /** Where it starts, a `CUdeviceptr`, for the parameters of kernels. */
  readonly address: bigint;
  readonly #driver: CudaDriver;
  readonly #handle: NativeHandle;

  /** Takes the memory over; made by `CudaContext.allocate()`. */
  constructor(driver: CudaDriver, pointer: Deno.PointerObject, bytes: number) {
    this.#driver = driver;
    this.bytes = bytes;
    this.address = Deno.UnsafePointer.value(pointer);
    this.#handle = new NativeHandle("CUdeviceptr", pointer, (pointer) => {
      driver.free(driver.api.cuMemFree_v2(pointer), "cuMemFree", "Cannot free the GPU's memory");
    });
  }

  /** Where it starts, for functions of the driver. @throws {FoveaError} `DISPOSED` if freed. */
  get pointer(): Deno.PointerObject {
    return this.#handle.pointer;
  }

  /**
   * Copies `data` to its start and waits for that. For set-up: per frame, copy from pinned memory on
   * a stream.
   */
  write(data: ArrayBufferView): void {
    checkRange(data.byteLength, this.bytes);
    if (data.byteLength === 0) return;
    const code = this.#driver.api.cuMemcpyHtoD_v2(
      this.pointer,
      bytesOf(data),
      BigInt(data.byteLength),
    );
    this.#driver.check(code, "cuMemcpyHtoD", `Cannot copy ${data.byteLength} bytes to the GPU`);
  }

  /** Copies from its start into `data` and waits for that; see {@linkcode write}. */
  read(data: ArrayBufferView): void {
    checkRange(data.byteLength, this.bytes);
    if (data.byteLength === 0) return;
    const code = this.#driver.api.cuMemcpyDtoH_v2(
      bytesOf(data),
      this.pointer,
      BigInt(data.byteLength),
    );
    this.#driver.check(code, "cuMemcpyDtoH", `Cannot copy ${data.byteLength} bytes from the GPU`);
  }

  /** Fills all of it with one byte, on a stream. */
  fill(value: number, stream: CudaStream): void {
    const code = this.#driver.api.cuMemsetD8Async(
      this.pointer,
      value,
      BigInt(this.bytes),
      stream.pointer,
    );
    this.#driver.check(code, "cuMemsetD8Async", "Cannot fill the GPU's memory");
  }

  /** Frees it, after the GPU has done its work. */
  [Symbol.dispose](): void {
    this.#handle[Symbol.dispose]();
  }
}

/** Memory of the host that stays where it is, so that the GPU copies to and from it by itself. */
export class PinnedMemory implements Disposable {
  /** Its size in bytes. */
  readonly bytes: number;
  readonly #driver: CudaDriver;
  readonly #handle: NativeHandle;
  readonly #buffer: ArrayBuffer;
  #deviceAddress: bigint | null = null;

  /** Takes the memory over; made by `CudaContext.allocatePinned()`. */
  constructor(driver: CudaDriver, pointer: Deno.PointerObject, bytes: number) {
    this.#driver = driver;
    this.bytes = bytes;
    this.#buffer = Deno.UnsafePointerView.getArrayBuffer(pointer, bytes);
    this.#handle = new NativeHandle("pinned memory", pointer, (pointer) => {
      driver.free(driver.api.cuMemFreeHost(pointer), "cuMemFreeHost", "Cannot free pinned memory");
    });
  }

  /**
   * Its bytes as this isolate sees them. What the GPU writes into them is there once its stream was
   * waited for. Views of it are empty after disposal.
   */
  get buffer(): ArrayBuffer {
    return this.#buffer;
  }

  /** Where the GPU sees it; `null` where it cannot, or was not asked. */
  get deviceAddress(): bigint | null {
    return this.#deviceAddress;
  }

  /** Asks where the GPU sees it. */
  findDeviceAddress(): void {
    const out = new OutPointer();
    const code = this.#driver.api.cuMemHostGetDevicePointer_v2(
      out.bytes,
      this.#handle.pointer,
      0,
    );
    this.#driver.check(code, "cuMemHostGetDevicePointer", "Cannot show pinned memory to the GPU");
    this.#deviceAddress = out.bytes[0]!;
  }

  /**
   * Copies its first bytes into the GPU's memory, on a stream; do not change them before that was
   * waited for.
   */
  copyTo(target: DeviceMemory, bytes: number, stream: CudaStream): void {
    checkRange(bytes, Math.min(this.bytes, target.bytes));
    const code = this.#driver.api.cuMemcpyHtoDAsync_v2(
      target.pointer,
      this.#handle.pointer,
      BigInt(bytes),
      stream.pointer,
    );
    this.#driver.check(code, "cuMemcpyHtoDAsync", `Cannot copy ${bytes} bytes to the GPU`);
  }

  /** Copies the first bytes of the GPU's memory to its start, on a stream. */
  copyFrom(source: DeviceMemory, bytes: number, stream: CudaStream): void {
    checkRange(bytes, Math.min(this.bytes, source.bytes));
    const code = this.#driver.api.cuMemcpyDtoHAsync_v2(
      this.#handle.pointer,
      source.pointer,
      BigInt(bytes),
      stream.pointer,
    );
    this.#driver.check(code, "cuMemcpyDtoHAsync", `Cannot copy ${bytes} bytes from the GPU`);
  }

  /** Empties its buffer, so that nobody reads freed memory, and frees it. */
  [Symbol.dispose](): void {
    if (!this.#buffer.detached) this.#buffer.transfer(0);
    this.#handle[Symbol.dispose]();
  }
}

function bytesOf(data: ArrayBufferView): BufferSource {
  // As bytes: the native interface does not know every kind of typed array.
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength) as BufferSource;
}

function checkRange(bytes: number, bytesMax: number): void {
  if (Number.isSafeInteger(bytes) && bytes >= 0 && bytes <= bytesMax) return;
  throw new RangeError(`Cannot copy ${bytes} bytes: there is room for ${bytesMax}`);
}
