import type { DetectorSpec } from "../core/detector_spec.ts";
import type { HeadLayout } from "../core/head_layout.ts";
import { FoveaError } from "../core/errors.ts";

/** The cells of one level of a head. */
export interface HeadGridLevel {
  /** Cells in a row. */
  readonly columns: number;
  /** Rows of cells. */
  readonly rows: number;
  /** Side of a cell in network pixels; `null` for queries, which have no place. */
  readonly stride: number | null;
  /** Predictions a cell. */
  readonly anchors: number;
  /** Whether all cells of the first anchor come before those of the second. */
  readonly anchorMajor: boolean;
}

/** One prediction's place in a head. */
export interface HeadCell {
  /** Level, from 0. */
  readonly level: number;
  /** Column of the cell, from 0. */
  readonly x: number;
  /** Row of the cell, from 0. */
  readonly y: number;
  /** Anchor within the cell, from 0. */
  readonly anchor: number;
}

/**
 * Maps the rows of a model to cells of its levels and back. Rows run level by level; within a
 * level from left to right and from top to bottom, for each anchor anew (`anchorMajor`) or with the
 * anchors of a cell side by side.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { HeadGrid } from "@fovea/fovea/refine";
 *
 * const level = { columns: 4, rows: 3, stride: 8, anchors: 1, anchorMajor: true };
 * const grid = new HeadGrid([level, { ...level, columns: 2, rows: 2, stride: 16 }], 0.5);
 * assertEquals(grid.rows, 16);
 * assertEquals(grid.cellOf(13), { level: 1, x: 1, y: 0, anchor: 0 });
 * assertEquals(grid.rowOf({ level: 1, x: 1, y: 0, anchor: 0 }), 13);
 * assertEquals(grid.pointOf(13), { x: 24, y: 8, stride: 16 });
 * ```
 */
export class HeadGrid {
  /** The levels. */
  readonly levels: readonly HeadGridLevel[];
  /** How many rows all levels have together. */
  readonly rows: number;
  /** Where in a cell its anchor point lies, 0–1. */
  readonly pointOffset: number;
  readonly #starts: readonly number[];

  /**
   * Lays levels out one after the other.
   *
   * @param levels The levels in the order of the model's rows.
   * @param pointOffset Where in a cell its anchor point lies, 0–1: 0.5 for the centre.
   */
  constructor(levels: readonly HeadGridLevel[], pointOffset: number) {
    this.levels = levels;
    this.pointOffset = pointOffset;
    const starts: number[] = [];
    let rows = 0;
    for (const { columns, rows: lines, anchors } of levels) {
      starts.push(rows);
      rows += columns * lines * anchors;
    }
    this.#starts = starts;
    this.rows = rows;
  }

  /** The cell of a row. @throws {RangeError} If there is no such row. */
  cellOf(row: number): HeadCell {
    const level = this.levelOf(row);
    const { columns, rows, anchors, anchorMajor } = this.levels[level]!;
    const at = row - this.#starts[level]!;
    const cells = columns * rows;
    const cell = anchorMajor ? at % cells : Math.floor(at / anchors);
    const anchor = anchorMajor ? Math.floor(at / cells) : at % anchors;
    return { level, x: cell % columns, y: Math.floor(cell / columns), anchor };
  }

  /** The row of a cell. @throws {RangeError} If there is no such cell. */
  rowOf({ level, x, y, anchor }: HeadCell): number {
    const found = this.levels[level];
    const inside = found !== undefined && isIndex(x, found.columns) && isIndex(y, found.rows) &&
      isIndex(anchor, found.anchors);
    if (!inside) {
      throw new RangeError(`Cannot find cell ${x}, ${y} of level ${level}, anchor ${anchor}`);
    }
    const cell = y * found.columns + x;
    const cells = found.columns * found.rows;
    const at = found.anchorMajor ? anchor * cells + cell : cell * found.anchors + anchor;
    return this.#starts[level]! + at;
  }

  /** The level of a row. @throws {RangeError} If there is no such row. */
  levelOf(row: number): number {
    if (!isIndex(row, this.rows)) {
      throw new RangeError(`Cannot find row ${row}: there are ${this.rows}`);
    }
    let level = this.levels.length - 1;
    while (this.#starts[level]! > row) level--;
    return level;
  }

  /**
   * Anchor point and side of the cell of a row, in network pixels; NaN for queries.
   *
   * @throws {RangeError} If there is no such row.
   */
  pointOf(row: number): { readonly x: number; readonly y: number; readonly stride: number } {
    const { level, x, y } = this.cellOf(row);
    const stride = this.levels[level]!.stride ?? NaN;
    return { x: (x + this.pointOffset) * stride, y: (y + this.pointOffset) * stride, stride };
  }
}

/**
 * Lays out the grid of an exposed head.
 *
 * @param layout The head.
 * @param outputDims Shapes of the exposed model's outputs, by name.
 * @param spec How the detector is fed and decoded.
 * @param rows How many rows the model's predictions have.
 * @throws {FoveaError} `HEAD_UNSUPPORTED` if the head's cells are not the model's rows.
 */
export function layOutGrid(
  layout: HeadLayout,
  outputDims: Readonly<Record<string, readonly number[]>>,
  spec: DetectorSpec,
  rows: number,
): HeadGrid {
  const { width, height } = spec.input;
  const levels = layout.levels.map((level): HeadGridLevel => {
    const dims = outputDims[level.features] ?? [];
    const { anchors, anchorMajor } = level;
    // Queries, and cells whose rows were joined before the head, are one line.
    if (dims.length < 4) {
      const columns = dims.at(-2) ?? 0;
      return { columns, rows: 1, stride: null, anchors, anchorMajor };
    }
    const [lines, columns] = level.channelsLast ? [dims[1]!, dims[2]!] : [dims[2]!, dims[3]!];
    const stride = strideOf(width, height, columns, lines);
    return { columns, rows: lines, stride, anchors, anchorMajor };
  });
  const offset = spec.options.centreOffset;
  const grid = new HeadGrid(levels, typeof offset === "number" ? offset : 0.5);
  if (grid.rows === rows) return grid;
  throw new FoveaError(
    "HEAD_UNSUPPORTED",
    `Cannot tap the head: its levels have ${grid.rows} cells, the model's output has ${rows} rows`,
    { hint: "Export the model with one prediction for every cell" },
  );
}

/** The cell size that gives as many cells, a power of two where one does; `null` for none. */
function strideOf(width: number, height: number, columns: number, rows: number): number | null {
  const rough = Math.max(width / columns, height / rows);
  const power = 2 ** Math.round(Math.log2(rough));
  const fits = [power, Math.ceil(rough)].find((stride) =>
    Math.ceil(width / stride) === columns && Math.ceil(height / stride) === rows
  );
  return fits ?? null;
}

function isIndex(value: number, count: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < count;
}
