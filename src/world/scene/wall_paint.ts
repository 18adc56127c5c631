import { type Rgb, scaled } from "../color.ts";
import { cloudNoise, noise2 } from "../noise.ts";
import { hash3, unit } from "../random.ts";
import type { FacadeStyle } from "./facade_style.ts";
import type { SurfacePoint } from "./paint.ts";

const BRICK_WIDTH_M = 0.25;
const BRICK_HEIGHT_M = 0.08;
const MORTAR_M = 0.014;
const ASHLAR_WIDTH_M = 0.9;
const ASHLAR_HEIGHT_M = 0.42;
const PANEL_HEIGHT_M = 1.6;
const PANEL_WIDTH_M = 2.4;

/** Paints the bare wall of a house at `u` metres along it and `v` metres up. */
export function paintWall(point: SurfacePoint, style: FacadeStyle, u: number, v: number): void {
  point.tint(style.wallColor);
  switch (style.wall) {
    case "brick":
      paintBricks(point, u, v, style, { width: BRICK_WIDTH_M, height: BRICK_HEIGHT_M }, 0.2);
      break;
    case "stone":
      paintBricks(point, u, v, style, { width: ASHLAR_WIDTH_M, height: ASHLAR_HEIGHT_M }, 0.12);
      break;
    case "panel":
      paintPanels(point, u, v);
      break;
    case "plaster":
      point.shade(1 - 0.1 * point.sees(0.3) * noise2(u * 5, v * 5, style.seed));
      break;
  }
  weather(point, style, u, v);
}

/** Dirt: big stains, streaks that run down, and splashes near the ground. */
function weather(point: SurfacePoint, style: FacadeStyle, u: number, v: number): void {
  const stain = cloudNoise(u * 0.35, v * 0.3, style.seed + 11, 3);
  const streak = noise2(u * 3.1, v * 0.18, style.seed + 17);
  const splash = v < 0.9 ? (0.9 - v) * 0.28 : 0;
  point.shade(1.06 - 0.16 * stain - 0.1 * streak * point.sees(0.5) - splash);
}

function paintBricks(
  point: SurfacePoint,
  u: number,
  v: number,
  style: FacadeStyle,
  brick: { readonly width: number; readonly height: number },
  spread: number,
): void {
  const visible = point.sees(brick.height * 2.5);
  const course = Math.floor(v / brick.height);
  const shift = (course & 1) * brick.width / 2;
  const column = Math.floor((u + shift) / brick.width);
  const tone = unit(hash3(column, course, style.seed)) - 0.5;
  // Where single bricks are too small to see, their mean tone stays.
  point.shade(1 + spread * 2 * tone * point.sees(brick.width * 1.5));
  if (visible === 0) {
    point.shade(0.97);
    return;
  }
  const du = u + shift - column * brick.width;
  const dv = v - course * brick.height;
  const joint = brick.height > 0.2 ? 0.022 : MORTAR_M;
  if (du < joint || dv < joint) blend(point, scaled(style.trimColor, 0.62), 0.55 * visible);
}

function paintPanels(point: SurfacePoint, u: number, v: number): void {
  const du = u - PANEL_WIDTH_M * Math.floor(u / PANEL_WIDTH_M);
  const dv = v - PANEL_HEIGHT_M * Math.floor(v / PANEL_HEIGHT_M);
  if (du < 0.03 || dv < 0.03) point.shade(1 - 0.4 * point.sees(0.12));
}

/** Moves the colour of a point towards another one. */
export function blend(point: SurfacePoint, color: Rgb, share: number): void {
  point.r += (color.r - point.r) * share;
  point.g += (color.g - point.g) * share;
  point.b += (color.b - point.b) * share;
}
