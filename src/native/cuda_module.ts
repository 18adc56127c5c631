import { readCString, toCString } from "./c_string.ts";
import { JIT_ERROR_LOG, JIT_ERROR_LOG_BYTES } from "./cuda_api.ts";
import type { CudaContext } from "./cuda_context.ts";
import type { CudaDriver } from "./cuda_driver.ts";
import { NativeHandle } from "./native_handle.ts";
import { OutPointer } from "./out_parameter.ts";

const LOG_BYTES = 8192;

/** Machine code on a GPU, made by the driver from PTX. */
export class CudaModule implements Disposable {
  readonly #driver: CudaDriver;
  readonly #handle: NativeHandle;

  /**
   * Lets the driver translate PTX for the GPU of a context, or take it from its cache.
   *
   * @param image PTX as text, or a cubin.
   * @throws {FoveaError} `GPU_UNAVAILABLE` if the driver is too old for it, `GPU_FAILED` if it does
   * not like it, with its own words.
   */
  constructor(context: CudaContext, image: string | Uint8Array) {
    const { driver } = context;
    this.#driver = driver;
    const log = new Uint8Array(new ArrayBuffer(LOG_BYTES));
    const logAddress = Deno.UnsafePointer.value(Deno.UnsafePointer.of(log));
    const out = new OutPointer();
    const code = driver.api.cuModuleLoadDataEx(
      out.bytes,
      (typeof image === "string" ? toCString(image) : image) as BufferSource,
      2,
      new Int32Array([JIT_ERROR_LOG, JIT_ERROR_LOG_BYTES]),
      // The size is passed as a value in place of an address.
      new BigUint64Array([logAddress, BigInt(LOG_BYTES)]),
    );
    const text = readCString(Deno.UnsafePointer.of(log)).trim().replaceAll("\n", "; ");
    driver.check(code, "cuModuleLoadDataEx", "Cannot load kernels on the GPU", text);
    this.#handle = new NativeHandle("CUmodule", out.take(), (pointer) => {
      const code = driver.api.cuModuleUnload(pointer);
      driver.free(code, "cuModuleUnload", "Cannot unload kernels from the GPU");
    });
  }

  /**
   * Finds a kernel; it lives as long as the module.
   *
   * @throws {FoveaError} `GPU_FAILED` if there is none of that name.
   */
  findFunction(name: string): Deno.PointerObject {
    const out = new OutPointer();
    const code = this.#driver.api.cuModuleGetFunction(
      out.bytes,
      this.#handle.pointer,
      toCString(name),
    );
    this.#driver.check(code, "cuModuleGetFunction", `Cannot find kernel ${name} on the GPU`);
    return out.take();
  }

  /** Unloads it, after the GPU has done its work. */
  [Symbol.dispose](): void {
    this.#handle[Symbol.dispose]();
  }
}
