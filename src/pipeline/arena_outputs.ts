import { FoveaError } from "../core/errors.ts";
import type { OutputView } from "../core/ports.ts";
import { elementCount, type Tensor } from "../core/tensor.ts";

/** One output's place in the arena. */
interface Slot {
  readonly dims: readonly number[];
  readonly tensor: Tensor;
  readonly values: Float32Array;
  /** Whether the engine writes there by itself. */
  readonly direct: boolean;
}

/**
 * Shows an engine's outputs to adapters as float32 tensors inside the kernels' memory, whatever
 * their type and wherever the engine left them. Allocates nothing per run.
 */
export class ArenaOutputs implements OutputView {
  readonly #slots = new Map<string, Slot>();
  #view: OutputView | null = null;

  /**
   * Gives an output its place.
   *
   * @param values `[elements of dims]` float32 inside the kernels' memory.
   * @param direct Whether the engine was told to write the very same bytes.
   */
  place(name: string, dims: readonly number[], values: Float32Array, direct: boolean): void {
    this.#slots.set(name, {
      dims,
      values,
      direct,
      tensor: { type: "float32", dims, data: values },
    });
  }

  /** Takes the outputs of the newest run. */
  show(view: OutputView): this {
    this.#view = view;
    return this;
  }

  /**
   * One output as float32.
   *
   * @throws {FoveaError} `OUTPUT_SHAPE` if there is no such output or it has another shape than in
   * the warm-up run, `STALE` if the run is over.
   */
  get(name: string): Tensor {
    const slot = this.#slots.get(name);
    if (slot === undefined || this.#view === null) {
      throw new FoveaError("OUTPUT_SHAPE", `Cannot read output "${name}": the model has no such`);
    }
    const source = this.#view.get(name);
    if (slot.direct) return slot.tensor;
    if (elementCount(source.dims) !== slot.values.length) {
      throw new FoveaError(
        "OUTPUT_SHAPE",
        `Cannot read output "${name}": it was [${slot.dims}] at first and is [${source.dims}] now`,
        { hint: "Export the model with a fixed number of predictions, without built-in NMS" },
      );
    }
    copyAsFloat32(source, slot.values);
    return slot.tensor;
  }
}

function copyAsFloat32(source: Tensor, out: Float32Array): void {
  const { data } = source;
  if (data instanceof BigInt64Array) {
    for (let i = 0; i < out.length; i++) out[i] = Number(data[i]);
  } else {
    out.set(data);
  }
}
