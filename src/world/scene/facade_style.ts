import { fromHex, mixed, type Rgb, scaled } from "../color.ts";
import type { Dice } from "../random.ts";

/** What a wall is made of. */
export type WallKind = "plaster" | "brick" | "stone" | "panel";

/** How the front of one house looks. Lengths in metres. */
export interface FacadeStyle {
  /** Seed of everything that differs from window to window. */
  readonly seed: number;
  readonly wall: WallKind;
  readonly wallColor: Rgb;
  /** Cornices, sills, surrounds. */
  readonly trimColor: Rgb;
  readonly frameColor: Rgb;
  /** Wished width of one bay; the front is cut evenly. */
  readonly bayM: number;
  readonly floorM: number;
  readonly groundM: number;
  readonly windowWidthM: number;
  readonly windowHeightM: number;
  /** Height of the sill over the floor. */
  readonly sillM: number;
  /** Width of the surround around windows; 0 for none. */
  readonly surroundM: number;
  /** How panes are cut: whole, in two, a cross, or a high light. */
  readonly panes: "whole" | "two" | "cross" | "top";
  /** Colour of shutters beside the windows, or `null`. */
  readonly shutters: Rgb | null;
  /** Whether floors are set off by bands. */
  readonly bands: boolean;
  /** What the ground floor is. */
  readonly ground: "shop" | "homes";
  /** Colour of the shop's front. */
  readonly shopColor: Rgb;
  /** Colour of its sign, and of the letters on it. */
  readonly signColor: Rgb;
  readonly letterColor: Rgb;
  readonly doorColor: Rgb;
  /** Share of windows that are lit at night. */
  readonly litShare: number;
}

const PLASTER = [
  0xe9dfc9,
  0xd9c7a3,
  0xcfd6d2,
  0xe2c9b0,
  0xd8b48a,
  0xc9a99a,
  0xb9c4b4,
  0xece7dd,
  0xbfae9c,
  0xc98f6f,
  0xa8b6bf,
  0xdccf9f,
];
const BRICK = [0x9c5a45, 0x8a4b3c, 0xa8705a, 0x7d4a40, 0xb58a6b, 0x6f5148];
const STONE = [0xc9bfae, 0xb3a995, 0xd6cfc2, 0x9f9a90];
const PANEL = [0xb8bcbf, 0x8d979e, 0xd5d7d6, 0x74818a, 0xc7beb0];
const FRAMES = [0xf2f0ea, 0xf2f0ea, 0xf2f0ea, 0x3a3f44, 0x5b4632, 0x2f4a3d];
const SHOPS = [0x24423a, 0x6d1f24, 0x1f2f4d, 0x2b2b2e, 0x8a5a2b, 0x3d5a6b, 0xb8b2a4, 0x54304f];
const SIGNS = [0xe8e2d0, 0xc9302c, 0x1f5fa8, 0x2d2d2d, 0xf0b429, 0x2f8f5b, 0x7a3f8f, 0xffffff];
const DOORS = [0x3b2a20, 0x1f3b2f, 0x5a1f22, 0x22324d, 0x4a4a4a, 0x8a6b4a];
const SHUTTERS = [0x3f5f4a, 0x3f566f, 0x6f4038, 0x8f8a7a];

/** Draws the style of one house. */
export function drawFacade(dice: Dice): FacadeStyle {
  const wall = dice.pick<WallKind>([
    "plaster",
    "plaster",
    "plaster",
    "brick",
    "brick",
    "stone",
    "panel",
  ]);
  const wallColor = fromHex(dice.pick(paletteOf(wall)));
  const modern = wall === "panel";
  const white = fromHex(0xf1ede3);
  const sign = dice.pick(SIGNS);
  const bright = (sign >> 8 & 255) > 150;
  return {
    seed: dice.bits(),
    wall,
    wallColor: scaled(wallColor, dice.between(0.85, 1)),
    trimColor: dice.chance(0.55) ? mixed(wallColor, white, 0.75) : scaled(wallColor, 0.72),
    frameColor: fromHex(dice.pick(FRAMES)),
    bayM: modern ? dice.between(2.8, 4) : dice.between(2.2, 3.2),
    floorM: dice.between(2.9, 3.5),
    groundM: dice.between(3.6, 4.3),
    windowWidthM: modern ? dice.between(1.6, 2.4) : dice.between(0.95, 1.35),
    windowHeightM: modern ? dice.between(1.4, 1.7) : dice.between(1.45, 2),
    sillM: dice.between(0.75, 0.95),
    surroundM: modern ? 0 : dice.chance(0.7) ? dice.between(0.1, 0.18) : 0,
    panes: modern
      ? dice.pick(["whole", "two"] as const)
      : dice.pick(["two", "cross", "top"] as const),
    shutters: !modern && dice.chance(0.22) ? fromHex(dice.pick(SHUTTERS)) : null,
    bands: dice.chance(0.45),
    ground: dice.chance(0.66) ? "shop" : "homes",
    shopColor: fromHex(dice.pick(SHOPS)),
    signColor: fromHex(sign),
    letterColor: fromHex(bright ? dice.pick([0x222222, 0x7a1f1f, 0x1f2f5a]) : 0xf6f2e6),
    doorColor: fromHex(dice.pick(DOORS)),
    litShare: dice.between(0.2, 0.5),
  };
}

function paletteOf(wall: WallKind): readonly number[] {
  switch (wall) {
    case "plaster":
      return PLASTER;
    case "brick":
      return BRICK;
    case "stone":
      return STONE;
    case "panel":
      return PANEL;
  }
}
