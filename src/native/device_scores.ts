import type { ScoreRows } from "../core/kernels.ts";
import type { TensorType } from "../core/tensor.ts";

/**
 * Class scores in a GPU's memory: the score of row `r` and class `c` is element
 * `offset + r * rowStep + c * classStep`.
 */
export interface DeviceScores {
  /** Where the tensor starts, a `CUdeviceptr`. */
  readonly address: bigint;
  /** Element type. */
  readonly type: TensorType;
  /** Number of rows, from 1. */
  readonly rows: number;
  /** Number of classes, from 1. */
  readonly classCount: number;
  /** Element of the first row's first score. */
  readonly offset: number;
  /** Elements from one row to the next. */
  readonly rowStep: number;
  /** Elements from one class to the next. */
  readonly classStep: number;
  /** Element of a row that multiplies its scores, counted from `r * rowStep`; `-1` for none. */
  readonly objectnessOffset: number;
}

/**
 * Scores side by side in each row.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { scoresInRows } from "@fovea/fovea/cuda";
 *
 * const shape = { rows: 9, rowLength: 7, classOffset: 5, classCount: 2, objectnessOffset: 4 };
 * const { offset, rowStep, classStep } = scoresInRows(4096n, "float16", shape);
 * assertEquals([offset, rowStep, classStep], [5, 7, 1]);
 * ```
 */
export function scoresInRows(
  address: bigint,
  type: TensorType,
  { rows, rowLength, classOffset, classCount, objectnessOffset }: ScoreRows,
): DeviceScores {
  return {
    ...{ address, type, rows, classCount, objectnessOffset },
    offset: classOffset,
    rowStep: rowLength,
    classStep: 1,
  };
}

/**
 * Scores class by class, `[classCount, rows]` from element `offset` on.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { scoresInColumns } from "@fovea/fovea/cuda";
 *
 * const { offset, rowStep, classStep } = scoresInColumns(4096n, "float32", 36, 9, 2);
 * assertEquals([offset, rowStep, classStep], [36, 1, 9]);
 * ```
 */
export function scoresInColumns(
  address: bigint,
  type: TensorType,
  offset: number,
  rows: number,
  classCount: number,
): DeviceScores {
  return {
    ...{ address, type, rows, classCount, offset },
    rowStep: 1,
    classStep: rows,
    objectnessOffset: -1,
  };
}
