import { appendBox, BLOCK_BYTES, blockBytes, suppressors } from "./box_blocks";
import {
  boxArea,
  boxSize,
  cellAlong,
  cellOf,
  cellsAbove,
  centre,
  Grid,
  isSolid,
  levelsFor,
} from "./loose_grid";

/** The kept boxes of one cell. */
@unmanaged
class Cell {
  blocks: u32;
  count: u32;
}

/** Boxes whose class has the same lowest eight bits, in cells of the grid. */
@unmanaged
export class Group {
  /** How many candidates there are. */
  rows: u32;
  /** Deepest level of the grid. */
  levels: u32;
  /** Where the cells lie. */
  cells: u32;
}

/** Gives a group its cells, all empty, and returns the byte behind them. */
export function placeCells(group: Group, grid: Grid, cells: usize): usize {
  group.levels = levelsFor(grid, group.rows);
  group.cells = u32(cells);
  const bytes = <usize>cellsAbove(group.levels + 1) * offsetof<Cell>();
  memory.fill(cells, 0, bytes);
  return cells + bytes;
}

// @ts-ignore: decorator
@inline
function cellAt(group: Group, index: u32): Cell {
  return changetype<Cell>(<usize>group.cells + <usize>index * offsetof<Cell>());
}

/** Counts a candidate in its cell, before the cells get their blocks. */
export function countBox(group: Group, grid: Grid, box: usize): void {
  if (isSolid(boxArea(box))) cellAt(group, cellOf(grid, group.levels, box)).count += 1;
}

/** Gives the cells of a group room for what was counted; returns the byte behind the blocks. */
export function placeBlocks(group: Group, blocks: usize): usize {
  for (let i: u32 = 0, n = cellsAbove(group.levels + 1); i < n; i++) {
    const cell = cellAt(group, i);
    cell.blocks = u32(blocks);
    blocks += blockBytes(cell.count);
    cell.count = 0;
  }
  return blocks;
}

/** Adds a box to its group unless a kept box suppresses it; returns whether it is kept. */
export function tryKeep(
  group: Group,
  grid: Grid,
  box: usize,
  classIndex: u32,
  iouThreshold: f32,
): bool {
  const area = boxArea(box);
  if (!isSolid(area)) return true;
  if (isCovered(group, grid, box, area, classIndex, iouThreshold)) return false;
  const cell = cellAt(group, cellOf(grid, group.levels, box));
  appendBox(cell.blocks, cell.count, box, area, classIndex);
  cell.count += 1;
  return true;
}

/**
 * An IoU that every suppressing box surely reaches: a hundredth below the threshold, because of
 * rounding; 0 where products with the threshold could underflow.
 */
// @ts-ignore: decorator
@inline
function safeBound(iouThreshold: f32): f32 {
  return iouThreshold < 1e-3 ? 0 : iouThreshold * 0.99;
}

/**
 * Whether a kept box suppresses this one.
 *
 * The IoU of two boxes is at most the ratio of their longer sides, so levels whose boxes are too
 * small or too large for the threshold are passed over.
 */
function isCovered(
  group: Group,
  grid: Grid,
  box: usize,
  area: f32,
  classIndex: u32,
  iouThreshold: f32,
): bool {
  const size = boxSize(box);
  const bound = safeBound(iouThreshold);
  const sizeMin = size * bound;
  const sizeMax = size / bound;
  const levels = group.levels;
  let cellSize = grid.extent;
  for (let level: u32 = 0; level <= levels; level++, cellSize *= 0.5) {
    if (level != 0 && cellSize < sizeMin) return false;
    if (level != levels && cellSize * 0.5 > sizeMax) continue;
    const rivalSize = min(cellSize, sizeMax);
    if (isCoveredAt(group, grid, level, rivalSize, box, area, classIndex, iouThreshold)) return true;
  }
  return false;
}

/**
 * The same for the boxes of one level, none of which is larger than `rivalSize`.
 *
 * Along each axis the IoU of two boxes is at most that of their extents, `(s - d) / (s + d)` where
 * their mean length is s and their centres are d apart. So a rival's centre is no farther than
 * `s * (1 - t) / (1 + t)`.
 */
function isCoveredAt(
  group: Group,
  grid: Grid,
  level: u32,
  rivalSize: f32,
  box: usize,
  area: f32,
  classIndex: u32,
  iouThreshold: f32,
): bool {
  const x1 = load<f32>(box);
  const y1 = load<f32>(box, 4);
  const x2 = load<f32>(box, 8);
  const y2 = load<f32>(box, 12);
  const bound = safeBound(iouThreshold);
  const near: f32 = f32(0.51) * (1 - bound) / (1 + bound);
  const acrossMax = (x2 - x1 + rivalSize) * near + grid.slack;
  const downMax = (y2 - y1 + rivalSize) * near + grid.slack;
  const perCell = grid.perExtent * f32(1 << level);
  const leftmost = cellAlong(grid.left, perCell, level, centre(box) - acrossMax);
  const rightmost = cellAlong(grid.left, perCell, level, centre(box) + acrossMax);
  const topmost = cellAlong(grid.top, perCell, level, centre(box + 4) - downMax);
  const lowest = cellAlong(grid.top, perCell, level, centre(box + 4) + downMax);
  const left = f32x4.splat(x1);
  const top = f32x4.splat(y1);
  const right = f32x4.splat(x2);
  const bottom = f32x4.splat(y2);
  const areas = f32x4.splat(area);
  const classes = i32x4.splat(classIndex);
  const threshold = f32x4.splat(iouThreshold);
  for (let row = topmost; row <= lowest; row++) {
    const first = cellsAbove(level) + (row << level);
    for (let column = leftmost; column <= rightmost; column++) {
      const cell = cellAt(group, first + column);
      const blocks: usize = cell.blocks;
      const end = blocks + blockBytes(cell.count);
      for (let block = blocks; block < end; block += BLOCK_BYTES) {
        const found = suppressors(block, left, top, right, bottom, areas, classes, threshold);
        if (v128.any_true(found)) return true;
      }
    }
  }
  return false;
}
