/** Areas below this lose so much precision in float32 that sizes say nothing about IoU. */
const AREA_MIN: f32 = 1e-30;

/**
 * A square over the centres of all boxes, cut into 1, 2 × 2, 4 × 4, … cells, level by level.
 *
 * A box belongs to the deepest level whose cells are not smaller than itself, and to the cell its
 * centre is in. Boxes that overlap much are of like size and close, so a box that looks for others
 * finds them in a few cells of a few levels.
 */
@unmanaged
export class Grid {
  left: f32;
  top: f32;
  /** Length of the square's sides; 0 where it cannot be cut. */
  extent: f32;
  /** One by the extent. */
  perExtent: f32;
  /** What rounding may have moved a coordinate by. */
  slack: f32;
}

/** Whether a box can overlap another at all: neither empty nor endless nor NaN. */
// @ts-ignore: decorator
@inline
export function isSolid(area: f32): bool {
  return area > 0 && area < f32(Infinity);
}

/** Area of a box; 0 where it is inside out. */
export function boxArea(box: usize): f32 {
  const width = load<f32>(box, 8) - load<f32>(box);
  const height = load<f32>(box, 12) - load<f32>(box, 4);
  return positive(width) * positive(height);
}

// @ts-ignore: decorator
@inline
function positive(length: f32): f32 {
  return length < 0 ? 0 : length;
}

/** The longer side of a box. */
// @ts-ignore: decorator
@inline
export function boxSize(box: usize): f32 {
  return max(load<f32>(box, 8) - load<f32>(box), load<f32>(box, 12) - load<f32>(box, 4));
}

/** The middle of two coordinates that are 8 bytes apart. */
// @ts-ignore: decorator
@inline
export function centre(low: usize): f32 {
  return (load<f32>(low) + load<f32>(low, 8)) * 0.5;
}

/** Spans the grid over the centres of all solid boxes. */
export function spanGrid(grid: Grid, boxes: usize, count: u32): void {
  let left = f32.MAX_VALUE;
  let top = f32.MAX_VALUE;
  let right = -f32.MAX_VALUE;
  let bottom = -f32.MAX_VALUE;
  let smallest = f32.MAX_VALUE;
  for (let box = boxes, end = boxes + 16 * <usize>count; box < end; box += 16) {
    const area = boxArea(box);
    if (!isSolid(area)) continue;
    smallest = min(smallest, area);
    left = min(left, centre(box));
    right = max(right, centre(box));
    top = min(top, centre(box + 4));
    bottom = max(bottom, centre(box + 4));
  }
  const extent = max(right - left, bottom - top);
  const farthest = max(max(abs(left), abs(right)), max(abs(top), abs(bottom)));
  grid.left = left;
  grid.top = top;
  grid.slack = farthest * 1e-6;
  grid.perExtent = 1 / extent;
  const canBeCut = smallest >= AREA_MIN && grid.perExtent > 0 &&
    grid.perExtent < f32(Infinity);
  grid.extent = canBeCut ? extent : 0;
}

/** Deepest level for this many boxes: about 32 in each of its cells, and none for a few boxes. */
export function levelsFor(grid: Grid, boxes: u32): u32 {
  if (boxes < 512 || grid.extent == 0) return 0;
  return (31 - clz(boxes >> 5)) >> 1;
}

/** Number of cells above a level: 0, 1, 5, 21, … */
// @ts-ignore: decorator
@inline
export function cellsAbove(level: u32): u32 {
  return ((1 << (2 * level)) - 1) / 3;
}

/** Number of a box's cell, counted from the first cell of level 0. */
export function cellOf(grid: Grid, levels: u32, box: usize): u32 {
  if (levels == 0) return 0;
  const size = boxSize(box);
  let level: u32 = 0;
  for (let half = grid.extent * 0.5; level < levels && size <= half; half *= 0.5) level++;
  const perCell = grid.perExtent * f32(1 << level);
  const column = cellAlong(grid.left, perCell, level, centre(box));
  const row = cellAlong(grid.top, perCell, level, centre(box + 4));
  return cellsAbove(level) + (row << level) + column;
}

/** The column or row of a place; the outer ones go on for ever. Rises with the place. */
// @ts-ignore: decorator
@inline
export function cellAlong(origin: f32, perCell: f32, level: u32, place: f32): u32 {
  return min(u32((place - origin) * perCell), (1 << level) - 1);
}
