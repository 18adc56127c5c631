import { EVENT_BLOCKING, EVENT_UNTIMED } from "./cuda_api.ts";
import type { CudaDriver } from "./cuda_driver.ts";
import { CUDA_RESULT } from "./cuda_status.ts";
import type { CudaStream } from "./cuda_stream.ts";
import { NativeHandle } from "./native_handle.ts";
import { OutPointer } from "./out_parameter.ts";

/** A mark in a stream that tells when the GPU has come that far. */
export class CudaEvent implements Disposable {
  readonly #driver: CudaDriver;
  readonly #handle: NativeHandle;

  /** Made by `CudaContext.createEvent()`. */
  constructor(driver: CudaDriver, timed: boolean) {
    this.#driver = driver;
    const out = new OutPointer();
    const flags = timed ? EVENT_BLOCKING : EVENT_BLOCKING | EVENT_UNTIMED;
    const code = driver.api.cuEventCreate(out.bytes, flags);
    driver.check(code, "cuEventCreate", "Cannot make an event on the GPU");
    this.#handle = new NativeHandle("CUevent", out.take(), (pointer) => {
      const code = driver.api.cuEventDestroy_v2(pointer);
      driver.free(code, "cuEventDestroy", "Cannot free an event of the GPU");
    });
  }

  /** The `CUevent`. */
  get pointer(): Deno.PointerObject {
    return this.#handle.pointer;
  }

  /** Sets the mark behind everything that the stream was given so far. */
  record(stream: CudaStream): void {
    const code = this.#driver.api.cuEventRecord(this.pointer, stream.pointer);
    this.#driver.check(code, "cuEventRecord", "Cannot mark the GPU's work");
  }

  /** Whether the GPU has come to the mark; also true where none was set. */
  hasHappened(): boolean {
    const code = this.#driver.api.cuEventQuery(this.pointer);
    if (code === CUDA_RESULT.notReady) return false;
    this.#driver.check(code, "cuEventQuery", "Cannot finish the GPU's work");
    return true;
  }

  /** Waits until the GPU has come to the mark. It blocks the thread, which sleeps. */
  synchronize(): void {
    const code = this.#driver.api.cuEventSynchronize(this.pointer);
    this.#driver.check(code, "cuEventSynchronize", "Cannot finish the GPU's work");
  }

  /** Milliseconds of the GPU from an earlier event to this one; both timed, and waited for. */
  measureSinceMs(earlier: CudaEvent): number {
    const ms = new Float32Array(1);
    const code = this.#driver.api.cuEventElapsedTime(ms, earlier.pointer, this.pointer);
    this.#driver.check(code, "cuEventElapsedTime", "Cannot time the GPU's work");
    return ms[0]!;
  }

  /** Frees it. */
  [Symbol.dispose](): void {
    this.#handle[Symbol.dispose]();
  }
}
