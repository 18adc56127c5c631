import { Element, LetterboxPlan } from "./letterbox_plan";

/** Address of pixel `x`, `y` in the output; of its first channel where those lie apart. */
export function pixelAddress(plan: LetterboxPlan, x: u32, y: u32): usize {
  const pixel = y * plan.netWidth + x;
  return plan.out + ((plan.interleaved ? 3 * pixel : pixel) << plan.element);
}

/** Bytes from one channel to the next in a planar output. */
export function channelBytes(plan: LetterboxPlan): usize {
  return (plan.netWidth * plan.netHeight) << plan.element;
}

/** Address of a component's plane, given that of the first channel. */
// @ts-ignore: decorator
@inline
export function componentAt(plan: LetterboxPlan, to: usize, step: usize, component: u32): usize {
  return to + step * (plan.reversed ? 2 - component : component);
}

/**
 * Packs `count` pixels from three rows of float32, one per component and `plan.rowBytes` apart,
 * into the type and layout the network wants.
 *
 * @param to Address of the first pixel.
 * @param step Bytes from one channel to the next, where the layout is planar.
 */
export function packPixels(
  plan: LetterboxPlan,
  rows: usize,
  count: u32,
  to: usize,
  step: usize,
): void {
  const element = plan.element;
  const packed = element == Element.FLOAT32 ? rows : convertRows(plan, rows, count);
  if (plan.interleaved) {
    if (element == Element.FLOAT32) interleave<f32>(plan, packed, count, to);
    else if (element == Element.FLOAT16) interleave<u16>(plan, packed, count, to);
    else interleave<u8>(plan, packed, count, to);
    return;
  }
  for (let component: u32 = 0; component < 3; component++) {
    const from = packed + component * plan.rowBytes;
    memory.copy(componentAt(plan, to, step, component), from, count << element);
  }
}

/** Makes a row of padding in the output's type and layout, for {@link copyPadding}. */
export function preparePadding(plan: LetterboxPlan): void {
  const rows: usize = plan.pixelRows;
  const count = plan.netWidth;
  for (let x: u32 = 0; x < count; x++) {
    store<f32>(rows + 4 * x, plan.pad0);
    store<f32>(rows + plan.rowBytes + 4 * x, plan.pad1);
    store<f32>(rows + 2 * plan.rowBytes + 4 * x, plan.pad2);
  }
  packPixels(plan, rows, count, plan.padRows, plan.rowBytes);
}

/** Writes `count` pixels of padding at network position `x`, `y`. */
export function copyPadding(plan: LetterboxPlan, count: u32, x: u32, y: u32): void {
  if (count == 0) return;
  const bytes = count << plan.element;
  const to = pixelAddress(plan, x, y);
  const from: usize = plan.padRows;
  if (plan.interleaved) {
    memory.copy(to, from, 3 * bytes);
    return;
  }
  const step = channelBytes(plan);
  memory.copy(to, from, bytes);
  memory.copy(to + step, from + plan.rowBytes, bytes);
  memory.copy(to + 2 * step, from + 2 * plan.rowBytes, bytes);
}

/** Converts three rows of float32 into the output's type; returns where they are. */
function convertRows(plan: LetterboxPlan, rows: usize, count: u32): usize {
  const packed: usize = plan.packedRows;
  for (let component: u32 = 0; component < 3; component++) {
    const from = rows + component * plan.rowBytes;
    const to = packed + component * plan.rowBytes;
    if (plan.element == Element.FLOAT16) convertToHalf(from, to, count);
    else convertToByte(from, to, count);
  }
  return packed;
}

function interleave<T>(plan: LetterboxPlan, rows: usize, count: u32, to: usize): void {
  const size = sizeof<T>();
  const step: usize = plan.rowBytes;
  const first = componentAt(plan, rows, step, 0);
  const second = rows + step;
  const third = componentAt(plan, rows, step, 2);
  for (let i: u32 = 0; i < count; i++, to += 3 * size) {
    store<T>(to, load<T>(first + size * i));
    store<T>(to, load<T>(second + size * i), size);
    store<T>(to, load<T>(third + size * i), 2 * size);
  }
}

/** Rounds half up and clamps to 0–255, four at a time; may write three bytes too many. */
function convertToByte(from: usize, to: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i += 4) {
    const rounded = f32x4.floor(f32x4.add(v128.load(from + 4 * i), f32x4.splat(0.5)));
    const words = i16x8.narrow_i32x4_s(i32x4.trunc_sat_f32x4_s(rounded), i32x4.splat(0));
    v128.store_lane<u32>(to + i, i8x16.narrow_i16x8_u(words, words), 0);
  }
}

/**
 * Rounds float32 to float16, half to even, four at a time; may write three elements too many.
 *
 * Normal numbers get the exponent's bias changed (127 to 15) and 13 bits rounded away. Numbers
 * below 2^-14 are added to 1/2, whose unit in the last place is that of the smallest float16, so
 * that the addition does the rounding. From 65,536 on it is infinity; NaN stays NaN.
 */
function convertToHalf(from: usize, to: usize, count: u32): void {
  const one = i32x4.splat(1);
  const half = f32x4.splat(0.5);
  for (let i: u32 = 0; i < count; i += 4) {
    const bits = v128.load(from + 4 * i);
    const sign = v128.and(bits, i32x4.splat(0x8000_0000));
    const size = v128.xor(bits, sign);
    const odd = v128.and(i32x4.shr_u(size, 13), one);
    const rebias = i32x4.splat(((15 - 127) << 23) + 0xfff);
    const normal = i32x4.shr_u(i32x4.add(i32x4.add(size, rebias), odd), 13);
    const tiny = i32x4.sub(f32x4.add(size, half), half);
    const isNan = i32x4.gt_s(size, i32x4.splat(0x7f80_0000));
    const special = v128.bitselect(i32x4.splat(0x7e00), i32x4.splat(0x7c00), isNan);
    let result = v128.bitselect(tiny, normal, i32x4.lt_s(size, i32x4.splat(113 << 23)));
    result = v128.bitselect(special, result, i32x4.ge_s(size, i32x4.splat(143 << 23)));
    result = v128.or(result, i32x4.shr_u(sign, 16));
    const narrow = i8x16.shuffle(result, result, 0, 1, 4, 5, 8, 9, 12, 13, 0, 1, 4, 5, 8, 9, 12, 13);
    v128.store_lane<u64>(to + 2 * i, narrow, 0);
  }
}
