/** Step of a counter that is to be scrambled: 2^32 divided by the golden ratio. */
export const GOLDEN_STEP = 0x9e3779b9;

/**
 * Scrambles 32 bits, so that numbers in a row look random: the finaliser of MurmurHash3 (Appleby
 * 2011, public domain). Gives a whole number from 0 to 2^32 - 1.
 */
export function mixBits(value: number): number {
  let bits = value >>> 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
