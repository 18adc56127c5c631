/** Element types that models use for pictures, boxes and scores. */
export type TensorType =
  | "float32"
  | "float16"
  | "uint8"
  | "int8"
  | "int32"
  | "int64"
  | "float64"
  | "bool";

/** What a model says about one input or output; `-1` stands for a dynamic dimension. */
export interface TensorSpec {
  /** Name in the graph. */
  readonly name: string;
  /** Element type. */
  readonly type: TensorType;
  /** Shape; `-1` where the model leaves it open. */
  readonly dims: readonly number[];
}

/** Numbers of one tensor; `float16` is a `Float16Array`. */
export type TensorData =
  | Float32Array
  | Float16Array
  | Float64Array
  | Uint8Array
  | Int8Array
  | Int32Array
  | BigInt64Array;

/** One tensor with its data; who owns the data is said where it is handed over. */
export interface Tensor {
  /** Element type. */
  readonly type: TensorType;
  /** Shape, all dimensions known. */
  readonly dims: readonly number[];
  /** The elements in row-major order. */
  readonly data: TensorData;
}

/**
 * A tensor that only its address tells, for example in a GPU's memory. Whoever owns the memory keeps
 * it as long as the tensor is used.
 */
export interface AddressTensor {
  /** Element type. */
  readonly type: TensorType;
  /** Shape, all dimensions known. */
  readonly dims: readonly number[];
  /** Where it starts. */
  readonly address: bigint;
}

/** Bytes one element of `type` takes. */
export function elementBytes(type: TensorType): number {
  switch (type) {
    case "float64":
    case "int64":
      return 8;
    case "float32":
    case "int32":
      return 4;
    case "float16":
      return 2;
    case "uint8":
    case "int8":
    case "bool":
      return 1;
  }
}

/** Number of elements in a tensor of this shape. */
export function elementCount(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

/** A typed array over `buffer`; the offset must be a multiple of the element's bytes. */
export function tensorView(
  type: TensorType,
  buffer: ArrayBufferLike,
  byteOffset: number,
  length: number,
): TensorData {
  switch (type) {
    case "float64":
      return new Float64Array(buffer, byteOffset, length);
    case "int64":
      return new BigInt64Array(buffer, byteOffset, length);
    case "float32":
      return new Float32Array(buffer, byteOffset, length);
    case "int32":
      return new Int32Array(buffer, byteOffset, length);
    case "float16":
      return new Float16Array(buffer, byteOffset, length);
    case "int8":
      return new Int8Array(buffer, byteOffset, length);
    case "uint8":
    case "bool":
      return new Uint8Array(buffer, byteOffset, length);
  }
}
