import { HISTOGRAM_BYTES, sortByScore } from "./sort_rows";

/** Kept boxes are grouped by the lowest eight bits of their class. */
const GROUPS: u32 = 256;
/** Four boxes: x1, y1, x2, y2, area and class, four lanes each. */
const BLOCK_BYTES: usize = 96;

/** How many boxes of a group are kept, and where its blocks start. */
@unmanaged
class Group {
  kept: u32;
  blocks: u32;
}

/**
 * Greedy non-maximum suppression.
 *
 * Rows are visited by falling score. Kept boxes of one group lie in blocks of four, lane by lane,
 * so that a box meets four of them at once. All arithmetic is float32 and in the order of the
 * reference, so that the same boxes are kept.
 *
 * @param boxes `[count, 4]` float32, aligned to 4.
 * @param keep Receives up to `min(count, maxDetections)` rows.
 * @param scratch `nmsScratchBytes(count)` of src/native/wasm_kernels.ts, aligned to 16.
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
  const items = scratch + HISTOGRAM_BYTES;
  const groups = items + 16 * <usize>count;
  const blocks = groups + GROUPS * offsetof<Group>();
  const sorted = sortByScore(scores, count, items, items + 8 * <usize>count, scratch);
  placeGroups(groups, classes, count, agnostic, blocks);
  let kept: u32 = 0;
  for (let i: u32 = 0; i < sorted && kept < maxDetections; i++) {
    const row = load<u32>(items + 8 * i);
    const classIndex = agnostic ? 0 : load<u32>(classes + 4 * row);
    if (tryKeep(groupOf(groups, classIndex), boxes + 16 * row, classIndex, iouThreshold)) {
      store<u32>(keep + 4 * kept++, row);
    }
  }
  return kept;
}

// @ts-ignore: decorator
@inline
function groupOf(groups: usize, classIndex: u32): Group {
  return changetype<Group>(groups + (classIndex & (GROUPS - 1)) * offsetof<Group>());
}

/** Gives every group room for all of its rows. */
function placeGroups(
  groups: usize,
  classes: usize,
  count: u32,
  agnostic: bool,
  blocks: usize,
): void {
  memory.fill(groups, 0, GROUPS * offsetof<Group>());
  if (agnostic) {
    groupOf(groups, 0).blocks = u32(blocks);
    return;
  }
  for (let row: u32 = 0; row < count; row++) groupOf(groups, load<u32>(classes + 4 * row)).kept += 1;
  for (let index: u32 = 0; index < GROUPS; index++) {
    const group = groupOf(groups, index);
    group.blocks = u32(blocks);
    blocks += ((group.kept + 3) >> 2) * BLOCK_BYTES;
    group.kept = 0;
  }
}

/** Adds a box to its group unless one of the group's kept boxes overlaps it too much. */
function tryKeep(group: Group, box: usize, classIndex: u32, iouThreshold: f32): bool {
  const x1 = load<f32>(box);
  const y1 = load<f32>(box, 4);
  const x2 = load<f32>(box, 8);
  const y2 = load<f32>(box, 12);
  const area = positive(x2 - x1) * positive(y2 - y1);
  const end = group.blocks + ((group.kept + 3) >> 2) * BLOCK_BYTES;
  if (isSuppressed(group.blocks, end, x1, y1, x2, y2, area, classIndex, iouThreshold)) return false;
  const block = group.blocks + (group.kept >> 2) * BLOCK_BYTES;
  const lane = group.kept & 3;
  // Boxes without extent in the unused lanes suppress nothing.
  if (lane == 0) memory.fill(block, 0, BLOCK_BYTES);
  const to = block + 4 * lane;
  store<f32>(to, x1);
  store<f32>(to, y1, 16);
  store<f32>(to, x2, 32);
  store<f32>(to, y2, 48);
  store<f32>(to, area, 64);
  store<u32>(to, classIndex, 80);
  group.kept += 1;
  return true;
}

// @ts-ignore: decorator
@inline
function positive(length: f32): f32 {
  return length < 0 ? 0 : length;
}

/** Whether one of the boxes in these blocks overlaps the given one too much. */
function isSuppressed(
  blocks: usize,
  end: usize,
  x1: f32,
  y1: f32,
  x2: f32,
  y2: f32,
  area: f32,
  classIndex: u32,
  iouThreshold: f32,
): bool {
  const left = f32x4.splat(x1);
  const top = f32x4.splat(y1);
  const right = f32x4.splat(x2);
  const bottom = f32x4.splat(y2);
  const areas = f32x4.splat(area);
  const sameClass = i32x4.splat(classIndex);
  const threshold = f32x4.splat(iouThreshold);
  const zero = f32x4.splat(0);
  for (let block = blocks; block < end; block += BLOCK_BYTES) {
    const low = f32x4.pmax(left, v128.load(block));
    const high = f32x4.pmin(right, v128.load(block, 32));
    const width = f32x4.pmax(f32x4.sub(high, low), zero);
    const upper = f32x4.pmax(top, v128.load(block, 16));
    const lower = f32x4.pmin(bottom, v128.load(block, 48));
    const height = f32x4.pmax(f32x4.sub(lower, upper), zero);
    const intersection = f32x4.mul(width, height);
    const union = f32x4.sub(f32x4.add(areas, v128.load(block, 64)), intersection);
    const tooMuch = f32x4.gt(intersection, f32x4.mul(threshold, union));
    const same = i32x4.eq(sameClass, v128.load(block, 80));
    if (v128.any_true(v128.and(tooMuch, same))) return true;
  }
  return false;
}
