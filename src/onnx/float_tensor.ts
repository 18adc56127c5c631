import { create } from "@bufbuild/protobuf";
import { type TensorProto, TensorProto_DataType as DataType, TensorProtoSchema } from "onnx-buf";

/**
 * The numbers of a float32 or float16 tensor as float32, row-major.
 *
 * @throws {TypeError} If it holds another type.
 */
export function readFloats(tensor: TensorProto): Float32Array<ArrayBuffer> {
  const { dataType, rawData } = tensor;
  if (dataType === DataType.FLOAT) {
    return rawData.byteLength === 0
      ? Float32Array.from(tensor.floatData)
      : new Float32Array(rawData.slice().buffer);
  }
  if (dataType === DataType.FLOAT16) {
    const bits = rawData.byteLength === 0
      ? Uint16Array.from(tensor.int32Data)
      : new Uint16Array(rawData.slice().buffer);
    return Float32Array.from(new Float16Array(bits.buffer));
  }
  throw new TypeError(`Cannot read tensor "${tensor.name}" as floats: it holds type ${dataType}`);
}

/** A tensor of these numbers in the element type of `like`, under another name and shape. */
export function makeTensor(
  like: TensorProto,
  name: string,
  dims: readonly bigint[],
  values: Float32Array,
): TensorProto {
  const half = like.dataType === DataType.FLOAT16;
  const stored = half ? Float16Array.from(values) : values;
  const bytes = new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
  return create(TensorProtoSchema, {
    name,
    dataType: like.dataType,
    dims: [...dims],
    rawData: bytes.slice(),
  });
}

/** Turns `[rows, columns]` into `[columns, rows]`. */
export function transposeMatrix(
  values: Float32Array,
  rows: number,
  columns: number,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      out[column * rows + row] = values[row * columns + column]!;
    }
  }
  return out;
}
