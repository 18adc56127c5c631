import { FoveaError } from "../core/errors.ts";
import type {
  DistilTargets,
  FocalTargets,
  LogitBlock,
  TrainingKernels,
} from "../core/training_kernels.ts";
import type { KernelExports } from "./kernel_exports.ts";
import { MemoryIdentity } from "./memory_identity.ts";

const PAGE_BYTES = 65_536;
/** Arrays start at multiples of a vector. */
const ALIGNMENT = 16;
/** What `headSlopes` in kernels/wasm/head_slopes.ts is asked for. */
const ASKED = { focal: 0, distil: 1, probabilities: 2 } as const;

/** The kernels of training in WebAssembly SIMD, with memory of their own that grows. */
export class WasmTrainingKernels implements TrainingKernels {
  readonly backend = "wasm";
  readonly #exports: KernelExports;
  readonly #memory: WebAssembly.Memory;
  readonly #identity: MemoryIdentity;
  /** The first page belongs to nobody. */
  #end = PAGE_BYTES;

  /** Takes over the memory that the module was instantiated with. */
  constructor(exports: KernelExports, memory: WebAssembly.Memory) {
    this.#exports = exports;
    this.#memory = memory;
    this.#identity = new MemoryIdentity(memory);
  }

  floats(length: number): Float32Array {
    return new Float32Array(...this.#take(length));
  }

  integers(length: number): Int32Array {
    return new Int32Array(...this.#take(length));
  }

  forward(
    features: Float32Array,
    rows: number,
    channels: number,
    weights: Float32Array,
    width: number,
    logits: Float32Array,
  ): void {
    checkLayer(features, rows, channels, weights, width, logits);
    this.#exports.headForward(
      this.#place(features),
      rows,
      channels,
      this.#place(weights),
      width,
      this.#place(logits),
    );
  }

  backward(
    features: Float32Array,
    rows: number,
    channels: number,
    slopes: Float32Array,
    width: number,
    gradient: Float32Array,
  ): void {
    checkLayer(features, rows, channels, gradient, width, slopes);
    this.#exports.headBackward(
      this.#place(features),
      rows,
      channels,
      this.#place(slopes),
      width,
      this.#place(gradient),
    );
  }

  focal(block: LogitBlock, to: FocalTargets): number {
    checkLengths(block.rows, to.targets.length, to.weights.length);
    const { alpha, gamma, scale } = to;
    return this.#slopes(block, ASKED.focal, to.targets, to.weights, alpha, gamma, scale);
  }

  distil(block: LogitBlock, to: DistilTargets): number {
    checkLengths(block.rows, to.wanted.length / block.width, to.weights.length);
    return this.#slopes(block, ASKED.distil, to.wanted, to.weights, 0, 0, to.scale);
  }

  probabilities(block: LogitBlock): void {
    this.#slopes(block, ASKED.probabilities, null, null, 0, 0, 0);
  }

  #slopes(
    { rows, outputs, width, logits, objectness }: LogitBlock,
    asked: number,
    against: Int32Array | Float32Array | null,
    weights: Float32Array | null,
    alpha: number,
    gamma: number,
    scale: number,
  ): number {
    checkLengths(rows, logits.length / width, (objectness?.length ?? 4 * rows) / 4);
    return this.#exports.headSlopes(
      this.#place(logits),
      objectness === null ? 0 : this.#place(objectness),
      rows,
      outputs,
      width,
      asked,
      against === null ? 0 : this.#place(against),
      weights === null ? 0 : this.#place(weights),
      alpha,
      gamma,
      Number.isInteger(2 * gamma) ? 2 * gamma : -1,
      scale,
    );
  }

  #place(array: Float32Array | Int32Array): number {
    this.#identity.check(array.buffer, "an array");
    return array.byteOffset;
  }

  /** Where so many zeros lie. */
  #take(length: number): [buffer: ArrayBufferLike, byteOffset: number, length: number] {
    const from = this.#end;
    const end = ALIGNMENT * Math.ceil((from + 4 * length) / ALIGNMENT);
    const missing = Math.ceil((end - this.#memory.buffer.byteLength) / PAGE_BYTES);
    try {
      if (missing > 0) this.#memory.grow(missing);
    } catch (cause) {
      throw new FoveaError(
        "LIMIT",
        `Cannot hold ${length} more numbers for training: ${from} bytes are taken`,
        { cause, hint: "Train on fewer rows" },
      );
    }
    this.#end = end;
    return [this.#memory.buffer, from, length];
  }
}

function checkLayer(
  features: Float32Array,
  rows: number,
  channels: number,
  weights: Float32Array,
  width: number,
  logits: Float32Array,
): void {
  const fits = features.length === rows * channels && width % 4 === 0 && width > 0 &&
    weights.length === (channels + 1) * width && logits.length === rows * width;
  if (fits) return;
  throw new RangeError(
    `Cannot compute ${rows} rows of ${channels} channels: there are ${features.length} features, ` +
      `${weights.length} weights and ${logits.length} logits of width ${width}`,
  );
}

function checkLengths(rows: number, ...lengths: readonly number[]): void {
  if (lengths.every((length) => length === rows)) return;
  throw new RangeError(`Cannot compute ${rows} rows: there are ${lengths.join(" and ")}`);
}
