import { TensorProto_DataType as DataType } from "onnx-buf";
import type { TensorType } from "../core/tensor.ts";

const TENSOR_TYPES: ReadonlyMap<number, TensorType> = new Map([
  [DataType.FLOAT, "float32"],
  [DataType.FLOAT16, "float16"],
  [DataType.DOUBLE, "float64"],
  [DataType.UINT8, "uint8"],
  [DataType.INT8, "int8"],
  [DataType.INT32, "int32"],
  [DataType.INT64, "int64"],
  [DataType.BOOL, "bool"],
]);

/** Bits of one element in `raw_data`, by ONNX's type; strings are never raw. */
const BITS: ReadonlyMap<number, number> = new Map([
  [DataType.FLOAT, 32],
  [DataType.UINT8, 8],
  [DataType.INT8, 8],
  [DataType.UINT16, 16],
  [DataType.INT16, 16],
  [DataType.INT32, 32],
  [DataType.INT64, 64],
  [DataType.BOOL, 8],
  [DataType.FLOAT16, 16],
  [DataType.DOUBLE, 64],
  [DataType.UINT32, 32],
  [DataType.UINT64, 64],
  [DataType.COMPLEX64, 64],
  [DataType.COMPLEX128, 128],
  [DataType.BFLOAT16, 16],
  [DataType.FLOAT8E4M3FN, 8],
  [DataType.FLOAT8E4M3FNUZ, 8],
  [DataType.FLOAT8E5M2, 8],
  [DataType.FLOAT8E5M2FNUZ, 8],
  [DataType.UINT4, 4],
  [DataType.INT4, 4],
  [DataType.FLOAT4E2M1, 4],
  [DataType.FLOAT8E8M0, 8],
  [DataType.UINT2, 2],
  [DataType.INT2, 2],
]);

/** ONNX's element type as a {@linkcode TensorType}; `null` where fovea has no such type. */
export function tensorTypeOf(dataType: number): TensorType | null {
  return TENSOR_TYPES.get(dataType) ?? null;
}

/** ONNX's own name of an element type in lower case, for messages. */
export function elementTypeName(dataType: number): string {
  return (DataType[dataType] ?? `type ${dataType}`).toLowerCase();
}

/** Bytes that `count` elements take in `raw_data`; `null` where the type has no raw form. */
export function rawBytes(dataType: number, count: number): number | null {
  const bits = BITS.get(dataType);
  return bits === undefined ? null : Math.ceil(count * bits / 8);
}
