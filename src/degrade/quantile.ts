/**
 * The value below which a share of the numbers lies, linear between neighbours, as NumPy's
 * `quantile` gives it for float32.
 *
 * @param values At least one number; left as they are.
 * @param share 0 to 1.
 */
export function quantile(values: Float32Array, share: number): number {
  const sorted = values.slice().sort();
  // NumPy works in the type of the values.
  const position = Math.fround((sorted.length - 1) * Math.fround(share));
  const below = Math.min(Math.floor(position), sorted.length - 1);
  const above = Math.min(below + 1, sorted.length - 1);
  const weight = Math.fround(position - below);
  const step = Math.fround(sorted[above]! - sorted[below]!);
  return weight < 0.5
    ? Math.fround(sorted[below]! + Math.fround(step * weight))
    : Math.fround(sorted[above]! - Math.fround(step * Math.fround(1 - weight)));
}
