import { type GraphProto, type TensorProto, TensorProto_DataType as DataType } from "onnx-buf";
import { CONSTANT_ELEMENTS_MAX } from "./onnx_model.ts";

/** Finds small constants of a graph by name and decodes them when asked. */
export class ConstantReader {
  readonly #tensors = new Map<string, TensorProto>();
  readonly #scalars = new Map<string, readonly number[]>();

  /** Notes where the constants are; decodes nothing. */
  constructor(graph: GraphProto) {
    for (const tensor of graph.initializer) this.#tensors.set(tensor.name, tensor);
    for (const { opType, output, attribute } of graph.node) {
      if (opType !== "Constant" || output[0] === undefined) continue;
      const value = attribute[0];
      if (value?.t !== undefined) this.#tensors.set(output[0], value.t);
      else if (value?.name === "value_float") this.#scalars.set(output[0], [value.f]);
      else if (value?.name === "value_int") this.#scalars.set(output[0], [Number(value.i)]);
    }
  }

  /** The numbers of a small constant, or `null`. */
  read(name: string): readonly number[] | null {
    const tensor = this.#tensors.get(name);
    if (tensor === undefined) return this.#scalars.get(name) ?? null;
    const count = tensor.dims.reduce((product, dim) => product * Number(dim), 1);
    if (!(count <= CONSTANT_ELEMENTS_MAX)) return null;
    const numbers = tensor.rawData.byteLength > 0 ? readRaw(tensor) : readTyped(tensor);
    return numbers?.length === count ? numbers : null;
  }
}

function readTyped(tensor: TensorProto): readonly number[] | null {
  switch (tensor.dataType) {
    case DataType.FLOAT:
      return tensor.floatData;
    case DataType.DOUBLE:
      return tensor.doubleData;
    case DataType.INT64:
      return tensor.int64Data.map(Number);
    case DataType.INT32:
    case DataType.INT8:
    case DataType.UINT8:
      return tensor.int32Data;
    default:
      return null;
  }
}

function readRaw(tensor: TensorProto): readonly number[] | null {
  const { rawData } = tensor;
  const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
  function readAll(bytes: number, read: (offset: number) => number): number[] {
    return Array.from({ length: view.byteLength / bytes }, (_, i) => read(bytes * i));
  }
  switch (tensor.dataType) {
    case DataType.FLOAT:
      return readAll(4, (offset) => view.getFloat32(offset, true));
    case DataType.DOUBLE:
      return readAll(8, (offset) => view.getFloat64(offset, true));
    case DataType.FLOAT16:
      return readAll(2, (offset) => view.getFloat16(offset, true));
    case DataType.INT64:
      return readAll(8, (offset) => Number(view.getBigInt64(offset, true)));
    case DataType.INT32:
      return readAll(4, (offset) => view.getInt32(offset, true));
    case DataType.INT8:
      return readAll(1, (offset) => view.getInt8(offset));
    case DataType.UINT8:
      return readAll(1, (offset) => view.getUint8(offset));
    default:
      return null;
  }
}
