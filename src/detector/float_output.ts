import { FoveaError } from "../core/errors.ts";
import type { OutputView } from "../core/ports.ts";
import { elementCount, type TensorData } from "../core/tensor.ts";

/**
 * Reads one output as float32 and checks its shape every time. Other element types are converted
 * into a buffer that is made at the first such run and kept.
 */
export class FloatOutput {
  readonly #name: string;
  readonly #dims: readonly number[];
  #converted: Float32Array | null = null;

  /** Expects the output `name` to have the shape `dims`; -1 stands for any length. */
  constructor(name: string, dims: readonly number[]) {
    this.#name = name;
    this.#dims = dims;
  }

  /**
   * The numbers of the newest run, row-major; on loan until the next run.
   *
   * @throws {FoveaError} `OUTPUT_SHAPE` if the shape is another one.
   */
  read(outputs: OutputView): Float32Array {
    const { dims, data } = outputs.get(this.#name);
    const fits = dims.length === this.#dims.length &&
      dims.every((dim, i) => this.#dims[i] === -1 || dim === this.#dims[i]) &&
      data.length === elementCount(dims);
    if (!fits) {
      throw new FoveaError(
        "OUTPUT_SHAPE",
        `Cannot decode output "${this.#name}": it is [${dims}] with ${data.length} elements, ` +
          `[${this.#dims}] is expected`,
        { hint: "Export the model with a fixed input size" },
      );
    }
    return data instanceof Float32Array ? data : this.#convert(data);
  }

  #convert(data: Exclude<TensorData, Float32Array>): Float32Array {
    if (this.#converted?.length !== data.length) this.#converted = new Float32Array(data.length);
    if (data instanceof BigInt64Array) {
      for (let i = 0; i < data.length; i++) this.#converted[i] = Number(data[i]);
    } else {
      this.#converted.set(data);
    }
    return this.#converted;
  }
}
