import { fromHex, type Rgb } from "../color.ts";
import { hash3, unit } from "../random.ts";
import type { FacadeStyle } from "./facade_style.ts";
import type { SurfacePoint } from "./paint.ts";

/** A look at a recess in a wall: where it meets the wall, and where it goes from there. */
export interface WallLook {
  /** Along the wall in metres. */
  u: number;
  /** Up in metres. */
  v: number;
  /** Metres along the wall for each metre into it. */
  slopeU: number;
  /** Metres up for each metre into it. */
  slopeV: number;
}

/** How deep windows lie in the wall. */
const RECESS_M = 0.16;
const FRAME_M = 0.07;
const BAR_M = 0.045;

const GLASS: Rgb = fromHex(0x22282e);
const CURTAINS: readonly Rgb[] = [
  fromHex(0xe6dfd0),
  fromHex(0xcbbfa8),
  fromHex(0xb7c0c4),
  fromHex(0xb98f74),
  fromHex(0x8f9aa3),
];
const LAMPS: readonly Rgb[] = [
  fromHex(0xffc374),
  fromHex(0xffd9a0),
  fromHex(0xffb055),
  fromHex(0xdfe8ff),
];

/**
 * Paints the window of one bay and floor, if the look meets it.
 *
 * @param look The look, `u` from the middle of the bay and `v` from the floor.
 * @param bay Whole numbers that name the window.
 * @returns Whether it was met; if not, the wall is still to be painted.
 */
export function paintWindow(
  point: SurfacePoint,
  style: FacadeStyle,
  look: WallLook,
  bay: { readonly column: number; readonly floor: number },
): boolean {
  const half = style.windowWidthM / 2;
  const low = style.sillM;
  const high = low + style.windowHeightM;
  const { u, v } = look;
  if (v > low - 0.09 && v < low && u > -half - 0.12 && u < half + 0.12) {
    point.tint(style.trimColor, 1.02);
    return true;
  }
  if (u < -half || u > half || v < low || v > high) return paintAround(point, style, u, v);
  const du = u + look.slopeU * RECESS_M;
  const dv = v + look.slopeV * RECESS_M;
  if (du < -half || du > half || dv < low || dv > high) {
    // The side of the recess; its upper side lies in shadow.
    point.tint(style.wallColor, 0.9);
    point.open = dv > high ? 0.35 : 0.7;
    return true;
  }
  if (isBar(style, du, dv - low)) {
    point.tint(style.frameColor);
    point.open = 0.85;
    return true;
  }
  paintPane(point, style, { u: du / half, v: (dv - low) / style.windowHeightM }, bay);
  return true;
}

/** Surround and shutters. */
function paintAround(point: SurfacePoint, style: FacadeStyle, u: number, v: number): boolean {
  const half = style.windowWidthM / 2;
  const outU = Math.abs(u) - half;
  const low = style.sillM - v;
  const high = v - style.sillM - style.windowHeightM;
  if (style.shutters !== null && outU > 0.02 && outU < half * 0.95 && low < 0 && high < 0) {
    const slat = v * 14 - Math.floor(v * 14);
    point.tint(style.shutters, slat < 0.3 ? 1 - 0.35 * point.sees(0.14) : 1);
    return true;
  }
  const wide = style.surroundM;
  if (wide === 0 || outU > wide || low > 0 || high > wide * 1.4) return false;
  point.tint(style.trimColor);
  return true;
}

/** Whether a frame or a bar stands there; `v` from the sill. */
function isBar(style: FacadeStyle, u: number, v: number): boolean {
  const half = style.windowWidthM / 2;
  const height = style.windowHeightM;
  if (u < -half + FRAME_M || u > half - FRAME_M || v < FRAME_M || v > height - FRAME_M) return true;
  const top = Math.abs(v - height * 0.68) < BAR_M / 2;
  const middle = Math.abs(u) < BAR_M / 2;
  switch (style.panes) {
    case "whole":
      return false;
    case "two":
      return middle;
    case "cross":
      return middle || Math.abs(v - height / 2) < BAR_M / 2;
    case "top":
      return top || (middle && v < height * 0.68);
  }
}

/** Glass, what hangs behind it, and the light in the room; `u` from −1 to 1, `v` from 0 to 1. */
function paintPane(
  point: SurfacePoint,
  style: FacadeStyle,
  at: { readonly u: number; readonly v: number },
  bay: { readonly column: number; readonly floor: number },
): void {
  const hash = hash3(bay.column, bay.floor, style.seed);
  const curtain = CURTAINS[hash % CURTAINS.length]!;
  const drawn = (hash >>> 4 & 255) / 255;
  const blind = (hash >>> 12 & 255) / 255;
  const lit = unit(hash3(bay.floor, bay.column, style.seed + 5)) < style.litShare;
  const lamp = LAMPS[(hash >>> 20) % LAMPS.length]!;
  const beside = Math.abs(at.u) > 1 - drawn * 0.75;
  const below = blind > 0.55 && at.v > 1 - (blind - 0.5) * 1.6;
  point.mirror = 0.34;
  if (beside || below) {
    const fold = below ? 1 : 0.85 + 0.15 * (Math.floor(at.u * 9) & 1);
    point.tint(curtain, 0.42 * fold);
    if (lit) point.glow(lamp, 0.5 * fold);
  } else {
    point.tint(GLASS);
    // A room is brighter above, where its lamp hangs.
    if (lit) point.glow(lamp, 0.45 + 0.55 * at.v);
  }
}
