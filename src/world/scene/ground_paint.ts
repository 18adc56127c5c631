import { fromHex, mixed, type Rgb } from "../color.ts";
import { cloudNoise, noise2 } from "../noise.ts";
import { Dice, hash2, hash3, unit } from "../random.ts";
import type { SurfacePoint } from "./paint.ts";
import { paintMarkings } from "./road_markings.ts";
import type { StreetPlan } from "./street_plan.ts";
import { blend } from "./wall_paint.ts";

const KERB_WIDTH_M = 0.16;
const KERB_LENGTH_M = 1.1;
const GUTTER_M = 0.3;
const PATCH_CELL_M = 7;
const MANHOLE_CELL_M = 17;

/** Whether a place is raised: pavement, as against carriageway. */
export function isPavement(plan: StreetPlan, x: number, y: number): boolean {
  return pavementDepth(plan, x, y) > 0;
}

/** How far inside the pavement a place lies, in metres; negative on the carriageway. */
export function pavementDepth(plan: StreetPlan, x: number, y: number): number {
  const { junction, kerbXM } = plan;
  const acrossM = x < 0 ? -x - kerbXM[0] : x - kerbXM[1];
  const alongM = Math.abs(y - junction.yM) - junction.halfM;
  const r = junction.cornerM;
  // A rounded corner: the distance to the kerb's circle where both sides are near.
  if (acrossM < r && alongM < r && acrossM > -r && alongM > -r) {
    const u = r - acrossM;
    const v = r - alongM;
    if (u > 0 && v > 0) return r - Math.sqrt(u * u + v * v);
  }
  return acrossM < alongM ? acrossM : alongM;
}

/** Asphalt with its markings, kerbs and pavements. */
export class GroundPaint {
  readonly #plan: StreetPlan;
  readonly #seed: number;
  readonly #asphalt: Rgb;
  readonly #oldAsphalt: Rgb;
  readonly #slab: Rgb;
  readonly #kerb: Rgb;
  readonly #slabM: number;
  readonly #isCobbled: boolean;

  /** Draws the colours of the ground. */
  constructor(plan: StreetPlan) {
    const dice = new Dice(hash2(plan.seed, 0x6f0d));
    this.#plan = plan;
    this.#seed = dice.bits();
    this.#asphalt = fromHex(dice.pick([0x56585b, 0x5f6063, 0x4d4f52, 0x65635f, 0x54565a]));
    this.#oldAsphalt = mixed(this.#asphalt, fromHex(dice.pick([0x3c3d3f, 0x75726d])), 0.55);
    this.#slab = fromHex(dice.pick([0x918d85, 0x9a958a, 0x858480, 0x998b7c, 0x8b8e90]));
    this.#kerb = fromHex(dice.pick([0xb9b6ae, 0xa9a7a2, 0xc4c0b6]));
    this.#slabM = dice.pick([0.4, 0.5, 0.6]);
    this.#isCobbled = dice.chance(0.25);
  }

