import { Format, LetterboxPlan } from "./letterbox_plan";
import { downWeight, isYuv, position } from "./taps";

/** Blended samples are 16-bit with 7 bits behind the point: 255 becomes 32,640. */
const FRACTION_BITS: i32 = 7;

/** Blends the two source rows that one network row lies between, into 16-bit rows. */
export function blendSourceRows(plan: LetterboxPlan, y: u32): void {
  const height = plan.sourceHeight;
  const at = position(y, height, plan.contentHeight, height, 1);
  const stride = plan.stride0;
  const top = plan.plane0 + u32(at) * stride;
  const bottom = plan.plane0 + min(u32(at) + 1, height - 1) * stride;
  const weight = downWeight(at);
  const width = plan.sourceWidth;
  if (plan.format == Format.YUYV) {
    blendYuyv(top, bottom, weight, plan.lumaRow, plan.chromaRow, (width + 1) >> 1);
  } else if (plan.format == Format.RGB24 || plan.format == Format.BGR24) {
    blendBytes(top, bottom, weight, plan.lumaRow, 3 * width);
  } else if (plan.format == Format.RGBA || plan.format == Format.BGRX) {
    blendBytes(top, bottom, weight, plan.lumaRow, 4 * width);
  } else {
    blendBytes(top, bottom, weight, plan.lumaRow, width);
    if (isYuv(plan.format)) blendChromaRows(plan, y);
  }
}

/** NV12 and I420: both become one row of U, V pairs. */
function blendChromaRows(plan: LetterboxPlan, y: u32): void {
  const rows = (plan.sourceHeight + 1) >> 1;
  const pairs = (plan.sourceWidth + 1) >> 1;
  const at = position(y, plan.sourceHeight, plan.contentHeight, rows, 2);
  const upper = u32(at);
  const lower = min(upper + 1, rows - 1);
  const weight = downWeight(at);
  const u = plan.plane1;
  const uStride = plan.stride1;
  if (plan.format == Format.NV12) {
    blendBytes(u + upper * uStride, u + lower * uStride, weight, plan.chromaRow, 2 * pairs);
    return;
  }
  const v = plan.plane2;
  const vStride = plan.stride2;
  blendPlanes(
    u + upper * uStride,
    u + lower * uStride,
    v + upper * vStride,
    v + lower * vStride,
    weight,
    plan.chromaRow,
    pairs,
  );
}

/**
 * `top + (bottom - top) * weight`, from 0–255 to 16 bits. The relaxed product differs between
 * machines for -1 * -1 only, and weights are not negative.
 */
// @ts-ignore: decorator
@inline
function blend8(top: v128, bottom: v128, weight: v128): v128 {
  const difference = i16x8.shl(i16x8.sub(bottom, top), FRACTION_BITS);
  return i16x8.add(i16x8.shl(top, FRACTION_BITS), i16x8.relaxed_q15mulr_s(difference, weight));
}

/** {@link blend8} for one sample, to the bit. */
// @ts-ignore: decorator
@inline
function blend1(top: usize, bottom: usize, weight: i32): u16 {
  const from = i32(load<u8>(top)) << FRACTION_BITS;
  const difference = (i32(load<u8>(bottom)) << FRACTION_BITS) - from;
  return u16(from + ((difference * weight + (1 << 14)) >> 15));
}

/** Rows of bytes, sample by sample. */
function blendBytes(top: usize, bottom: usize, weight: i32, out: usize, count: u32): void {
  let i: u32 = 0;
  if (weight == 0) {
    for (; i + 8 <= count; i += 8) {
      v128.store(out + 2 * i, i16x8.shl(v128.load8x8_u(top + i), FRACTION_BITS));
    }
  } else {
    const weights = i16x8.splat(i16(weight));
    for (; i + 8 <= count; i += 8) {
      const blended = blend8(v128.load8x8_u(top + i), v128.load8x8_u(bottom + i), weights);
      v128.store(out + 2 * i, blended);
    }
  }
  for (; i < count; i++) store<u16>(out + 2 * i, blend1(top + i, bottom + i, weight));
}

/** Separate U and V rows, into U, V pairs. */
function blendPlanes(
  uTop: usize,
  uBottom: usize,
  vTop: usize,
  vBottom: usize,
  weight: i32,
  out: usize,
  pairs: u32,
): void {
  const weights = i16x8.splat(i16(weight));
  let i: u32 = 0;
  for (; i + 8 <= pairs; i += 8) {
    const u = blend8(v128.load8x8_u(uTop + i), v128.load8x8_u(uBottom + i), weights);
    const v = blend8(v128.load8x8_u(vTop + i), v128.load8x8_u(vBottom + i), weights);
    v128.store(out + 4 * i, i16x8.shuffle(u, v, 0, 8, 1, 9, 2, 10, 3, 11));
    v128.store(out + 4 * i, i16x8.shuffle(u, v, 4, 12, 5, 13, 6, 14, 7, 15), 16);
  }
  for (; i < pairs; i++) {
    store<u16>(out + 4 * i, blend1(uTop + i, uBottom + i, weight));
    store<u16>(out + 4 * i, blend1(vTop + i, vBottom + i, weight), 2);
  }
}

/** Rows of Y0 U Y1 V, into a row of luma and a row of U, V pairs. */
function blendYuyv(
  top: usize,
  bottom: usize,
  weight: i32,
  luma: usize,
  chroma: usize,
  pairs: u32,
): void {
  const weights = i16x8.splat(i16(weight));
  const low = i16x8.splat(0xff);
  let i: u32 = 0;
  for (; i + 4 <= pairs; i += 4) {
    const above = v128.load(top + 4 * i);
    const below = v128.load(bottom + 4 * i);
    v128.store(luma + 4 * i, blend8(v128.and(above, low), v128.and(below, low), weights));
    v128.store(chroma + 4 * i, blend8(i16x8.shr_u(above, 8), i16x8.shr_u(below, 8), weights));
  }
  for (; i < pairs; i++) {
    const from = top + 4 * i;
    const to = bottom + 4 * i;
    store<u16>(luma + 4 * i, blend1(from, to, weight));
    store<u16>(chroma + 4 * i, blend1(from + 1, to + 1, weight));
    store<u16>(luma + 4 * i, blend1(from + 2, to + 2, weight), 2);
    store<u16>(chroma + 4 * i, blend1(from + 3, to + 3, weight), 2);
  }
}
