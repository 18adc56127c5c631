import { fromHex, type Rgb, scaled } from "../color.ts";
import type { Dice } from "../random.ts";
import type { MeshBuilder, Point } from "./mesh_builder.ts";

/** How a person is built and dressed. Lengths in metres. */
export interface PersonLook {
  readonly heightM: number;
  /** Width of the body as a share of the usual one. */
  readonly build: number;
  readonly skin: Rgb;
  readonly hair: Rgb;
  readonly top: Rgb;
  readonly trousers: Rgb;
  readonly shoes: Rgb;
  readonly outfit: "shirt" | "jacket" | "coat" | "dress";
  readonly sleeves: "short" | "long";
  readonly legs: "long" | "shorts";
  readonly head: "short" | "long" | "cap" | "hat" | "bald";
  readonly bag: "none" | "backpack" | "shoulder" | "carrier";
  readonly bagColor: Rgb;
}

const SKIN = [0xf1c9a5, 0xe0ac86, 0xc68a5f, 0x9a6a45, 0x6f4a32, 0x4f3325, 0xedbb99, 0xd79a73];
const HAIR = [
  0x1c1714,
  0x2f221a,
  0x4d3524,
  0x7a5230,
  0xa9803f,
  0xd2b071,
  0x8a8580,
  0xc9c4bc,
  0x6a2f1c,
];
const TOPS = [
  0xc0392b,
  0x2e5c8a,
  0x27754a,
  0xe0a030,
  0x7b4f9d,
  0xf0eee8,
  0x2a2a2e,
  0x5a6b78,
  0xd76d8b,
  0x3fa3a8,
  0xb5553a,
  0x8fae5d,
  0xe7d9b8,
  0x364a5f,
  0x9b2d52,
  0xd9622b,
  0x6f7f8a,
  0x1f3d36,
  0x4f8fc9,
  0xe5e04a,
];
const TROUSERS = [
  0x26324a,
  0x1f2023,
  0x3b4a66,
  0x6b6257,
  0x8a8172,
  0x4a3c32,
  0xb9ad97,
  0x525a60,
  0x2f3b2f,
];
const SHOES = [0x1a1817, 0x3b2a20, 0xe8e6e0, 0x5a5a5d, 0x8a2f2a];
const BAGS = [0x2f2f33, 0x7a2f2f, 0x2f4f3a, 0x3a4f7a, 0x8a6b42, 0xd9a441];

/** Draws a person; `child` makes a small one. */
export function drawLook(dice: Dice, child: boolean): PersonLook {
  const outfit = dice.pick(["shirt", "shirt", "jacket", "jacket", "coat", "dress"] as const);
  return {
    heightM: child ? dice.between(1.1, 1.45) : dice.between(1.56, 1.92),
    build: dice.between(0.9, 1.18) * (child ? 0.95 : 1),
    skin: fromHex(dice.pick(SKIN)),
    hair: fromHex(dice.pick(HAIR)),
    top: scaled(fromHex(dice.pick(TOPS)), dice.between(0.8, 1.05)),
    trousers: scaled(fromHex(dice.pick(TROUSERS)), dice.between(0.8, 1.1)),
    shoes: fromHex(dice.pick(SHOES)),
    outfit,
    sleeves: outfit === "shirt" && dice.chance(0.55) ? "short" : "long",
    legs: outfit === "shirt" && dice.chance(0.3) ? "shorts" : "long",
    head: dice.pick(["short", "short", "short", "long", "long", "cap", "hat", "bald"] as const),
    bag: dice.pick(["none", "none", "none", "backpack", "shoulder", "carrier"] as const),
    bagColor: fromHex(dice.pick(BAGS)),
  };
}

/** Finishes of a person, as numbers of the builder. */
export interface PersonFinishes {
  readonly skin: number;
  readonly hair: number;
  readonly top: number;
  readonly trousers: number;
  readonly shoes: number;
  readonly bag: number;
}

/** Registers the finishes of a person. */
export function personFinishes(builder: MeshBuilder, look: PersonLook): PersonFinishes {
  const cloth = (color: Rgb): number => builder.finish({ color, gloss: 0.02 });
  return {
    skin: cloth(look.skin),
    hair: cloth(look.hair),
    top: cloth(look.top),
    trousers: cloth(look.trousers),
    shoes: cloth(look.shoes),
    bag: cloth(look.bagColor),
  };
}

