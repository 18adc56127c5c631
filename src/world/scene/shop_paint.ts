import { fromHex, type Rgb } from "../color.ts";
import { hash2, hash3, unit } from "../random.ts";
import type { FacadeStyle } from "./facade_style.ts";
import type { SurfacePoint } from "./paint.ts";
import type { WallLook } from "./window_paint.ts";

const PLINTH_M = 0.42;
const GLASS_TOP_M = 2.75;
const SIGN_LOW_M = 2.9;
const SIGN_HIGH_M = 3.5;
const PIER_M = 0.16;
const DOOR_RECESS_M = 0.25;
/** How deep the goods lie behind the glass. */
const SHELF_M = 0.9;
const GOODS_M = 0.34;

const GOODS: readonly Rgb[] = [
  0xd94f3d,
  0xe8b23a,
  0x3d7fb5,
  0x5f9f58,
  0xe9e3d3,
  0x8d5a9e,
  0x3a3a3a,
  0xd98a9f,
  0xa8763f,
].map(fromHex);
const SHOP_LIGHT = fromHex(0xffe2b0);
const DARK = fromHex(0x1a1d20);
const STEEL = fromHex(0x8a8f93);

/** Paints a shop's front; `look.u` from the left end of one unit that is `widthM` wide. */
export function paintShop(
  point: SurfacePoint,
  style: FacadeStyle,
  look: WallLook,
  unitIndex: number,
  widthM: number,
): void {
  const { u, v } = look;
  if (v > SIGN_HIGH_M || (v > GLASS_TOP_M && v < SIGN_LOW_M)) {
    point.tint(style.shopColor, 0.9);
    return;
  }
  if (v >= SIGN_LOW_M) {
    paintSign(point, style, { u: u - 0.3, v: v - SIGN_LOW_M }, unitIndex, widthM - 0.6);
    return;
  }
  if (u < PIER_M || u > widthM - PIER_M) {
    point.tint(style.shopColor);
    return;
  }
  const doorLeft = (hash2(unitIndex, style.seed) & 1) === 0;
  const doorU = doorLeft ? u - PIER_M : widthM - PIER_M - u;
  if (doorU < 1.1) {
    paintDoor(point, style, look, doorU);
    return;
  }
  if (v < PLINTH_M) {
    point.tint(style.shopColor, 0.75);
    return;
  }
  const bars = Math.max(1, Math.round((widthM - 1.4) / 1.6));
  const cell = (doorU - 1.1) / (widthM - 2 * PIER_M - 1.1) * bars;
  const bar = Math.abs(cell - Math.floor(cell + 0.5)) < 0.025 || v < PLINTH_M + 0.06;
  if (bar) {
    point.tint(style.frameColor, 0.9);
    return;
  }
  paintGoods(point, style, look, unitIndex);
}

/** What stands in the window, seen through the glass. */
function paintGoods(
  point: SurfacePoint,
  style: FacadeStyle,
  look: WallLook,
  unitIndex: number,
): void {
  const u = look.u + look.slopeU * SHELF_M;
  const v = look.v + look.slopeV * SHELF_M;
  const row = Math.floor(v / 0.55);
  const column = Math.floor(u / GOODS_M);
  const hash = hash3(column, row, style.seed + unitIndex);
  const height = 0.15 + 0.36 * (hash >>> 8 & 255) / 255;
  const inRow = v - row * 0.55;
  point.mirror = 0.22;
  if (row >= 0 && row < 4 && inRow < height && (hash & 7) > 1) {
    point.tint(GOODS[(hash >>> 16) % GOODS.length]!, 0.34);
    point.glow(GOODS[(hash >>> 16) % GOODS.length]!, 0.9);
  } else {
    point.tint(DARK, 1 + 2 * v / GLASS_TOP_M);
    point.glow(SHOP_LIGHT, 0.25 + 0.3 * Math.max(0, Math.min(1, v / GLASS_TOP_M)));
  }
}

function paintDoor(point: SurfacePoint, style: FacadeStyle, look: WallLook, doorU: number): void {
  const dv = look.v + look.slopeV * DOOR_RECESS_M;
  const du = doorU - 0.55;
  if (dv > 2.35) {
    point.tint(style.shopColor, 0.7);
    point.open = 0.5;
    return;
  }
  if (Math.abs(du) > 0.46 || dv < 0.18 || dv > 2.25) {
    point.tint(style.frameColor, 0.8);
  } else if (Math.abs(du - 0.34) < 0.03 && dv > 0.95 && dv < 1.25) {
    point.tint(STEEL);
  } else {
    point.tint(DARK, 1.4);
    point.mirror = 0.25;
    point.glow(SHOP_LIGHT, 0.5);
  }
  point.open = 0.75;
}

/** A board with letters that spell nothing: upright strokes and bars in cells of one letter. */
function paintSign(
  point: SurfacePoint,
  style: FacadeStyle,
  at: { readonly u: number; readonly v: number },
  unitIndex: number,
  widthM: number,
): void {
  point.tint(style.signColor);
  point.glow(style.signColor, 0.35);
  const seed = hash2(unitIndex, style.seed + 3);
  const letters = 4 + seed % 6;
  const letterM = Math.min(0.5, widthM * 0.8 / letters);
  const start = (widthM - letters * letterM) / 2;
  const index = Math.floor((at.u - start) / letterM);
  if (index < 0 || index >= letters || at.u < start) return;
  const column = Math.floor(((at.u - start) / letterM - index) * 4);
  const row = Math.floor((at.v - 0.13) / 0.35 * 5);
  if (column > 2 || row < 0 || row > 4 || at.v < 0.13) return;
  if (isInk(hash2(seed, index), column, row)) {
    point.tint(style.letterColor);
    point.glow(style.letterColor, 0.6);
  }
}

/** Whether a letter has ink in one of its 3 × 5 cells: always a stem, and bars and a second stem by chance. */
function isInk(hash: number, column: number, row: number): boolean {
  if (column === 0) return (hash & 1) === 1 || row !== 2;
  const bar = row === 4 || (row === 2 && (hash & 2) !== 0) || (row === 0 && (hash & 4) !== 0);
  if (bar) return true;
  return column === 2 && unit(hash2(hash, row)) < 0.55;
}
