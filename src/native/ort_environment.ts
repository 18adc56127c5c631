import { NativeHandle } from "./native_handle.ts";
import type { OrtApi } from "./ort_api.ts";
import type { OrtLibrary } from "./ort_library.ts";
import { checkStatus, type FailureReport } from "./ort_status.ts";
import { OutPointer } from "./out_parameter.ts";

/** Only what ends the process is logged; everything else comes back as a status. */
const LOG_FATAL = 4;
const DEVICE_ALLOCATOR = 0;
const ARENA_ALLOCATOR = 1;
const MEMORY_DEFAULT = 0;

/**
 * What sessions share: the library's environment, which is one for the whole process, and the
 * descriptions of ordinary memory. Owns the library.
 */
export class OrtEnvironment implements Disposable {
  readonly library: OrtLibrary;
  readonly api: OrtApi;
  /** `OrtMemoryInfo` of ordinary memory. */
  readonly cpuMemory: NativeHandle;
  /** The allocator of what the library hands out; it belongs to the library. */
  readonly allocator: Deno.PointerObject;
  readonly #env: NativeHandle;
  readonly #stack: DisposableStack;

  /**
   * Takes the library over, also where this fails.
   *
   * @throws {FoveaError} `ENGINE_UNAVAILABLE` with the library's own text.
   */
  constructor(library: OrtLibrary) {
    using stack = new DisposableStack();
    stack.use(library);
    this.library = library;
    this.api = library.api;
    const { api } = library;
    this.#env = stack.use(
      this.make(
        "OrtEnv",
        (out) => api.CreateEnv(LOG_FATAL, LOG_NAME, out),
        api.ReleaseEnv,
        STARTING,
      ),
    );
    this.cpuMemory = stack.use(this.make(
      "OrtMemoryInfo",
      (out) => api.CreateCpuMemoryInfo(ARENA_ALLOCATOR, MEMORY_DEFAULT, out),
      api.ReleaseMemoryInfo,
      STARTING,
    ));
    const allocator = new OutPointer();
    this.check(api.GetAllocatorWithDefaultOptions(allocator.bytes), STARTING);
    this.allocator = allocator.take();
    this.#stack = stack.move();
  }

  /** The environment's own pointer. */
  get pointer(): Deno.PointerObject {
    return this.#env.pointer;
  }

  /** Turns the status of a failed call into the error that `report` describes. */
  check(status: Deno.PointerValue, report: FailureReport): void {
    checkStatus(this.api, status, report);
  }

  /**
   * Makes one native object that is owned from then on.
   *
   * @param create The call that makes it, given room for its address.
   * @param release The call that frees it.
   */
  make(
    kind: string,
    create: (out: BufferSource) => Deno.PointerValue,
    release: (pointer: Deno.PointerObject) => void,
    report: FailureReport,
  ): NativeHandle {
    const out = new OutPointer();
    this.check(create(out.bytes), report);
    return new NativeHandle(kind, out.take(), release);
  }

  /** Makes an `OrtMemoryInfo` of the memory of one GPU; the caller owns it. */
  describeCudaMemory(deviceId: number): NativeHandle {
    return this.make(
      "OrtMemoryInfo",
      (out) =>
        this.api.CreateMemoryInfo(CUDA_NAME, DEVICE_ALLOCATOR, deviceId, MEMORY_DEFAULT, out),
      this.api.ReleaseMemoryInfo,
      STARTING,
    );
  }

  /** Frees what is shared and closes the library. */
  [Symbol.dispose](): void {
    this.#stack.dispose();
  }
}

const CUDA_NAME = new TextEncoder().encode("Cuda\0");
const LOG_NAME = new TextEncoder().encode("fovea\0");
const STARTING: FailureReport = {
  code: "ENGINE_UNAVAILABLE",
  what: "Cannot start ONNX Runtime",
};
