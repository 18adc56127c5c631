/** Corners `x1 y1 x2 y2` of one box; the space (source or network pixels) is the user's. */
export type Xyxy = readonly [x1: number, y1: number, x2: number, y2: number];

/** Area of a box in square pixels; 0 where it is empty or turned inside out. */
export function boxArea([x1, y1, x2, y2]: Xyxy): number {
  return Math.max(0, x2 - x1) * Math.max(0, y2 - y1);
}

/** Area that two boxes share, in square pixels. */
export function sharedArea(a: Xyxy, b: Xyxy): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  return width > 0 && height > 0 ? width * height : 0;
}

/**
 * Intersection over union of two boxes, 0–1: the shared area over the area that either covers.
 * Two empty boxes share nothing.
 */
export function iouOf(a: Xyxy, b: Xyxy): number {
  const shared = sharedArea(a, b);
  return shared > 0 ? shared / (boxArea(a) + boxArea(b) - shared) : 0;
}
