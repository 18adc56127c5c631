import { countBox, Group, placeBlocks, placeCells, tryKeep } from "./kept_boxes";
import { Grid, spanGrid } from "./loose_grid";
import { HISTOGRAM_BYTES, sortByScore } from "./sort_rows";

/** Kept boxes are grouped by the lowest eight bits of their class. */
const GROUPS: u32 = 256;

/**
 * Greedy non-maximum suppression.
 *
 * Rows are visited by falling score. A row meets only kept boxes of its group, and of those only
 * the ones near to it and of like size, four at a time. The result is that of comparing everything
 * with everything.
 *
 * @param boxes `[count, 4]` float32.
 * @param keep Receives up to `min(count, maxDetections)` rows.
 * @param scratch `nmsBytes(count)` bytes of src/native/wasm_kernels.ts, aligned to 16.
 * @returns How many rows are kept.
 */
export function nms(
  boxes: usize,
  scores: usize,
  classes: usize,
  count: u32,
  iouThreshold: f32,
  agnostic: bool,
  maxDetections: u32,
  keep: usize,
  scratch: usize,
): u32 {
  const grid = changetype<Grid>(scratch);
  const groups = scratch + offsetof<Grid>();
  const histograms = groups + GROUPS * offsetof<Group>();
  const items = histograms + HISTOGRAM_BYTES;
  const spare = items + 8 * <usize>count;
  const sorted = sortByScore(scores, count, items, spare, histograms);
  placeGroups(grid, groups, boxes, classes, count, agnostic, spare + 8 * <usize>count);
  let kept: u32 = 0;
  for (let i: u32 = 0; i < sorted && kept < maxDetections; i++) {
    const row = load<u32>(items + 8 * i);
    const classIndex = classOf(classes, row, agnostic);
    const group = groupOf(groups, classIndex);
    if (tryKeep(group, grid, boxes + 16 * row, classIndex, iouThreshold)) {
      store<u32>(keep + 4 * kept++, row);
    }
  }
  return kept;
}

// @ts-ignore: decorator
@inline
function classOf(classes: usize, row: u32, agnostic: bool): u32 {
  return agnostic ? 0 : load<u32>(classes + 4 * row);
}

// @ts-ignore: decorator
@inline
function groupOf(groups: usize, classIndex: u32): Group {
  return changetype<Group>(groups + (classIndex & (GROUPS - 1)) * offsetof<Group>());
}

/** Gives every group its cells, and every cell room for all of its boxes. */
function placeGroups(
  grid: Grid,
  groups: usize,
  boxes: usize,
  classes: usize,
  count: u32,
  agnostic: bool,
  end: usize,
): void {
  memory.fill(groups, 0, GROUPS * offsetof<Group>());
  for (let row: u32 = 0; row < count; row++) {
    groupOf(groups, classOf(classes, row, agnostic)).rows += 1;
  }
  spanGrid(grid, boxes, count);
  for (let i: u32 = 0; i < GROUPS; i++) end = placeCells(groupOf(groups, i), grid, end);
  for (let row: u32 = 0; row < count; row++) {
    countBox(groupOf(groups, classOf(classes, row, agnostic)), grid, boxes + 16 * row);
  }
  for (let i: u32 = 0; i < GROUPS; i++) end = placeBlocks(groupOf(groups, i), end);
}
