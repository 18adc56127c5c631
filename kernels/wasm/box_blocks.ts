/** Four boxes: x1, y1, x2, y2, area and class, four lanes each. */
export const BLOCK_BYTES: usize = 96;

/** Bytes of the blocks that hold this many boxes. */
// @ts-ignore: decorator
@inline
export function blockBytes(count: u32): usize {
  return (<usize>(count + 3) >> 2) * BLOCK_BYTES;
}

/** Adds a box as number `count` of these blocks. */
export function appendBox(blocks: usize, count: u32, box: usize, area: f32, group: u32): void {
  const block = blocks + <usize>(count >> 2) * BLOCK_BYTES;
  const lane = count & 3;
  // Boxes without extent in the unused lanes suppress nothing.
  if (lane == 0) memory.fill(block, 0, BLOCK_BYTES);
  const to = block + 4 * lane;
  store<f32>(to, load<f32>(box));
  store<f32>(to, load<f32>(box, 4), 16);
  store<f32>(to, load<f32>(box, 8), 32);
  store<f32>(to, load<f32>(box, 12), 48);
  store<f32>(to, area, 64);
  store<u32>(to, group, 80);
}

/**
 * In which lanes of a block the same class overlaps by more than the threshold. Everything is
 * float32 and in the order of the reference.
 */
// @ts-ignore: decorator
@inline
export function suppressors(
  block: usize,
  left: v128,
  top: v128,
  right: v128,
  bottom: v128,
  area: v128,
  classIndex: v128,
  iouThreshold: v128,
): v128 {
  const zero = f32x4.splat(0);
  const low = f32x4.pmax(left, v128.load(block));
  const high = f32x4.pmin(right, v128.load(block, 32));
  const width = f32x4.pmax(f32x4.sub(high, low), zero);
  const upper = f32x4.pmax(top, v128.load(block, 16));
  const lower = f32x4.pmin(bottom, v128.load(block, 48));
  const height = f32x4.pmax(f32x4.sub(lower, upper), zero);
  const intersection = f32x4.mul(width, height);
  const union = f32x4.sub(f32x4.add(area, v128.load(block, 64)), intersection);
  const tooMuch = f32x4.gt(intersection, f32x4.mul(iouThreshold, union));
  return v128.and(tooMuch, i32x4.eq(classIndex, v128.load(block, 80)));
}
