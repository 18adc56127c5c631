import type { Rgb } from "../color.ts";

/** The light that falls on one object, ready for shading. Colours are linear, exposure included. */
export interface ObjectLight {
  /** Unit vector towards the sun. */
  readonly sunX: number;
  readonly sunY: number;
  readonly sunZ: number;
  /** Light of the sun where the object is; black in the shade. */
  readonly sun: Rgb;
  /** Light of the sky overhead, and at the horizon. */
  readonly zenith: Rgb;
  readonly horizon: Rgb;
  /** Light that comes back from the ground. */
  readonly bounce: Rgb;
  /** Light of street lamps, from above. */
  readonly lamps: Rgb;
  /** How bright the object's own lamps shine; 0 while they are off. */
  readonly ownLamps: number;
  /** Share that fog takes away, 0 to 1, and what it puts in its place, as sRGB codes 0–255. */
  readonly fog: number;
  readonly fogCode: Rgb;
}
