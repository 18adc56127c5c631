import { Format, LetterboxPlan } from "./letterbox_plan";
import { isYuv } from "./taps";

/** A blended sample (7 bits behind the point) times a weight (14 bits): 21 bits behind it. */
const FROM_FIXED: f32 = 1.0 / f32(1 << 21);

/**
 * Samples one network row from the blended rows: three rows of float32, scaled for the network.
 *
 * Four pixels at a time; the last four overlap the ones before, so that exactly
 * `max(contentWidth, 4)` floats are written to each row.
 */
export function sampleRow(plan: LetterboxPlan, out0: usize, out1: usize, out2: usize): void {
  const format = plan.format;
  if (isYuv(format)) sampleYuv(plan, out0, out1, out2);
  else if (format == Format.GRAY8) sampleGray(plan, out0, out1, out2);
  else if (format == Format.RGB24 || format == Format.BGR24) sampleRgb(plan, out0, out1, out2);
  else sampleRgbx(plan, out0, out1, out2);
}

/** First pixel of the last four. */
// @ts-ignore: decorator
@inline
function lastFour(contentWidth: u32): u32 {
  return contentWidth > 4 ? contentWidth - 4 : 0;
}

// @ts-ignore: decorator
@inline
function scaled(value: v128, scale: v128, bias: v128): v128 {
  return f32x4.add(f32x4.mul(value, scale), bias);
}

// @ts-ignore: decorator
@inline
function clampByte(value: v128): v128 {
  return f32x4.pmin(f32x4.pmax(value, f32x4.splat(0)), f32x4.splat(255));
}

/** Four neighbouring pairs of single samples, times their weights: 4 × int32. */
// @ts-ignore: decorator
@inline
function dotSingles(row: usize, offsets: usize, weights: usize): v128 {
  let pairs = v128.load32_zero(row + load<u32>(offsets));
  pairs = v128.load_lane<u32>(row + load<u32>(offsets, 4), pairs, 1);
  pairs = v128.load_lane<u32>(row + load<u32>(offsets, 8), pairs, 2);
  pairs = v128.load_lane<u32>(row + load<u32>(offsets, 12), pairs, 3);
  return i32x4.dot_i16x8_s(pairs, v128.load(weights));
}

function sampleGray(plan: LetterboxPlan, out0: usize, out1: usize, out2: usize): void {
  const row: usize = plan.lumaRow;
  const offsets: usize = plan.lumaOffsets;
  const weights: usize = plan.lumaWeights;
  const scale0 = f32x4.splat(plan.scale0 * FROM_FIXED);
  const scale1 = f32x4.splat(plan.scale1 * FROM_FIXED);
  const scale2 = f32x4.splat(plan.scale2 * FROM_FIXED);
  const bias0 = f32x4.splat(plan.bias0);
  const bias1 = f32x4.splat(plan.bias1);
  const bias2 = f32x4.splat(plan.bias2);
  const last = lastFour(plan.contentWidth);
  for (let x: u32 = 0;; x = min(x + 4, last)) {
    const at = 4 * x;
    const gray = f32x4.convert_i32x4_s(dotSingles(row, offsets + at, weights + at));
    v128.store(out0 + at, scaled(gray, scale0, bias0));
    v128.store(out1 + at, scaled(gray, scale1, bias1));
    v128.store(out2 + at, scaled(gray, scale2, bias2));
    if (x == last) return;
  }
}

/** Chroma of two network pixels: U0 V0 U1 V1 as int32, from weights w0 w0 w1 w1. */
// @ts-ignore: decorator
@inline
function dotChroma(row: usize, offsets: usize, weights: v128): v128 {
  let pairs = v128.load64_zero(row + load<u32>(offsets));
  pairs = v128.load_lane<u64>(row + load<u32>(offsets, 4), pairs, 1);
  pairs = i16x8.shuffle(pairs, pairs, 0, 2, 1, 3, 4, 6, 5, 7);
  return i32x4.dot_i16x8_s(pairs, weights);
}

