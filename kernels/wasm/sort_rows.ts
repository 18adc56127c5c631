/** Bytes that {@link sortByScore} needs besides its two arrays. */
export const HISTOGRAM_BYTES: usize = 4 * 256 * 4;

/**
 * Sorts rows by falling score, equal scores by rising row, and leaves rows with a NaN score out.
 *
 * A radix sort, least byte first. Items are 64 bits: the score as an unsigned key in the upper
 * half, the row in the lower. The result is in `items`.
 *
 * @param items Room for `count` items.
 * @param spare Room for `count` items more.
 * @param histograms {@link HISTOGRAM_BYTES} bytes.
 * @returns How many rows there are in the result.
 */
export function sortByScore(
  scores: usize,
  count: u32,
  items: usize,
  spare: usize,
  histograms: usize,
): u32 {
  memory.fill(histograms, 0, HISTOGRAM_BYTES);
  let n: u32 = 0;
  for (let row: u32 = 0; row < count; row++) {
    const score = load<f32>(scores + 4 * row);
    if (isNaN(score)) continue;
    const key = fallingKey(score);
    store<u64>(items + 8 * n++, (u64(key) << 32) | row);
    for (let byte: u32 = 0; byte < 4; byte++) {
      const counter = histograms + 1024 * byte + 4 * ((key >> (8 * byte)) & 0xff);
      store<u32>(counter, load<u32>(counter) + 1);
    }
  }
  for (let byte: u32 = 0; byte < 4; byte++) {
    distribute(items, spare, n, histograms + 1024 * byte, 8 * byte);
    const sorted = spare;
    spare = items;
    items = sorted;
  }
  return n;
}

/** An unsigned number that falls where the score rises; both zeros get the same. */
// @ts-ignore: decorator
@inline
function fallingKey(score: f32): u32 {
  const bits = reinterpret<u32>(score + 0);
  return bits & 0x8000_0000 ? bits : ~(bits | 0x8000_0000);
}

/** One pass: moves items by one byte of their key, keeping the order of equal ones. */
function distribute(from: usize, to: usize, count: u32, histogram: usize, shift: u32): void {
  let start: u32 = 0;
  for (let digit: u32 = 0; digit < 256; digit++) {
    const counter = histogram + 4 * digit;
    const size = load<u32>(counter);
    store<u32>(counter, start);
    start += size;
  }
  for (let i: u32 = 0; i < count; i++) {
    const item = load<u64>(from + 8 * i);
    const counter = histogram + 4 * <usize>((item >> (32 + shift)) & 0xff);
    const place = load<u32>(counter);
    store<u32>(counter, place + 1);
    store<u64>(to + 8 * place, item);
  }
}
