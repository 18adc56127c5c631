import { fromHex, mixed, type Rgb, scaled } from "../color.ts";
import { cos, PI, sin } from "../exact_math.ts";
import type { Dice } from "../random.ts";

/** Sun and sky of a street by day. */
export interface StreetLight {
  /** Unit vector towards the sun. */
  readonly sunX: number;
  /** Along the street. */
  readonly sunY: number;
  /** Upwards, at least 0.25. */
  readonly sunZ: number;
  /** Light of the sun on a surface that faces it; black where clouds hide it. */
  readonly sun: Rgb;
  /** The sky overhead. */
  readonly zenith: Rgb;
  /** The sky at the horizon. */
  readonly horizon: Rgb;
  /** Share of the sky that clouds cover, 0 to 1. */
  readonly clouds: number;
  /** How much the air between hides at a distance of 100 m, 0 to 1. */
  readonly haze: number;
}

/** Draws a time of day and a sky. */
export function planLight(dice: Dice): StreetLight {
  const mood = dice.unit();
  const low = mood > 0.78;
  const overcast = mood > 0.58 && !low;
  const elevation = (low ? dice.between(17, 28) : dice.between(34, 62)) * PI / 180;
  // Mostly from behind the camera; azimuth 0 is straight behind it.
  const side = dice.pick([-1, 1]);
  const azimuth = side * (dice.chance(0.7) ? dice.between(8, 68) : dice.between(100, 155)) *
    PI / 180;
  const white = fromHex(0xfff6ea);
  const warm = fromHex(low ? 0xffc98e : 0xfff0dc);
  const strength = overcast ? 0 : low ? 1.7 : 2.25;
  const clouds = overcast ? dice.between(0.85, 1) : dice.between(0.05, 0.6);
  const blue = fromHex(0x6fa3e0);
  const gray = fromHex(0xccd3da);
  const zenith = overcast ? scaled(gray, 0.95) : scaled(mixed(blue, gray, clouds * 0.35), 0.85);
  const pale = fromHex(low ? 0xf6dcc0 : 0xdfe9f3);
  return {
    sunX: sin(azimuth) * cos(elevation),
    sunY: -cos(azimuth) * cos(elevation),
    sunZ: sin(elevation),
    sun: scaled(mixed(white, warm, 0.7), strength),
    zenith,
    horizon: overcast ? scaled(fromHex(0xdcdfe2), 1.0) : scaled(pale, 0.95),
    clouds,
    haze: overcast ? dice.between(0.1, 0.22) : dice.between(0.03, 0.12),
  };
}
