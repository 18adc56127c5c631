import type { TensorType } from "../core/tensor.ts";

/**
 * A matrix in a GPU's memory: element `[row, column]` stands `row * rowStep + column * columnStep`
 * elements after its start. So feature maps `[channels, height * width]` are matrices of anchors and
 * channels without being transposed.
 */
export interface DeviceMatrix {
  /** Where it starts, a `CUdeviceptr`. */
  readonly address: bigint;
  /** Element type. */
  readonly type: TensorType;
  /** Number of rows, from 1. */
  readonly rows: number;
  /** Number of columns, from 1. */
  readonly columns: number;
  /** Elements from one row to the next. */
  readonly rowStep: number;
  /** Elements from one column to the next. */
  readonly columnStep: number;
}