/** Rings around the z axis from below upwards: half width, half depth, middle forward, height. */
export function trunkRings(
  rings: readonly (readonly [halfX: number, halfY: number, y: number, z: number])[],
  sides = 8,
): Point[][] {
  const corners: readonly (readonly [number, number])[] = sides === 8
    ? [[1, 0.35], [0.5, 1], [-0.5, 1], [-1, 0.35], [-1, -0.35], [-0.5, -1], [0.5, -1], [1, -0.35]]
    : [[1, 0.6], [0, 1], [-1, 0.6], [-1, -0.6], [0, -1], [1, -0.6]];
  // Upwards the rings must go clockwise seen from above.
  return rings.map(([halfX, halfY, y, z]) =>
    corners.map(([cx, cy]): Point => [cx * halfX, y + cy * halfY, z]).reverse()
  );
}

/** The trunk of a body from the hips, which lie at the origin of the part, to the neck. */
export function buildTrunk(builder: MeshBuilder, look: PersonLook, finishes: PersonFinishes): void {
  const h = look.heightM;
  const w = look.build;
  const bulk = look.outfit === "jacket" || look.outfit === "coat" ? 1.12 : 1;
  const [hipX, waistX, chestX] = [0.096 * h * w * bulk, 0.084 * h * w * bulk, 0.118 * h * w * bulk];
  const [hipY, chestY] = [0.064 * h * w * bulk, 0.07 * h * w * bulk];
  const sides = builder.coarse ? 6 : 8;
  const rings = trunkRings([
    [hipX * 0.9, hipY * 0.9, 0, -0.035 * h],
    [hipX, hipY, 0, 0.02 * h],
    [waistX, hipY * 0.92, 0, 0.11 * h],
    [chestX * 0.98, chestY, 0.006 * h, 0.22 * h],
    [chestX, chestY * 0.9, 0, 0.275 * h],
    [chestX * 0.55, chestY * 0.62, -0.004 * h, 0.315 * h],
    [0.032 * h, 0.032 * h, 0, 0.325 * h],
  ], sides);
  builder.skin(
    rings,
    true,
    (ring) => ring === 0 && look.outfit !== "coat" ? finishes.trousers : finishes.top,
  );
  builder.bar(finishes.skin, [0, 0, 0.31 * h], [0, 0.004 * h, 0.365 * h], [0.03 * h, 0.028 * h]);
  if (look.outfit === "coat" || look.outfit === "dress") {
    const drop = look.outfit === "coat" ? 0.24 * h : 0.2 * h;
    const flare = look.outfit === "coat" ? 1.1 : 1.45;
    const skirt = trunkRings([
      [hipX * flare, hipY * flare * 1.25, 0, -drop],
      [hipX * 1.06, hipY * 1.1, 0, -0.02 * h],
      [hipX * 0.98, hipY, 0, 0.05 * h],
    ], sides);
    builder.skin(skirt, true, () => finishes.top);
    builder.face(finishes.trousers, ...skirt[0]!);
  }
  buildBag(builder, look, finishes, { chestX, chestY, hipX });
}

function buildBag(
  builder: MeshBuilder,
  look: PersonLook,
  finishes: PersonFinishes,
  body: { readonly chestX: number; readonly chestY: number; readonly hipX: number },
): void {
  const h = look.heightM;
  if (look.bag === "backpack") {
    const y = -body.chestY * 0.85;
    builder.block(finishes.bag, [-0.085 * h, y - 0.075 * h, 0.07 * h], [0.085 * h, y, 0.28 * h]);
  } else if (look.bag === "shoulder") {
    const x = body.hipX * 0.95;
    builder.block(finishes.bag, [x, -0.07 * h, -0.06 * h], [x + 0.045 * h, 0.07 * h, 0.05 * h]);
  }
}

/** The head, its neck's end at the origin of the part. */
export function buildHead(builder: MeshBuilder, look: PersonLook, finishes: PersonFinishes): void {
  const h = look.heightM;
  const [x, y, z] = [0.048 * h, 0.056 * h, 0.067 * h];
  const middle: Point = [0, 0.006 * h, 0.062 * h];
  builder.ball(finishes.skin, middle, [x, y, z], 8, 6);
  if (look.head === "bald") return;
  const cap = look.head === "cap" || look.head === "hat" ? finishes.bag : finishes.hair;
  const crown: Point = [0, -0.006 * h, 0.078 * h];
  builder.ball(cap, crown, [x * 1.1, y * 1.06, z * 0.88], 8, 6);
  if (look.head === "long") {
    builder.ball(finishes.hair, [0, -0.03 * h, 0.03 * h], [x * 1.12, y * 0.66, z * 1.15], 8, 5);
  } else if (look.head === "cap") {
    builder.block(cap, [-x * 0.8, y * 0.5, 0.09 * h], [x * 0.8, y * 1.75, 0.1 * h]);
  } else if (look.head === "hat") {
    builder.bar(cap, [0, 0, 0.092 * h], [0, 0, 0.1 * h], [x * 1.9, x * 1.9], 10);
  }
}
