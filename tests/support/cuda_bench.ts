import { CudaContext } from "../../src/native/cuda_context.ts";
import type { CudaDriver } from "../../src/native/cuda_driver.ts";
import { CudaKernels, readKernelPtx } from "../../src/native/cuda_kernels.ts";
import type { DeviceMemory } from "../../src/native/cuda_memory.ts";
import type { CudaStream } from "../../src/native/cuda_stream.ts";

type NumberArray = Float32Array | Float16Array | Float64Array | Uint8Array | Int32Array;

/** A GPU with fovea's kernels on it, for tests: a real one or the emulated one. */
export class CudaBench implements Disposable {
  readonly #stack: DisposableStack;

  private constructor(
    readonly context: CudaContext,
    readonly kernels: CudaKernels,
    readonly stream: CudaStream,
    stack: DisposableStack,
  ) {
    this.#stack = stack;
  }

  /** Makes a context and loads the kernels; the driver is not taken over. */
  static async open(driver: CudaDriver): Promise<CudaBench> {
    const ptx = await readKernelPtx();
    using stack = new DisposableStack();
    const context = stack.use(new CudaContext(driver));
    const kernels = stack.use(new CudaKernels(context, ptx));
    const stream = stack.use(context.createStream());
    return new CudaBench(context, kernels, stream, stack.move());
  }

  /** Reserves memory for an array on the GPU and copies it there; `stack` frees it. */
  place(stack: DisposableStack, data: ArrayBufferView): DeviceMemory {
    const memory = stack.use(this.context.allocate(Math.max(1, data.byteLength)));
    memory.write(data);
    return memory;
  }

  /** Waits for the stream and copies an array from the GPU. */
  fetch<Data extends NumberArray>(memory: DeviceMemory, data: Data): Data {
    this.stream.synchronize();
    memory.read(data);
    return data;
  }

  [Symbol.dispose](): void {
    this.#stack[Symbol.dispose]();
  }
}
