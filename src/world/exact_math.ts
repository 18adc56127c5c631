/**
 * Elementary functions that give the same bits on every machine.
 *
 * The language leaves the accuracy of `Math.sin`, `Math.exp` and their kind to the implementation,
 * so the world computes them from +, −, × and ÷ alone, which IEEE 754 defines to the last bit.
 */

/** π. */
export const PI = 3.141592653589793;

const HALF_PI_HIGH = 1.5707963267341256;
const HALF_PI_LOW = 6.077100506506192e-11;
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

/**
 * The sine of an angle in radians, to 1e-10 for |angle| up to a million.
 *
 * Cody and Waite's reduction to ±π/4, then the Taylor series.
 */
export function sin(angle: number): number {
  const quarter = Math.floor(angle / (HALF_PI_HIGH + HALF_PI_LOW) + 0.5);
  const rest = angle - quarter * HALF_PI_HIGH - quarter * HALF_PI_LOW;
  const phase = quarter - 4 * Math.floor(quarter / 4);
  const value = phase === 0 || phase === 2 ? sinReduced(rest) : cosReduced(rest);
  return phase < 2 ? value : -value;
}

/** The cosine of an angle in radians; as exact as {@linkcode sin}. */
export function cos(angle: number): number {
  return sin(angle + PI / 2);
}

/** The tangent of an angle in radians between −π/2 and π/2. */
export function tan(angle: number): number {
  return sin(angle) / cos(angle);
}

/** e to the power of `x`, to 1e-12 relative; 0 below −700 and 1e304 above 700. */
export function exp(x: number): number {
  if (x < -700) return 0;
  if (x > 700) return 1e304;
  const power = Math.floor(x / (LN2_HIGH + LN2_LOW) + 0.5);
  const r = x - power * LN2_HIGH - power * LN2_LOW;
  let term = 1;
  let sum = 1;
  for (let k = 1; k <= 13; k++) {
    term *= r / k;
    sum += term;
  }
  return scaleByPowerOfTwo(sum, power);
}

/** The natural logarithm of a positive number, to 1e-12. */
export function log(x: number): number {
  let mantissa = x;
  let power = 0;
  while (mantissa > 1.4142135623730951) {
    mantissa /= 2;
    power++;
  }
  while (mantissa < 0.7071067811865476) {
    mantissa *= 2;
    power--;
  }
  // ln m = 2 artanh((m - 1) / (m + 1)); the argument is at most 0.1716.
  const z = (mantissa - 1) / (mantissa + 1);
  const square = z * z;
  let term = z;
  let sum = 0;
  for (let k = 1; k <= 21; k += 2) {
    sum += term / k;
    term *= square;
  }
  return 2 * sum + power * (LN2_HIGH + LN2_LOW);
}

/** `base` to the power of `exponent`, for a base of 0 or more; 0 to anything is 0. */
export function pow(base: number, exponent: number): number {
  return base <= 0 ? 0 : exp(exponent * log(base));
}

/** `x` held between `low` and `high`. */
export function clamp(x: number, low: number, high: number): number {
  return x < low ? low : x > high ? high : x;
}

/** From 0 at `edge0` to 1 at `edge1`, flat at both ends: 3s² − 2s³. */
export function smoothstep(edge0: number, edge1: number, x: number): number {
  const s = clamp((x - edge0) / (edge1 - edge0), 0, 1);
  return s * s * (3 - 2 * s);
}

/** Between `a` (share 0) and `b` (share 1). */
export function mix(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}

function sinReduced(x: number): number {
  const s = x * x;
  return x * (1 - s / 6 * (1 - s / 20 * (1 - s / 42 * (1 - s / 72 * (1 - s / 110)))));
}

function cosReduced(x: number): number {
  const s = x * x;
  return 1 - s / 2 * (1 - s / 12 * (1 - s / 30 * (1 - s / 56 * (1 - s / 90 * (1 - s / 132)))));
}

function scaleByPowerOfTwo(x: number, power: number): number {
  let scaled = x;
  for (let k = power; k > 0; k--) scaled *= 2;
  for (let k = power; k < 0; k++) scaled /= 2;
  return scaled;
}
