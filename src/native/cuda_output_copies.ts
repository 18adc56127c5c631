import type { OutputView } from "../core/ports.ts";
import { elementCount, type Tensor, type TensorType, tensorView } from "../core/tensor.ts";
import type { CudaContext } from "./cuda_context.ts";
import type { DeviceMemory, PinnedMemory } from "./cuda_memory.ts";
import type { CudaStream } from "./cuda_stream.ts";

/** One output on the GPU. */
export interface DeviceOutput {
  /** Element type. */
  readonly type: TensorType;
  /** Shape. */
  readonly dims: readonly number[];
  /** Where it lies. */
  readonly memory: DeviceMemory;
}

interface Copy {
  readonly memory: DeviceMemory;
  readonly pinned: PinnedMemory;
  readonly tensor: Tensor;
}

/** Copies of a model's outputs on the host, for what the kernels do not compute. */
export class CudaOutputCopies implements OutputView, Disposable {
  readonly #copies: ReadonlyMap<string, Copy>;
  readonly #stack: DisposableStack;

  /**
   * Reserves pinned memory for all of them.
   *
   * @throws {FoveaError} `GPU_MEMORY`.
   */
  constructor(context: CudaContext, outputs: ReadonlyMap<string, DeviceOutput>) {
    using stack = new DisposableStack();
    this.#copies = new Map(
      [...outputs].map(([name, { type, dims, memory }]) => {
        const pinned = stack.use(context.allocatePinned(memory.bytes));
        const data = tensorView(type, pinned.buffer, 0, elementCount(dims));
        return [name, { memory, pinned, tensor: { type, dims, data } }];
      }),
    );
    this.#stack = stack.move();
  }

  /** Gives the copying to a stream; what it brings is there once that was waited for. */
  run(stream: CudaStream): void {
    for (const { memory, pinned } of this.#copies.values()) {
      pinned.copyFrom(memory, pinned.bytes, stream);
    }
  }

  /** One output as it was when it was copied last. @throws {RangeError} If there is no such. */
  get(name: string): Tensor {
    const copy = this.#copies.get(name);
    if (copy === undefined) throw new RangeError(`Cannot read output "${name}": it was not copied`);
    return copy.tensor;
  }

  /** Frees its memory, after the GPU has done its work. */
  [Symbol.dispose](): void {
    this.#stack[Symbol.dispose]();
  }
}
