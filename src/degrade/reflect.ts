/**
 * The sample that stands for position `index` of a row of `length` samples that is mirrored at its
 * ends, the end samples themselves not repeated: `d c b | a b c d | c b a`.
 *
 * @param index Any whole number, also outside the row.
 * @param length Samples of the row, at least 1.
 */
export function reflectInner(index: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * length - 2;
  const inPeriod = ((index % period) + period) % period;
  return inPeriod < length ? inPeriod : period - inPeriod;
}

/**
 * The same with the end samples repeated: `c b a | a b c d | d c b`.
 *
 * @param index Any whole number, also outside the row.
 * @param length Samples of the row, at least 1.
 */
export function reflectOuter(index: number, length: number): number {
  const period = 2 * length;
  const inPeriod = ((index % period) + period) % period;
  return inPeriod < length ? inPeriod : period - 1 - inPeriod;
}
