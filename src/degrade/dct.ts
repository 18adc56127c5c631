/*
 * The 8×8 discrete cosine transform of JPEG and its inverse in 32-bit integers.
 *
 * Source: C. Loeffler, A. Ligtenberg, G. S. Moschytz, "Practical Fast 1-D DCT Algorithms with 11
 * Multiplications", ICASSP 1989, in the fixed-point form that the Independent JPEG Group calls
 * "islow": constants of 13 bits, two more bits kept between the two passes. Decoders and encoders
 * that use it agree to the last bit.
 */

/** Samples along one side of a block. */
export const BLOCK_SIDE = 8;
/** Samples of a block. */
export const BLOCK_LENGTH = 64;

const CONSTANT_BITS = 13;
const PASS_BITS = 2;

/** Constants of the flow graph: sums and differences of cosines, times 2^13. */
const C0_298 = fixed(0.298631336);
const C0_390 = fixed(0.390180644);
const C0_541 = fixed(0.541196100);
const C0_765 = fixed(0.765366865);
const C0_899 = fixed(0.899976223);
const C1_175 = fixed(1.175875602);
const C1_501 = fixed(1.501321110);
const C1_847 = fixed(1.847759065);
const C1_961 = fixed(1.961570560);
const C2_053 = fixed(2.053119869);
const C2_562 = fixed(2.562915447);
const C3_072 = fixed(3.072711026);

function fixed(value: number): number {
  return Math.round(value * 2 ** CONSTANT_BITS);
}

/**
 * Transforms a block of samples, centred on 0, in place; coefficients come out 8 times too big.
 *
 * @param block `[8, 8]`, samples from -128 to 127.
 */
export function forwardDct(block: Int32Array): void {
  for (let row = 0; row < BLOCK_LENGTH; row += BLOCK_SIDE) {
    forwardLine(block, row, 1, CONSTANT_BITS - PASS_BITS, PASS_BITS);
  }
  for (let column = 0; column < BLOCK_SIDE; column++) {
    forwardLine(block, column, BLOCK_SIDE, CONSTANT_BITS + PASS_BITS, -PASS_BITS);
  }
}

/** One line of eight; `shift` scales the odd and rotated sums down, `lift` the plain ones up. */
function forwardLine(
  block: Int32Array,
  at: number,
  step: number,
  shift: number,
  lift: number,
): void {
  const i1 = at + step;
  const i2 = i1 + step;
  const i3 = i2 + step;
  const i4 = i3 + step;
  const i5 = i4 + step;
  const i6 = i5 + step;
  const i7 = i6 + step;
  const sum07 = block[at]! + block[i7]!;
  const sum16 = block[i1]! + block[i6]!;
  const sum25 = block[i2]! + block[i5]!;
  const sum34 = block[i3]! + block[i4]!;
  const odd0 = block[i3]! - block[i4]!;
  const odd1 = block[i2]! - block[i5]!;
  const odd2 = block[i1]! - block[i6]!;
  const odd3 = block[at]! - block[i7]!;

  const outer = sum07 + sum34;
  const inner = sum16 + sum25;
  const outerLess = sum07 - sum34;
  const innerLess = sum16 - sum25;
  block[at] = scale(outer + inner, lift);
  block[i4] = scale(outer - inner, lift);
  const turn = Math.imul(outerLess + innerLess, C0_541);
  block[i2] = descale(turn + Math.imul(outerLess, C0_765), shift);
  block[i6] = descale(turn - Math.imul(innerLess, C1_847), shift);

  const z5 = Math.imul(odd0 + odd2 + odd1 + odd3, C1_175);
  const z1 = -Math.imul(odd0 + odd3, C0_899);
  const z2 = -Math.imul(odd1 + odd2, C2_562);
  const z3 = z5 - Math.imul(odd0 + odd2, C1_961);
  const z4 = z5 - Math.imul(odd1 + odd3, C0_390);
  block[i7] = descale(Math.imul(odd0, C0_298) + z1 + z3, shift);
  block[i5] = descale(Math.imul(odd1, C2_053) + z2 + z4, shift);
  block[i3] = descale(Math.imul(odd2, C3_072) + z2 + z3, shift);
  block[i1] = descale(Math.imul(odd3, C1_501) + z1 + z4, shift);
}

/**
 * Transforms a block of coefficients back to samples in place.
 *
 * @param block `[8, 8]`, coefficients after dequantisation; samples centred on 0 afterwards, not
 * clamped.
 */
export function inverseDct(block: Int32Array): void {
  for (let column = 0; column < BLOCK_SIDE; column++) {
    inverseLine(block, column, BLOCK_SIDE, CONSTANT_BITS - PASS_BITS);
  }
  for (let row = 0; row < BLOCK_LENGTH; row += BLOCK_SIDE) {
    inverseLine(block, row, 1, CONSTANT_BITS + PASS_BITS + 3);
  }
}

function inverseLine(block: Int32Array, at: number, step: number, shift: number): void {
  const i1 = at + step;
  const i2 = i1 + step;
  const i3 = i2 + step;
  const i4 = i3 + step;
  const i5 = i4 + step;
  const i6 = i5 + step;
  const i7 = i6 + step;
  const turn = Math.imul(block[i2]! + block[i6]!, C0_541);
  const low = turn - Math.imul(block[i6]!, C1_847);
  const high = turn + Math.imul(block[i2]!, C0_765);
  const sum = (block[at]! + block[i4]!) << CONSTANT_BITS;
  const difference = (block[at]! - block[i4]!) << CONSTANT_BITS;
  const even0 = sum + high;
  const even3 = sum - high;
  const even1 = difference + low;
  const even2 = difference - low;

  const c7 = block[i7]!;
  const c5 = block[i5]!;
  const c3 = block[i3]!;
  const c1 = block[i1]!;
  const z5 = Math.imul(c7 + c3 + c5 + c1, C1_175);
  const z1 = -Math.imul(c7 + c1, C0_899);
  const z2 = -Math.imul(c5 + c3, C2_562);
  const z3 = z5 - Math.imul(c7 + c3, C1_961);
  const z4 = z5 - Math.imul(c5 + c1, C0_390);
  const odd0 = Math.imul(c7, C0_298) + z1 + z3;
  const odd1 = Math.imul(c5, C2_053) + z2 + z4;
  const odd2 = Math.imul(c3, C3_072) + z2 + z3;
  const odd3 = Math.imul(c1, C1_501) + z1 + z4;

  block[at] = descale(even0 + odd3, shift);
  block[i7] = descale(even0 - odd3, shift);
  block[i1] = descale(even1 + odd2, shift);
  block[i6] = descale(even1 - odd2, shift);
  block[i2] = descale(even2 + odd1, shift);
  block[i5] = descale(even2 - odd1, shift);
  block[i3] = descale(even3 + odd0, shift);
  block[i4] = descale(even3 - odd0, shift);
}

/** Divides by 2^bits, rounding to nearest. */
function descale(value: number, bits: number): number {
  return (value + (1 << (bits - 1))) >> bits;
}

/** Multiplies by 2^bits, or divides with rounding where `bits` is negative. */
function scale(value: number, bits: number): number {
  return bits >= 0 ? value << bits : descale(value, -bits);
}
