import type { CudaDriver } from "./cuda_driver.ts";
import type { CudaEvent } from "./cuda_event.ts";
import { CUDA_RESULT } from "./cuda_status.ts";
import { NativeHandle } from "./native_handle.ts";

/** A row of work that the GPU does in order, while the host goes on. */
export class CudaStream implements Disposable {
  readonly #driver: CudaDriver;
  readonly #handle: NativeHandle;

  /** Takes the stream over; made by `CudaContext.createStream()`. */
  constructor(driver: CudaDriver, pointer: Deno.PointerObject) {
    this.#driver = driver;
    this.#handle = new NativeHandle("CUstream", pointer, (pointer) => {
      const code = driver.api.cuStreamDestroy_v2(pointer);
      driver.free(code, "cuStreamDestroy", "Cannot free a stream of the GPU");
    });
  }

  /** The `CUstream`, which is a `cudaStream_t` too. */
  get pointer(): Deno.PointerObject {
    return this.#handle.pointer;
  }

  /** The `CUstream` as a number, for options of ONNX Runtime. */
  get address(): bigint {
    return Deno.UnsafePointer.value(this.pointer);
  }

  /**
   * Waits until the GPU has done everything it was given here. It blocks the thread.
   *
   * @throws {FoveaError} `GPU_FAILED` for what went wrong on the GPU meanwhile.
   */
  synchronize(): void {
    const code = this.#driver.api.cuStreamSynchronize(this.pointer);
    this.#driver.check(code, "cuStreamSynchronize", "Cannot finish the GPU's work");
  }

  /** Whether the GPU has done everything it was given here. */
  isIdle(): boolean {
    const code = this.#driver.api.cuStreamQuery(this.pointer);
    if (code === CUDA_RESULT.notReady) return false;
    this.#driver.check(code, "cuStreamQuery", "Cannot finish the GPU's work");
    return true;
  }

  /** Lets what is given from now on wait until the event has happened; the host does not wait. */
  waitFor(event: CudaEvent): void {
    const code = this.#driver.api.cuStreamWaitEvent(this.pointer, event.pointer, 0);
    this.#driver.check(code, "cuStreamWaitEvent", "Cannot order the GPU's work");
  }

  /** Frees it, after the GPU has done its work. */
  [Symbol.dispose](): void {
    this.#handle[Symbol.dispose]();
  }
}
