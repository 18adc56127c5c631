import type { TensorType } from "../core/tensor.ts";

/** `ONNXTensorElementDataType` of each type that fovea binds. */
export const ORT_ELEMENT_TYPE: Readonly<Record<TensorType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
};

const TENSOR_TYPES: ReadonlyMap<number, TensorType> = new Map(
  Object.entries(ORT_ELEMENT_TYPE).map(([type, code]) => [code, type as TensorType]),
);

/** The type that an `ONNXTensorElementDataType` stands for; `null` where fovea has none. */
export function tensorTypeOf(elementType: number): TensorType | null {
  return TENSOR_TYPES.get(elementType) ?? null;
}
