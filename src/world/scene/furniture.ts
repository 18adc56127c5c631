import { fromHex, type Rgb } from "../color.ts";
import { cos, sin } from "../exact_math.ts";
import { Dice, hash2 } from "../random.ts";
import { LeafPaint, PlainPaint, SignPaint } from "./plain_paint.ts";
import { BlockSolid, LeafSolid, PostSolid, type Solid } from "./solids.ts";
import { STREET_BEHIND_M, type StreetPlan } from "./street_plan.ts";

/** How far trees and posts stand from the kerb. */
const FROM_KERB_M = 0.75;
const LAMP_SPACING_M = 24;
const TREE_SPACING_M = 10;
const FURNITURE_END_M = 170;
/** Nobody hangs a camera behind a tree, or a post before it. */
const TREE_CLEAR_M = 13;
const POST_CLEAR_M = 5;
const LEAVES = [0x5f7f3a, 0x4f7339, 0x6d8a3f, 0x7d8f45, 0x48693f, 0x8f8a3d];

/** A street lamp. */
export interface Lamp {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** Where a traffic light hangs, and whose it is. */
export interface SignalHead {
  readonly x: number;
  readonly y: number;
  /** Height of the green light; red hangs 0.6 m higher. */
  readonly z: number;
  /** Whether it stops the main street (else the side street). */
  readonly main: boolean;
  /** Direction it looks to: −1 towards the camera, 1 away from it; 0 along the side street. */
  readonly facing: -1 | 0 | 1;
}

/** What stands on the pavements. */
export interface Furniture {
  readonly solids: readonly Solid[];
  readonly lamps: readonly Lamp[];
  readonly signals: readonly SignalHead[];
}

/** Plants trees and sets up lamps, lights, signs, bins, benches and bollards. */
export function buildFurniture(plan: StreetPlan): Furniture {
  const dice = new Dice(hash2(plan.seed, 0xf0a217));
  const builder = new FurnitureBuilder(plan, dice);
  const offset = dice.between(0, LAMP_SPACING_M);
  for (const side of [-1, 1] as const) {
    const shift = offset + (side < 0 ? 0 : LAMP_SPACING_M / 2);
    for (let y = shift - STREET_BEHIND_M; y < FURNITURE_END_M; y += LAMP_SPACING_M) {
      builder.lamp(side, y);
    }
    if (plan.trees[side < 0 ? 0 : 1]) {
      const first = dice.between(0, TREE_SPACING_M) - 6;
      for (let y = first; y < FURNITURE_END_M; y += TREE_SPACING_M * dice.between(0.9, 1.5)) {
        builder.tree(side, y);
      }
    }
    for (let y = 4; y < 90; y += dice.between(5, 13)) builder.small(side, y);
    builder.trafficLights(side);
  }
  return builder;
}

class FurnitureBuilder implements Furniture {
  readonly solids: Solid[] = [];
  readonly lamps: Lamp[] = [];
  readonly signals: SignalHead[] = [];
  readonly #plan: StreetPlan;
  readonly #dice: Dice;
  readonly #lampZ: number;
  readonly #steel: PlainPaint;
  readonly #leaf: Rgb;
  readonly #trunk = new PlainPaint(fromHex(0x6a5a4a));

  constructor(plan: StreetPlan, dice: Dice) {
    this.#plan = plan;
    this.#dice = dice;
    this.#lampZ = dice.between(5.2, 7.5);
    this.#steel = new PlainPaint(fromHex(dice.pick([0x3d4347, 0x6f767a, 0x2f4238, 0x24282b])));
    this.#leaf = fromHex(dice.pick(LEAVES));
  }

