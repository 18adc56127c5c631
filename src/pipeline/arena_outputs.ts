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
   * @param dims Its shape; -1 for a dimension that every run may fill as far as `values` has room.
   * Such an output is not direct.
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
    if (slot.dims.includes(-1)) return showPart(name, slot, source);
    if (elementCount(source.dims) !== slot.values.length) {
      throw new FoveaError(
        "OUTPUT_SHAPE",
        `Cannot read output "${name}": it was [${slot.dims}] at first and is [${source.dims}] now`,
        { hint: "Export the model with a fixed number of predictions" },
      );
    }
    copyAsFloat32(source, slot.values);
    return slot.tensor;
  }
}

/** As much of an output of open size as this run gave. */
function showPart(name: string, { dims, values }: Slot, source: Tensor): Tensor {
  const length = elementCount(source.dims);
  const fits = source.dims.length === dims.length && length <= values.length &&
    source.dims.every((dim, i) => dims[i] === -1 || dim === dims[i]);
  if (!fits) {
    throw new FoveaError(
      "OUTPUT_SHAPE",
      `Cannot read output "${name}": it is [${source.dims}], there is room for ${values.length} ` +
        `elements as [${dims}]`,
      { hint: "Export the model with a higher score threshold or fewer boxes" },
    );
  }
  const data = values.subarray(0, length);
  copyAsFloat32(source, data);
  return { type: "float32", dims: source.dims, data };
}

function copyAsFloat32(source: Tensor, out: Float32Array): void {
  const { data } = source;
  if (data instanceof BigInt64Array) {
    for (let i = 0; i < out.length; i++) out[i] = Number(data[i]);
  } else {
    out.set(data);
  }
}
