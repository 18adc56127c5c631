import { Element, LetterboxPlan } from "./letterbox_plan";

/**
 * Writes `count` pixels at network position `x`, `y`, from three rows of float32 that are
 * `plan.rowBytes` apart, one per component, in the type and layout the network wants.
 */
export function packPixels(plan: LetterboxPlan, rows: usize, count: u32, x: u32, y: u32): void {
  if (count == 0) return;
  const element = plan.element;
  const packed = element == Element.FLOAT32 ? rows : convertRows(plan, rows, count);
  if (plan.interleaved) {
    const out = plan.out + ((3 * (y * plan.netWidth + x)) << element);
    if (element == Element.FLOAT32) interleave<f32>(plan, packed, count, out);
    else if (element == Element.FLOAT16) interleave<u16>(plan, packed, count, out);
    else interleave<u8>(plan, packed, count, out);
    return;
  }
  for (let component: u32 = 0; component < 3; component++) {
    const to = planarPixel(plan, component, x, y);
    memory.copy(to, packed + component * plan.rowBytes, count << element);
  }
}

/** Address of one component of one pixel in a planar output. */
// @ts-ignore: decorator
@inline
export function planarPixel(plan: LetterboxPlan, component: u32, x: u32, y: u32): usize {
  const channel = plan.reversed ? 2 - component : component;
  return plan.out + (((channel * plan.netHeight + y) * plan.netWidth + x) << plan.element);
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

function interleave<T>(plan: LetterboxPlan, rows: usize, count: u32, out: usize): void {
  const size = sizeof<T>();
  const first = rows + (plan.reversed ? 2 * plan.rowBytes : 0);
  const middle = rows + plan.rowBytes;
  const last = rows + (plan.reversed ? 0 : 2 * plan.rowBytes);
  for (let i: u32 = 0; i < count; i++) {
    const to = out + 3 * size * i;
    store<T>(to, load<T>(first + size * i));
    store<T>(to, load<T>(middle + size * i), size);
    store<T>(to, load<T>(last + size * i), 2 * size);
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
