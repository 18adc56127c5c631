/** Area that two boxes `x1 y1 x2 y2` share, in square pixels; `i` and `j` are their first elements. */
export function sharedArea(
  a: ArrayLike<number>,
  i: number,
  b: ArrayLike<number>,
  j: number,
): number {
  const width = Math.min(a[i + 2]!, b[j + 2]!) - Math.max(a[i]!, b[j]!);
  if (!(width > 0)) return 0;
  const height = Math.min(a[i + 3]!, b[j + 3]!) - Math.max(a[i + 1]!, b[j + 1]!);
  return height > 0 ? width * height : 0;
}

/** Area of a box `x1 y1 x2 y2` that starts at element `i`, in square pixels. */
export function boxArea(a: ArrayLike<number>, i: number): number {
  return (a[i + 2]! - a[i]!) * (a[i + 3]! - a[i + 1]!);
}

/**
 * Intersection over union of two boxes `x1 y1 x2 y2`, 0–1; `i` and `j` are their first elements.
 * Boxes without area overlap nothing.
 */
export function boxIou(
  a: ArrayLike<number>,
  i: number,
  b: ArrayLike<number>,
  j: number,
): number {
  const shared = sharedArea(a, i, b, j);
  return shared === 0 ? 0 : shared / (boxArea(a, i) + boxArea(b, j) - shared);
}
