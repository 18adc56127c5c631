/**
 * The next state of a small generator of random numbers: each whole number from 1 to 2^32 − 1 once
 * before any of them again. Source: Marsaglia 2003, "Xorshift RNGs", 32 bits.
 *
 * @param state The state before, not 0.
 */
export function nextRandom(state: number): number {
  let next = state;
  next ^= next << 13;
  next ^= next >>> 17;
  next ^= next << 5;
  return next >>> 0;
}
