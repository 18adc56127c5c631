// Elementary functions of four float32 numbers. Polynomials were fitted by tools/fit_polynomials.py;
// their error is far below what rounding adds, about 1e-7 relative. No fused operations, so that
// every machine gives the same bits.

const LOG2_E: f32 = 1.4426950408889634;
/** ln(2) to 12 bits, so that its product with an exponent is exact, and the rest of it. */
const LN2_HIGH: f32 = 0.693115234375;
const LN2_LOW: f32 = 0.00003194618498957;
const LN2: f32 = 0.6931471805599453;
/** Below this, exp(x) is no normal float32. */
const EXP_MIN: f32 = -87;
/** The bits of sqrt(1/2): mantissas are taken from there to sqrt(2). */
const SQRT_HALF_BITS: i32 = 0x3f3504f3;

/** Lanes of `a` where `mask` is set, of `b` elsewhere. */
// @ts-ignore: decorator
@inline
export function choose(mask: v128, a: v128, b: v128): v128 {
  return v128.bitselect(a, b, mask);
}

/** `exp(x)` for `x` up to 0; exactly 0 below -87 and for NaN. */
// @ts-ignore: decorator
@inline
export function expNegative(x: v128): v128 {
  const exponent = f32x4.nearest(f32x4.mul(x, f32x4.splat(LOG2_E)));
  let rest = f32x4.sub(x, f32x4.mul(exponent, f32x4.splat(LN2_HIGH)));
  rest = f32x4.sub(rest, f32x4.mul(exponent, f32x4.splat(LN2_LOW)));
  let sum = f32x4.add(
    f32x4.splat(0.008368710055947304),
    f32x4.mul(rest, f32x4.splat(0.001381461275741458)),
  );
  sum = f32x4.add(f32x4.splat(0.04166838899254799), f32x4.mul(rest, sum));
  sum = f32x4.add(f32x4.splat(0.1666652113199234), f32x4.mul(rest, sum));
  sum = f32x4.add(f32x4.splat(0.4999999403953552), f32x4.mul(rest, sum));
  sum = f32x4.add(rest, f32x4.mul(f32x4.mul(rest, rest), sum));
  const biased = i32x4.add(i32x4.trunc_sat_f32x4_s(exponent), i32x4.splat(127));
  const value = f32x4.mul(f32x4.add(f32x4.splat(1), sum), i32x4.shl(biased, 23));
  return v128.and(value, f32x4.ge(x, f32x4.splat(EXP_MIN)));
}

/** `2 atanh(s) = ln((1 + s) / (1 - s))` for `s` within -1/3 and 1/3. */
// @ts-ignore: decorator
@inline
export function twiceAtanh(s: v128): v128 {
  const square = f32x4.mul(s, s);
  let sum = f32x4.add(
    f32x4.splat(0.13999570906162262),
    f32x4.mul(square, f32x4.splat(0.14012229442596436)),
  );
  sum = f32x4.add(f32x4.splat(0.20010849833488464), f32x4.mul(square, sum));
  sum = f32x4.add(f32x4.splat(0.3333320617675781), f32x4.mul(square, sum));
  const twice = f32x4.add(s, s);
  return f32x4.add(twice, f32x4.mul(twice, f32x4.mul(square, sum)));
}

/** `ln(x)` of positive normal numbers. */
// @ts-ignore: decorator
@inline
export function logarithm(x: v128): v128 {
  const exponent = i32x4.shr_s(i32x4.sub(x, i32x4.splat(SQRT_HALF_BITS)), 23);
  const mantissa = i32x4.sub(x, i32x4.shl(exponent, 23));
  const one = f32x4.splat(1);
  const s = f32x4.div(f32x4.sub(mantissa, one), f32x4.add(mantissa, one));
  const whole = f32x4.mul(f32x4.convert_i32x4_s(exponent), f32x4.splat(LN2));
  return f32x4.add(whole, twiceAtanh(s));
}

/** `x^(halves / 2)` for `x` from 0, by multiplication and one square root. */
// @ts-ignore: decorator
@inline
export function powHalves(x: v128, halves: i32): v128 {
  let power = (halves & 1) != 0 ? f32x4.sqrt(x) : f32x4.splat(1);
  let base = x;
  for (let whole = halves >> 1; whole != 0; whole >>= 1) {
    if ((whole & 1) != 0) power = f32x4.mul(power, base);
    base = f32x4.mul(base, base);
  }
  return power;
}

/** The sum of four float32 lanes, in float64. */
// @ts-ignore: decorator
@inline
export function sumLanes(x: v128): f64 {
  const low = f64x2.promote_low_f32x4(x);
  const high = f64x2.promote_low_f32x4(i32x4.shuffle(x, x, 2, 3, 2, 3));
  const pair = f64x2.add(low, high);
  return f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1);
}

/** The first `lanes` numbers at `from`, and `rest` in the other lanes. Reads no further. */
// @ts-ignore: decorator
@inline
export function loadLanes(from: usize, lanes: u32, rest: v128): v128 {
  let loaded = v128.load_lane<f32>(from, rest, 0);
  if (lanes > 1) loaded = v128.load_lane<f32>(from, loaded, 1, 4);
  if (lanes > 2) loaded = v128.load_lane<f32>(from, loaded, 2, 8);
  return loaded;
}

/** Stores the first `lanes` of four numbers at `to`. Writes no further. */
// @ts-ignore: decorator
@inline
export function storeLanes(to: usize, lanes: u32, x: v128): void {
  v128.store_lane<f32>(to, x, 0);
  if (lanes > 1) v128.store_lane<f32>(to, x, 1, 4);
  if (lanes > 2) v128.store_lane<f32>(to, x, 2, 8);
}