function sampleYuv(plan: LetterboxPlan, out0: usize, out1: usize, out2: usize): void {
  const lumaRow: usize = plan.lumaRow;
  const lumaOffsets: usize = plan.lumaOffsets;
  const lumaWeights: usize = plan.lumaWeights;
  const chromaRow: usize = plan.chromaRow;
  const chromaOffsets: usize = plan.chromaOffsets;
  const chromaWeights: usize = plan.chromaWeights;
  const luma = f32x4.splat(plan.luma * FROM_FIXED);
  const redV = f32x4.splat(plan.redV * FROM_FIXED);
  const greenU = f32x4.splat(plan.greenU * FROM_FIXED);
  const greenV = f32x4.splat(plan.greenV * FROM_FIXED);
  const blueU = f32x4.splat(plan.blueU * FROM_FIXED);
  const black = plan.luma * plan.black;
  const redBias = f32x4.splat(-black - 128 * plan.redV);
  const greenBias = f32x4.splat(-black - 128 * (plan.greenU + plan.greenV));
  const blueBias = f32x4.splat(-black - 128 * plan.blueU);
  const scale0 = f32x4.splat(plan.scale0);
  const scale1 = f32x4.splat(plan.scale1);
  const scale2 = f32x4.splat(plan.scale2);
  const bias0 = f32x4.splat(plan.bias0);
  const bias1 = f32x4.splat(plan.bias1);
  const bias2 = f32x4.splat(plan.bias2);
  const last = lastFour(plan.contentWidth);
  for (let x: u32 = 0;; x = min(x + 4, last)) {
    const at = 4 * x;
    const fixed = dotSingles(lumaRow, lumaOffsets + at, lumaWeights + at);
    const y = f32x4.mul(f32x4.convert_i32x4_s(fixed), luma);
    const offsets = chromaOffsets + at;
    const weights = v128.load(chromaWeights + at);
    const uv01 = dotChroma(chromaRow, offsets, i32x4.shuffle(weights, weights, 0, 0, 1, 1));
    const uv23 = dotChroma(chromaRow, offsets + 8, i32x4.shuffle(weights, weights, 2, 2, 3, 3));
    const u = f32x4.convert_i32x4_s(i32x4.shuffle(uv01, uv23, 0, 2, 4, 6));
    const v = f32x4.convert_i32x4_s(i32x4.shuffle(uv01, uv23, 1, 3, 5, 7));
    const red = f32x4.add(f32x4.add(y, redBias), f32x4.mul(v, redV));
    const blue = f32x4.add(f32x4.add(y, blueBias), f32x4.mul(u, blueU));
    const chroma = f32x4.add(f32x4.mul(u, greenU), f32x4.mul(v, greenV));
    const green = f32x4.add(f32x4.add(y, greenBias), chroma);
    v128.store(out0 + at, scaled(clampByte(red), scale0, bias0));
    v128.store(out1 + at, scaled(clampByte(green), scale1, bias1));
    v128.store(out2 + at, scaled(clampByte(blue), scale2, bias2));
    if (x == last) return;
  }
}

/** The components of one packed pixel as int32 (the fourth lane is not used). */
// @ts-ignore: decorator
@inline
function dotPacked(row: usize, offsets: usize, weights: usize, pixelBytes: u32): v128 {
  const pixels = v128.load(row + load<u32>(offsets));
  const pairs = pixelBytes == 3
    ? i16x8.shuffle(pixels, pixels, 0, 3, 1, 4, 2, 5, 6, 7)
    : i16x8.shuffle(pixels, pixels, 0, 4, 1, 5, 2, 6, 3, 7);
  return i32x4.dot_i16x8_s(pairs, v128.load32_splat(weights));
}

function sampleRgb(plan: LetterboxPlan, out0: usize, out1: usize, out2: usize): void {
  samplePacked(plan, out0, out1, out2, 3);
}

function sampleRgbx(plan: LetterboxPlan, out0: usize, out1: usize, out2: usize): void {
  samplePacked(plan, out0, out1, out2, 4);
}

/** Four pixels of three components become, transposed, four floats of three rows. */
// @ts-ignore: decorator
@inline
function samplePacked(
  plan: LetterboxPlan,
  out0: usize,
  out1: usize,
  out2: usize,
  pixelBytes: u32,
): void {
  const row: usize = plan.lumaRow;
  const allOffsets: usize = plan.lumaOffsets;
  const allWeights: usize = plan.lumaWeights;
  const scale0 = f32x4.splat(plan.scale0 * FROM_FIXED);
  const scale1 = f32x4.splat(plan.scale1 * FROM_FIXED);
  const scale2 = f32x4.splat(plan.scale2 * FROM_FIXED);
  const bias0 = f32x4.splat(plan.bias0);
  const bias1 = f32x4.splat(plan.bias1);
  const bias2 = f32x4.splat(plan.bias2);
  const last = lastFour(plan.contentWidth);
  for (let x: u32 = 0;; x = min(x + 4, last)) {
    const at = 4 * x;
    const offsets = allOffsets + at;
    const weights = allWeights + at;
    const p0 = dotPacked(row, offsets, weights, pixelBytes);
    const p1 = dotPacked(row, offsets + 4, weights + 4, pixelBytes);
    const p2 = dotPacked(row, offsets + 8, weights + 8, pixelBytes);
    const p3 = dotPacked(row, offsets + 12, weights + 12, pixelBytes);
    const low01 = i32x4.shuffle(p0, p1, 0, 4, 1, 5);
    const low23 = i32x4.shuffle(p2, p3, 0, 4, 1, 5);
    const high01 = i32x4.shuffle(p0, p1, 2, 6, 3, 7);
    const high23 = i32x4.shuffle(p2, p3, 2, 6, 3, 7);
    const c0 = f32x4.convert_i32x4_s(i64x2.shuffle(low01, low23, 0, 2));
    const c1 = f32x4.convert_i32x4_s(i64x2.shuffle(low01, low23, 1, 3));
    const c2 = f32x4.convert_i32x4_s(i64x2.shuffle(high01, high23, 0, 2));
    v128.store(out0 + at, scaled(c0, scale0, bias0));
    v128.store(out1 + at, scaled(c1, scale1, bias1));
    v128.store(out2 + at, scaled(c2, scale2, bias2));
    if (x == last) return;
  }
}
