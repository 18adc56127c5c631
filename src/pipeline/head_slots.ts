import { FoveaError } from "../core/errors.ts";
import type { HeadLayer } from "../core/head_layout.ts";
import { countNumbers } from "../core/head_weights.ts";
import type { Engine } from "../core/ports.ts";
import { elementBytes, elementCount, type Tensor, tensorView } from "../core/tensor.ts";
import type { HeadInput } from "../onnx/head_surgery.ts";

/** A head that is to be served. */
export interface StagedHead {
  /** Version, as results tell it. */
  readonly version: number;
  /**
   * Layer after layer, weight `[rows, channels]` and then bias `[rows]`; read while it is staged and
   * not afterwards.
   */
  readonly packed: Float32Array;
}

/**
 * The numbers that an exposed model is fed with, twice: one set is served while the other is filled.
 * Changing over binds a few small tensors; nothing is copied and nothing is loaded then.
 */
export class HeadSlots {
  readonly #engine: Engine;
  readonly #inputs: readonly HeadInput[];
  readonly #layers: readonly HeadLayer[];
  #served: readonly Tensor[];
  #spare: readonly Tensor[];
  #staged: number | null = null;
  #version = 0;

  /** Makes both sets; {@linkcode stage} and {@linkcode commit} must follow before the first run. */
  constructor(engine: Engine, inputs: readonly HeadInput[], layers: readonly HeadLayer[]) {
    this.#engine = engine;
    this.#inputs = inputs;
    this.#layers = layers;
    this.#served = inputs.map(makeTensor);
    this.#spare = inputs.map(makeTensor);
  }

  /** Version of the head that is served. */
  get version(): number {
    return this.#version;
  }

  /**
   * Fills the set that is not served.
   *
   * @throws {FoveaError} `HEAD_MISMATCH` if there are not as many numbers as the model takes.
   */
  stage({ version, packed }: StagedHead): void {
    const numbers = countNumbers(this.#layers);
    if (packed.length !== numbers) {
      throw new FoveaError(
        "HEAD_MISMATCH",
        `Cannot take the head: it has ${packed.length} numbers, the model takes ${numbers}`,
      );
    }
    for (const [i, input] of this.#inputs.entries()) {
      fillTensor(this.#spare[i]!, input, this.#layers, packed);
    }
    this.#staged = version;
  }

  /** Serves what was staged, from the next run on. */
  commit(): void {
    if (this.#staged === null) throw new TypeError("Cannot serve a head: none was staged");
    for (const [i, { name }] of this.#inputs.entries()) {
      this.#engine.setInput(name, this.#spare[i]!);
    }
    [this.#served, this.#spare] = [this.#spare, this.#served];
    this.#version = this.#staged;
    this.#staged = null;
  }
}

function makeTensor({ type, dims }: HeadInput): Tensor {
  const count = elementCount(dims);
  const data = tensorView(type, new ArrayBuffer(count * elementBytes(type)), 0, count);
  return { type, dims, data };
}

function fillTensor(
  { data }: Tensor,
  { layer: index, role, rows: fed, transposed }: HeadInput,
  layers: readonly HeadLayer[],
  packed: Float32Array,
): void {
  const { rows, channels } = layers[index]!;
  const start = countNumbers(layers.slice(0, index)) + (role === "bias" ? rows * channels : 0);
  const width = role === "bias" ? 1 : channels;
  const numbers = packed.subarray(start, start + rows * width);
  const out = data as Float32Array | Float16Array;
  if (!transposed) {
    // Rows beyond those of the layer stay zero.
    out.set(numbers);
    return;
  }
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < width; column++) {
      out[column * fed + row] = numbers[row * width + column]!;
    }
  }
}