  /** A lamp on a post, with an arm over the carriageway. */
  lamp(side: -1 | 1, y: number): void {
    const x = this.#kerb(side) + side * FROM_KERB_M;
    if (this.#isTaken(y, 1) || this.#isBeforeCamera(x, y, POST_CLEAR_M)) return;
    const z = this.#lampZ;
    const head = x - side * 1.5;
    this.solids.push(
      new PostSolid({ x, y, z0: 0, z1: z }, 0.085, 0.05, this.#steel),
      new BlockSolid({
        x0: Math.min(x, head),
        x1: Math.max(x, head),
        y0: y - 0.035,
        y1: y + 0.035,
        z0: z - 0.06,
        z1: z,
      }, this.#steel),
      new BlockSolid(
        {
          x0: head - 0.32,
          x1: head + 0.32,
          y0: y - 0.13,
          y1: y + 0.13,
          z0: z - 0.12,
          z1: z + 0.03,
        },
        new PlainPaint(fromHex(0xc9cbc8), 0, fromHex(0xffe3b3)),
      ),
    );
    this.lamps.push({ x: head, y, z: z - 0.15 });
  }

  /** A street tree: a trunk and a crown of several balls of leaves. */
  tree(side: -1 | 1, y: number): void {
    const dice = this.#dice;
    const x = this.#kerb(side) + side * (FROM_KERB_M + 0.15);
    if (this.#isTaken(y, 2.5) || this.#isBeforeCamera(x, y, TREE_CLEAR_M)) return;
    const height = dice.between(4.6, 7.8);
    const crown = dice.between(1.25, 2);
    const trunk = height - crown * 1.5;
    this.solids.push(
      new PostSolid({ x, y, z0: 0, z1: trunk + crown }, dice.between(0.11, 0.2), 0.07, this.#trunk),
    );
    const paint = new LeafPaint(this.#leaf, dice.bits() & 0xffff);
    const balls = dice.whole(11, 16);
    for (let i = 0; i < balls; i++) {
      const angle = i * 2.4 + dice.between(0, 0.7);
      const out = i === 0 ? 0 : crown * dice.between(0.3, 0.85);
      const center = {
        x: x + out * cos(angle),
        y: y + out * sin(angle),
        z: trunk + crown * dice.between(0.45, 1.65),
      };
      const leaves = { leafM: 0.05, density: 0.92, seed: dice.bits() & 0xffff };
      const radius = crown * dice.between(0.34, 0.56);
      this.solids.push(new LeafSolid(center, radius, 0.85, leaves, paint));
    }
  }

  /** One of the small things that stand about. */
  small(side: -1 | 1, y: number): void {
    const dice = this.#dice;
    const x = this.#kerb(side) + side * FROM_KERB_M;
    if (this.#isTaken(y, 1.5) || this.#isBeforeCamera(x, y, POST_CLEAR_M)) return;
    switch (dice.whole(0, 5)) {
      case 0:
        return this.#bin(x, y);
      case 1:
        return this.#bench(x + side * 0.3, y, side);
      case 2:
        for (let i = 0; i < dice.whole(2, 5); i++) this.#bollard(x - side * 0.3, y + i * 1.4);
        return;
      case 3:
        return this.#planter(x + side * 0.4, y);
      case 4:
        return this.#sign(x, y);
      case 5:
        return this.#cabinet(x + side * 0.2, y);
    }
  }

  /** Traffic lights at the corners of the junction on one side of the street. */
  trafficLights(side: -1 | 1): void {
    const { junction, driveSide } = this.#plan;
    const [near, far] = junction.zebraYM;
    const x = this.#kerb(side) + side * 0.5;
    // Main street: drivers look at the light on their own side, before the zebra.
    const towards = side === driveSide;
    this.#signal({ x, y: towards ? near - 0.7 : far + 3.9, main: true, facing: towards ? -1 : 1 });
    const ySide = junction.yM - side * driveSide * -1 * (junction.halfM + 0.5);
    const xSide = this.#kerb(side) + side * 2.2;
    this.#signal({ x: xSide, y: ySide, main: false, facing: 0 });
  }

  #signal(head: Omit<SignalHead, "z">): void {
    const { x, y } = head;
    const z = 2.55;
    this.solids.push(
      new PostSolid({ x, y, z0: 0, z1: z + 1 }, 0.06, 0.06, this.#steel),
      new BlockSolid(
        { x0: x - 0.15, x1: x + 0.15, y0: y - 0.13, y1: y + 0.13, z0: z - 0.2, z1: z + 0.82 },
        new PlainPaint(fromHex(0x1e2022)),
      ),
    );
    this.signals.push({ ...head, z });
  }

  #bin(x: number, y: number): void {
    const color = fromHex(this.#dice.pick([0x2f5f46, 0x3c3f42, 0xb8782f]));
    this.solids.push(
      new PostSolid({ x, y, z0: 0.25, z1: 1 }, 0.2, 0.22, new PlainPaint(color)),
      new PostSolid({ x, y, z0: 0, z1: 1.15 }, 0.04, 0.04, this.#steel),
    );
  }

  #bench(x: number, y: number, side: number): void {
    const wood = new PlainPaint(fromHex(0x8a6542));
    const back = x + side * 0.22;
    this.solids.push(
      new BlockSolid(
        { x0: x - 0.22, x1: x + 0.22, y0: y - 0.8, y1: y + 0.8, z0: 0.52, z1: 0.58 },
        wood,
      ),
      new BlockSolid(
        { x0: back - 0.03, x1: back + 0.03, y0: y - 0.8, y1: y + 0.8, z0: 0.7, z1: 1 },
        wood,
      ),
    );
    for (const end of [-0.65, 0.65]) {
      const foot = {
        x0: x - 0.2,
        x1: x + 0.24,
        y0: y + end - 0.03,
        y1: y + end + 0.03,
        z0: 0.12,
        z1: 0.95,
      };
      this.solids.push(new BlockSolid({ ...foot, x1: x + 0.2, z1: 0.52 }, this.#steel));
    }
  }

  #bollard(x: number, y: number): void {
    if (this.#isTaken(y, 0.5)) return;
    this.solids.push(new PostSolid({ x, y, z0: 0, z1: 0.95 }, 0.07, 0.06, this.#steel));
  }

  #planter(x: number, y: number): void {
    const dice = this.#dice;
    const box = { x0: x - 0.4, x1: x + 0.4, y0: y - 0.7, y1: y + 0.7, z0: 0, z1: 0.55 };
    this.solids.push(new BlockSolid(box, new PlainPaint(fromHex(0x8d8378))));
    const paint = new LeafPaint(fromHex(dice.pick(LEAVES)), dice.bits() & 0xffff);
    for (const end of [-0.35, 0.3]) {
      const center = { x, y: y + end, z: 0.75 };
      const leaves = { leafM: 0.05, density: 0.92, seed: dice.bits() & 0xffff };
      this.solids.push(new LeafSolid(center, 0.42, 0.8, leaves, paint));
    }
  }

  #sign(x: number, y: number): void {
    const dice = this.#dice;
    const z = dice.between(2.3, 2.6);
    const colors = dice.pick([
      { rim: fromHex(0xb8292c), field: fromHex(0xf2f0ea), mark: fromHex(0x222222) },
      { rim: fromHex(0x1f5fa8), field: fromHex(0x1f5fa8), mark: fromHex(0xf2f0ea) },
      { rim: fromHex(0xf2f0ea), field: fromHex(0xf0b429), mark: fromHex(0xf0b429) },
    ]);
    this.solids.push(
      new PostSolid({ x, y, z0: 0, z1: z + 0.3 }, 0.035, 0.035, this.#steel),
      new BlockSolid(
        { x0: x - 0.3, x1: x + 0.3, y0: y - 0.06, y1: y - 0.03, z0: z - 0.3, z1: z + 0.3 },
        new SignPaint({ x, z }, 0.3, colors),
      ),
    );
  }

  #cabinet(x: number, y: number): void {
    const color = fromHex(this.#dice.pick([0x8f9a8f, 0xa9a69c, 0x6f7f86]));
    const box = { x0: x - 0.2, x1: x + 0.2, y0: y - 0.45, y1: y + 0.45, z0: 0, z1: 1.15 };
    this.solids.push(new BlockSolid(box, new PlainPaint(color)));
  }

  #kerb(side: -1 | 1): number {
    return side * this.#plan.kerbXM[side < 0 ? 0 : 1];
  }

  /** Whether something at a place would hang or stand right in front of the camera. */
  #isBeforeCamera(x: number, y: number, clearM: number): boolean {
    const { xM, yM } = this.#plan.camera;
    return y > yM - 3 && (x - xM) * (x - xM) + (y - yM) * (y - yM) < clearM * clearM;
  }

  /** Whether a place along the street belongs to the side street or a zebra. */
  #isTaken(y: number, margin: number): boolean {
    const [near, far] = this.#plan.junction.zebraYM;
    return y > near - margin && y < far + 3.2 + margin;
  }
}

/** How much a lamp lights a level surface right below it, for lamps at other distances. */
export function lampFalloff(lamp: Lamp, x: number, y: number, z: number): number {
  const dx = x - lamp.x;
  const dy = y - lamp.y;
  const dz = lamp.z - z;
  if (dz <= 0.1) return 0;
  const d2 = dx * dx + dy * dy + dz * dz;
  const down = dz / Math.sqrt(d2);
  // The head throws its light into a wide cone.
  return down < 0.15 ? 0 : (down - 0.15) * 36 / d2;
}
