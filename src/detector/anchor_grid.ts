/** Where the rows of an anchor-free output lie on the network input. */
export interface AnchorGrid {
  /** Column of each row's cell, `[rows]` float32, in cells. */
  readonly column: Float32Array;
  /** Row of each row's cell, `[rows]` float32, in cells. */
  readonly row: Float32Array;
  /** Size of each row's cell, `[rows]` float32, in network pixels. */
  readonly stride: Float32Array;
}

/** Number of cells of one level: a part of a cell at the edge counts as one. */
export function cellsOf(width: number, height: number, stride: number): number {
  return Math.ceil(width / stride) * Math.ceil(height / stride);
}

/**
 * Lists the cells of all levels in the order that models use: level by level from the smallest
 * stride, row by row, from left to right.
 *
 * @param width Width of the network input in pixels.
 * @param height Height of the network input in pixels.
 * @param strides Cell size of each level in pixels.
 */
export function makeAnchorGrid(
  width: number,
  height: number,
  strides: readonly number[],
): AnchorGrid {
  const rows = strides.reduce((sum, stride) => sum + cellsOf(width, height, stride), 0);
  const grid = {
    column: new Float32Array(rows),
    row: new Float32Array(rows),
    stride: new Float32Array(rows),
  };
  let at = 0;
  for (const stride of strides) {
    const columns = Math.ceil(width / stride);
    const cells = cellsOf(width, height, stride);
    for (let cell = 0; cell < cells; cell++, at++) {
      grid.column[at] = cell % columns;
      grid.row[at] = Math.floor(cell / columns);
      grid.stride[at] = stride;
    }
  }
  return grid;
}

/** How the rows of an output are spread over levels. */
export interface GridMatch {
  /** Cell size of each level in network pixels. */
  readonly strides: readonly number[];
  /** Predictions per cell: 1 for anchor-free heads, 3 for YOLOv5 and YOLOv7. */
  readonly anchors: number;
}

const STRIDE_SETS: readonly (readonly number[])[] = [
  [8, 16, 32],
  [8, 16, 32, 64],
  [4, 8, 16, 32],
  [8, 16],
  [16, 32],
  [8, 16, 32, 64, 128],
];

/** Finds the usual strides that give `rows` predictions; `null` where none do. */
export function matchGrid(rows: number, width: number, height: number): GridMatch | null {
  for (const anchors of [1, 3]) {
    for (const strides of STRIDE_SETS) {
      const cells = strides.reduce((sum, stride) => sum + cellsOf(width, height, stride), 0);
      if (cells * anchors === rows) return { strides, anchors };
    }
  }
  return null;
}
