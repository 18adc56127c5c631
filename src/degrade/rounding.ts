/**
 * Rounds to the nearest whole number, ties to the even one, as processors and NumPy do.
 *
 * @param value Any number below 2^52 in size.
 */
export function roundHalfEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
