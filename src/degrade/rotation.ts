import type { DegradationSeverity } from "./degradation.ts";

/**
 * A map of the plane, `[a, b, c, d, e, f]`: `(x, y)` goes to `(a x + b y + c, d x + e y + f)`.
 */
export type AffineMap = readonly [number, number, number, number, number, number];

/** Degrees the camera is turned by, counterclockwise, and its zoom, by severity. */
const TURNS: Readonly<
  Record<DegradationSeverity, { readonly degrees: number; readonly zoom: number }>
> = {
  1: { degrees: 8, zoom: 1 },
  2: { degrees: 20, zoom: 1.2 },
  3: { degrees: 40, zoom: 1.4 },
  4: { degrees: 80, zoom: 1.6 },
};

/**
 * Where `geom` moves the pixels of a picture: turned about `(width / 2, height / 2)` and zoomed.
 * Coordinates are those of OpenCV: a pixel's number is its centre.
 *
 * @param width Width of the picture in pixels.
 * @param height Height of the picture in pixels.
 */
export function geomMap(severity: DegradationSeverity, width: number, height: number): AffineMap {
  const { degrees, zoom } = TURNS[severity];
  const [x, y] = [width / 2, height / 2];
  const cos = zoom * Math.cos(degrees * Math.PI / 180);
  const sin = zoom * Math.sin(degrees * Math.PI / 180);
  return [cos, sin, (1 - cos) * x - sin * y, -sin, cos, sin * x + (1 - cos) * y];
}

/** The map that takes everything back. */
export function invertMap([a, b, c, d, e, f]: AffineMap): AffineMap {
  const scale = 1 / (a * e - b * d);
  const [ia, ib, id, ie] = [e * scale, -b * scale, -d * scale, a * scale];
  return [ia, ib, -ia * c - ib * f, id, ie, -id * c - ie * f];
}
