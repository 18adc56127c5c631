import type { DetectorSpec } from "../core/detector_spec.ts";
import { cellsOf, makeAnchorGrid, matchGrid } from "./anchor_grid.ts";

/** The points on the network input that a model's rows look at, level by level. */
export interface AnchorPoints {
  /** Cell size of each level in network pixels, in the order of the rows. */
  readonly strides: readonly number[];
  /** First row of each level, and the number of rows at the end. */
  readonly levelStarts: readonly number[];
  /** Anchors of each cell: all cells of the first, then all cells of the second, and so on. */
  readonly anchorsPerCell: number;
  /** Centre of each row's cell, `[rows]` float32, in network pixels. */
  readonly x: Float32Array;
  /** Centre of each row's cell, `[rows]` float32, in network pixels. */
  readonly y: Float32Array;
  /** Size of each row's cell, `[rows]` float32, in network pixels. */
  readonly stride: Float32Array;
}

/**
 * The anchor points of a detector, or `null` for families whose rows are queries without a place
 * (`detr`, `yolo-end2end`) and for grids that fovea does not know.
 */
export function anchorPointsOf(spec: DetectorSpec): AnchorPoints | null {
  const { rows, strides } = spec.options;
  if (typeof rows !== "number" || spec.family === "detr" || spec.family === "yolo-end2end") {
    return null;
  }
  const { width, height } = spec.input;
  const matched = matchGrid(rows, width, height);
  if (Array.isArray(strides)) return makeAnchorPoints(width, height, strides, rows);
  return matched === null ? null : makeAnchorPoints(width, height, matched.strides, rows);
}

function makeAnchorPoints(
  width: number,
  height: number,
  strides: readonly number[],
  rows: number,
): AnchorPoints | null {
  const cells = strides.map((stride) => cellsOf(width, height, stride));
  const anchorsPerCell = rows / cells.reduce((sum, count) => sum + count, 0);
  if (!Number.isInteger(anchorsPerCell) || anchorsPerCell < 1) return null;
  const points = {
    x: new Float32Array(rows),
    y: new Float32Array(rows),
    stride: new Float32Array(rows),
  };
  const levelStarts = [0];
  for (const stride of strides) {
    const grid = makeAnchorGrid(width, height, [stride]);
    let at = levelStarts[levelStarts.length - 1]!;
    for (let anchor = 0; anchor < anchorsPerCell; anchor++) {
      for (const [cell, column] of grid.column.entries()) {
        points.x[at] = (column + 0.5) * stride;
        points.y[at] = (grid.row[cell]! + 0.5) * stride;
        points.stride[at++] = stride;
      }
    }
    levelStarts.push(at);
  }
  return { strides, levelStarts, anchorsPerCell, ...points };
}