  /** Paints a point of the ground; its height tells pavement from carriageway. */
  apply(point: SurfacePoint): void {
    const depth = pavementDepth(this.#plan, point.x, point.y);
    if (point.nz < 0.5 || (depth > 0 && depth < KERB_WIDTH_M)) this.#paintKerb(point);
    else if (depth > 0) this.#paintPavement(point, depth);
    else this.#paintRoad(point, -depth);
  }

  #paintKerb(point: SurfacePoint): void {
    const along = Math.abs(point.y - this.#plan.junction.yM) < this.#plan.junction.halfM + 0.2
      ? point.x
      : point.y;
    const stone = Math.floor(along / KERB_LENGTH_M);
    point.tint(this.#kerb, 0.92 + 0.12 * unit(hash2(stone, this.#seed)));
    const joint = along / KERB_LENGTH_M - stone;
    if (joint < 0.02) point.shade(1 - 0.35 * point.sees(0.15));
    if (point.nz < 0.5) point.shade(0.82);
  }

  #paintPavement(point: SurfacePoint, depth: number): void {
    const { x, y } = point;
    const size = this.#isCobbled ? 0.14 : this.#slabM;
    const row = Math.floor(y / size);
    const shifted = x + (row & 1) * size / 2;
    const column = Math.floor(shifted / size);
    const tone = unit(hash3(column, row, this.#seed)) - 0.5;
    point.tint(this.#slab, 1 + tone * 0.16 * point.sees(size * 1.6));
    const jx = shifted - column * size;
    const jy = y - row * size;
    if (jx < 0.02 || jy < 0.02) point.shade(1 - 0.3 * point.sees(0.16));
    const worn = cloudNoise(x * 0.4, y * 0.4, this.#seed + 3, 3);
    point.shade(1.08 - 0.2 * worn);
    // Chewing gum and leaves.
    const speck = hash3(Math.floor(x * 6), Math.floor(y * 6), this.#seed + 8);
    if (speck % 61 === 0) point.shade(1 - 0.25 * point.sees(0.35));
    const { junction } = this.#plan;
    const [near, far] = junction.zebraYM;
    const atZebra = (y > near && y < near + 3.2) || (y > far && y < far + 3.2);
    const studs = depth > 0.3 && depth < 0.9 && atZebra && Math.abs(x) < this.#plan.houseXM[0];
    if (studs) blend(point, fromHex(0xd8cfae), 0.65);
  }

  #paintRoad(point: SurfacePoint, kerbM: number): void {
    const { x, y } = point;
    const seed = this.#seed;
    const patch = this.#patchTone(x, y);
    point.tint(patch > 0 ? this.#oldAsphalt : this.#asphalt);
    const broad = cloudNoise(x * 0.22, y * 0.09, seed + 1, 3);
    point.shade(1.1 - 0.2 * broad);
    const grain = unit(hash3(Math.floor(x * 28), Math.floor(y * 28), seed + 2)) - 0.5;
    point.shade(1 + 0.3 * grain * point.sees(0.09) + 0.1 * grain * point.sees(0.5));
    this.#paintWear(point);
    if (kerbM < GUTTER_M) point.shade(0.84 + 0.16 * noise2(x * 2, y * 0.7, seed + 6));
    paintMarkings(point, this.#plan, seed);
    this.#paintIronwork(point);
  }

  /** Wheel tracks, oil between them, cracks. */
  #paintWear(point: SurfacePoint): void {
    const { x, y } = point;
    const { lanes, laneM, junction } = this.#plan;
    const seed = this.#seed;
    if (Math.abs(x) < lanes * laneM && Math.abs(y - junction.yM) > junction.halfM) {
      const inLane = Math.abs(x) / laneM;
      const middle = Math.abs(inLane - Math.floor(inLane) - 0.5);
      const track = Math.abs(middle - 0.25);
      if (track < 0.09) point.shade(1 + 0.07 * (1 - track / 0.09));
      if (middle < 0.1) point.shade(0.93 - 0.1 * noise2(x * 1.5, y * 0.35, seed + 4));
    }
    const warp = cloudNoise(x * 0.5, y * 0.5, seed + 9, 2) * 5;
    const broken = noise2(x * 0.11, y * 0.07, seed + 12);
    const crack = Math.abs(noise2(x * 0.33 + warp, y * 0.21, seed + 10) - 0.5);
    if (crack < 0.004 * (broken > 0.5 ? 1 : 0)) point.shade(1 - 0.3 * point.sees(0.1));
  }

  /** Where the road was dug up and closed again: rectangles with a dark seam. */
  #patchTone(x: number, y: number): number {
    const row = Math.floor(y / PATCH_CELL_M);
    const hash = hash3(row, x < 0 ? 0 : 1, this.#seed + 20);
    if (hash % 3 !== 0) return 0;
    const width = 0.7 + 1.6 * (hash >>> 8 & 255) / 255;
    const length = 1 + 4.5 * (hash >>> 16 & 255) / 255;
    const x0 = (x < 0 ? -1 : 1) * (0.4 + 3 * (hash >>> 24 & 255) / 255);
    const y0 = row * PATCH_CELL_M + 0.6;
    const inside = Math.abs(x - x0) < width / 2 && y > y0 && y < y0 + length;
    return inside ? 1 : 0;
  }

  #paintIronwork(point: SurfacePoint): void {
    const row = Math.floor(point.y / MANHOLE_CELL_M);
    const hash = hash2(row, this.#seed + 30);
    const x0 = ((hash & 255) / 255 - 0.5) * this.#plan.laneM * 1.3;
    const y0 = (row + 0.2 + 0.6 * (hash >>> 8 & 255) / 255) * MANHOLE_CELL_M;
    const dx = point.x - x0;
    const dy = point.y - y0;
    const r2 = dx * dx + dy * dy;
    if (r2 > 0.13) return;
    const rim = r2 > 0.1;
    const bars = (Math.floor(dx * 12) + Math.floor(dy * 12)) & 1;
    point.tint(this.#oldAsphalt, rim ? 0.5 : bars === 0 ? 0.42 : 0.58);
  }
}
