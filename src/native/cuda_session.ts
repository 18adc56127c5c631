import { CudaContext } from "./cuda_context.ts";
import { CudaDriver } from "./cuda_driver.ts";
import { CudaKernels } from "./cuda_kernels.ts";
import type { CudaStream } from "./cuda_stream.ts";
import type { LibraryCandidate } from "./library.ts";

/**
 * A GPU ready for work on this thread: its driver, context and kernels, and one stream. Dispose it
 * after everything that was made with it.
 */
export class CudaSession implements Disposable {
  /** The driver. */
  readonly driver: CudaDriver;
  /** The context, current on this thread. */
  readonly context: CudaContext;
  /** fovea's kernels. */
  readonly kernels: CudaKernels;
  /** What work is given to. */
  readonly stream: CudaStream;
  readonly #stack: DisposableStack;

  /**
   * Opens a GPU.
   *
   * @param places Where the driver may be, see `cudaDriverPlaces`.
   * @param ordinal Which GPU, from 0.
   * @param image What the kernels are made from, see `readKernelPtx`.
   * @throws {FoveaError} `GPU_UNAVAILABLE`, `GPU_MEMORY` or `GPU_FAILED`.
   */
  constructor(places: readonly LibraryCandidate[], ordinal: number, image: string | Uint8Array) {
    using stack = new DisposableStack();
    this.driver = stack.use(CudaDriver.open(places));
    this.context = stack.use(new CudaContext(this.driver, ordinal));
    this.kernels = stack.use(new CudaKernels(this.context, image));
    this.stream = stack.use(this.context.createStream());
    this.#stack = stack.move();
  }

  /** Waits for the stream and frees everything. */
  [Symbol.dispose](): void {
    this.#stack[Symbol.dispose]();
  }
}
