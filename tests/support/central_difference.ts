import { assert } from "@std/assert";

/**
 * Asserts that `gradient` is the derivative of `f` at `at`, by central differences with steps
 * relative to each coordinate.
 */
export function assertGradient(
  f: (at: Float64Array) => number,
  at: ArrayLike<number>,
  gradient: ArrayLike<number>,
  tolerance = 1e-6,
): void {
  const point = Float64Array.from(at);
  for (let i = 0; i < point.length; i++) {
    const middle = point[i]!;
    const step = 1e-5 * Math.max(1, Math.abs(middle));
    point[i] = middle + step;
    const above = f(point);
    point[i] = middle - step;
    const below = f(point);
    point[i] = middle;
    const expected = (above - below) / (2 * step);
    const bound = tolerance * Math.max(1, Math.abs(expected));
    assert(
      Math.abs(gradient[i]! - expected) <= bound,
      `derivative ${i} at ${[...point]}: ${gradient[i]} is not ${expected}`,
    );
  }
}
