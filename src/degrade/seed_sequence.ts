/** Words of the entropy pool. */
const POOL_WORDS = 4;

/**
 * Turns a few numbers into well-mixed 32-bit words, as NumPy's `SeedSequence` does.
 *
 * Source: M. E. O'Neill, "Developing a seed_seq alternative" (2015), with the constants of NumPy
 * 1.17 and later.
 *
 * @param entropy Whole numbers from 0 to 2^32 - 1, at least one.
 * @param words How many words to make.
 */
export function seedWords(entropy: readonly number[], words: number): Uint32Array {
  const pool = mixPool(entropy);
  const out = new Uint32Array(words);
  let factor = 0x8b51f9dd;
  for (let i = 0; i < words; i++) {
    const next = Math.imul(factor, 0x58f38ded);
    const value = Math.imul(pool[i % POOL_WORDS]! ^ factor, next);
    out[i] = value ^ (value >>> 16);
    factor = next;
  }
  return out;
}

function mixPool(entropy: readonly number[]): Uint32Array {
  const pool = new Uint32Array(POOL_WORDS);
  let factor = 0x43b0d7e5;
  function hash(word: number): number {
    const next = Math.imul(factor, 0x931e8875);
    const value = Math.imul(word ^ factor, next);
    factor = next;
    return value ^ (value >>> 16);
  }
  for (let i = 0; i < POOL_WORDS; i++) pool[i] = hash(entropy[i] ?? 0);
  for (let from = 0; from < POOL_WORDS; from++) {
    for (let to = 0; to < POOL_WORDS; to++) {
      if (from !== to) pool[to] = mix(pool[to]!, hash(pool[from]!));
    }
  }
  for (let from = POOL_WORDS; from < entropy.length; from++) {
    for (let to = 0; to < POOL_WORDS; to++) pool[to] = mix(pool[to]!, hash(entropy[from]!));
  }
  return pool;
}

function mix(x: number, y: number): number {
  const value = Math.imul(x, 0xca01f9dd) - Math.imul(y, 0x4973f715);
  return value ^ (value >>> 16);
}
