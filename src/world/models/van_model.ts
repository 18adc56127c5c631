import { fromHex, type Rgb, scaled } from "../color.ts";
import { mix } from "../exact_math.ts";
import type { Dice } from "../random.ts";
import { addSeam } from "./car_model.ts";
import { MeshBuilder } from "./mesh_builder.ts";
import { type Model, RollingModel } from "./model.ts";
import {
  type BodyFinishes,
  type BodyShape,
  buildBody,
  endWindows,
  lineY,
  sidePoint,
  sideWindow,
} from "./vehicle_body.ts";
import { addLamps, addWheels, drawPaint, vehicleFinishes, wheelsOf } from "./vehicle_parts.ts";

type VanKind = "small" | "panel" | "high" | "bus";

const KINDS: readonly VanKind[] = ["small", "panel", "panel", "high", "high", "bus"];
/** Vans are white more often than cars, or in a firm's colour. */
const FLEET = [
  0xf0f0ee,
  0xf0f0ee,
  0xe4e6e6,
  0xd9a520,
  0xb3262a,
  0x2a4f86,
  0x5b4032,
  0x3a6b4a,
  0x8f9499,
];
const STRIPES = [0xc9302c, 0x1f5fa8, 0x2f8f5b, 0xe08a1e, 0x2b2b2e, 0x6a3f8f];

const COMMON = { roofRearY: 0.012, rearBaseY: 0.002, axleY: [0.2, 0.82] as const };

const MEASURES: Readonly<Record<VanKind, BodyShape>> = {
  small: {
    ...COMMON,
    lengthM: 4.35,
    widthM: 1.81,
    heightM: 1.86,
    clearanceM: 0.19,
    beltM: 1.08,
    bonnetM: [1.08, 0.84],
    bootM: 1.08,
    roofFrontY: 0.63,
    screenBaseY: 0.8,
    roofHalfM: 0.74,
    wheelRadiusM: 0.32,
  },
  panel: {
    ...COMMON,
    lengthM: 5.1,
    widthM: 1.95,
    heightM: 2,
    clearanceM: 0.22,
    beltM: 1.16,
    bonnetM: [1.14, 0.93],
    bootM: 1.16,
    roofFrontY: 0.7,
    screenBaseY: 0.855,
    roofHalfM: 0.83,
    wheelRadiusM: 0.34,
  },
  high: {
    ...COMMON,
    lengthM: 5.75,
    widthM: 2.04,
    heightM: 2.6,
    clearanceM: 0.24,
    beltM: 1.24,
    bonnetM: [1.22, 1],
    bootM: 1.24,
    roofFrontY: 0.7,
    screenBaseY: 0.87,
    roofHalfM: 0.88,
    wheelRadiusM: 0.35,
  },
  bus: {
    ...COMMON,
    lengthM: 5.3,
    widthM: 1.98,
    heightM: 2.05,
    clearanceM: 0.22,
    beltM: 1.14,
    bonnetM: [1.13, 0.93],
    bootM: 1.14,
    roofFrontY: 0.72,
    screenBaseY: 0.865,
    roofHalfM: 0.84,
    wheelRadiusM: 0.34,
  },
};

/** Draws a van: a small or big panel van, one with a high roof, or a minibus; `coarse` as for cars. */
export function drawVan(dice: Dice, coarse: boolean): Model {
  const kind = dice.pick(KINDS);
  const base = MEASURES[kind];
  const shape = {
    ...base,
    lengthM: base.lengthM * dice.between(0.97, 1.02),
    heightM: base.heightM * dice.between(0.97, 1.02),
  };
  const builder = new MeshBuilder(coarse);
  const paint = dice.chance(0.7)
    ? scaled(fromHex(dice.pick(FLEET)), dice.between(0.92, 1))
    : drawPaint(dice);
  const finishes = vehicleFinishes(builder, paint, { roof: paint, cladding: dice.chance(0.35) });
  buildBody(builder, shape, finishes);
  endWindows(
    builder,
    shape,
    finishes.glass,
    kind === "bus" ? "wide" : dice.chance(0.5) ? "doors" : "none",
  );
  addCabWindows(builder, shape, finishes);
  if (kind === "bus" || (kind === "small" && dice.chance(0.4))) {
    addSaloonWindows(builder, shape, finishes);
  } else if (dice.chance(0.55)) addLivery(builder, shape, dice, paint);
  if (!coarse) addDoors(builder, shape, finishes);
  addLamps(builder, shape, finishes, dice);
  if (kind !== "bus" && dice.chance(0.2)) addLadder(builder, shape, finishes);
  addWheels(builder, shape, finishes, dice);
  const size = { halfX: shape.widthM / 2 + 0.02, halfY: shape.lengthM / 2, z: shape.heightM };
  return new RollingModel(builder.build(size), wheelsOf(shape));
}

/** Upper edge of the windows: high roofs have a blind band above. */
function windowTop(shape: BodyShape): number {
  return Math.min(0.88, (shape.beltM + 0.68 - shape.beltM) / (shape.heightM - 0.07 - shape.beltM));
}

function addCabWindows(builder: MeshBuilder, shape: BodyShape, finishes: BodyFinishes): void {
  const { roofFrontY, screenBaseY } = shape;
  const rear = mix(roofFrontY, screenBaseY, -0.55);
  sideWindow(
    builder,
    shape,
    finishes.glass,
    [rear, screenBaseY - 0.012],
    [rear, roofFrontY - 0.002],
    [0.06, windowTop(shape)],
  );
  const [mx, my, mz] = sidePoint(shape, screenBaseY - 0.04, 0.1);
  builder.block(finishes.dark, [mx, my - 0.07, mz], [mx + 0.2, my + 0.05, mz + 0.26]);
  builder.block(finishes.dark, [-mx - 0.2, my - 0.07, mz], [-mx, my + 0.05, mz + 0.26]);
}

function addSaloonWindows(builder: MeshBuilder, shape: BodyShape, finishes: BodyFinishes): void {
  const front = mix(shape.roofFrontY, shape.screenBaseY, -0.62);
  const panes = 3;
  for (let i = 0; i < panes; i++) {
    const a = mix(0.045, front, i / panes) + 0.006;
    const b = mix(0.045, front, (i + 1) / panes) - 0.006;
    sideWindow(builder, shape, finishes.glass, [a, b], [a, b], [0.07, windowTop(shape)]);
  }
}

/** A firm's stripe or board on both sides. */
function addLivery(builder: MeshBuilder, shape: BodyShape, dice: Dice, paint: Rgb): void {
  const light = paint.g > 0.35;
  const color = fromHex(light ? dice.pick(STRIPES) : 0xeeece4);
  const finish = builder.finish({ color, gloss: 0.3 });
  const front = mix(shape.roofFrontY, shape.screenBaseY, -0.75);
  const [a, b] = dice.chance(0.5) ? [0.06, front] : [0.16, front - 0.08];
  const [low, high] = dice.pick([[0.1, 0.26], [0.15, 0.62], [0.4, 0.72]] as const);
  sideWindow(builder, shape, finish, [a, b], [a, b], [low, high]);
  if (high - low < 0.3) return;
  const mark = builder.finish({ color: light ? fromHex(0xf2f0ea) : paint, gloss: 0.3 });
  // Lines that stand for a name and a number.
  for (const [from, to, z] of [[0.1, 0.8, 0.62], [0.1, 0.5, 0.3]] as const) {
    const middle = mix(low, high, z);
    const [c, d] = [mix(a, b, from), mix(a, b, to)];
    raised(builder, shape, mark, [c, d], [middle - 0.05, middle + 0.05]);
  }
}

/** Like a side window, but a little further out, to lie on one. */
function raised(
  builder: MeshBuilder,
  shape: BodyShape,
  finish: number,
  along: readonly [number, number],
  up: readonly [number, number],
): void {
  const corners = [[0, 0], [1, 0], [1, 1], [0, 1]] as const;
  builder.mirroredFace(
    finish,
    ...corners.map(([end, high]) => {
      const [x, y, z] = sidePoint(shape, along[end], up[high]);
      return [x + 0.006, y, z] as const;
    }),
  );
}

function addDoors(builder: MeshBuilder, shape: BodyShape, finishes: BodyFinishes): void {
  const span = [shape.clearanceM + 0.12, shape.beltM - 0.05] as const;
  for (const share of [0.4, mix(shape.roofFrontY, shape.screenBaseY, -0.66), 0.8]) {
    addSeam(builder, shape, finishes.seam, lineY(shape, share), span);
  }
  const y = lineY(shape, 0) - 0.016;
  builder.face(
    finishes.seam,
    [-0.012, y, span[0]],
    [0.012, y, span[0]],
    [0.012, y, shape.beltM],
    [-0.012, y, shape.beltM],
  );
}

/** Two ladders on the roof. */
function addLadder(builder: MeshBuilder, shape: BodyShape, finishes: BodyFinishes): void {
  const metal = builder.finish({ color: fromHex(0xb9bcbe), gloss: 0.2 });
  const [y0, y1] = [lineY(shape, 0.06), lineY(shape, 0.62)];
  const z = shape.heightM + 0.12;
  for (const x of [-0.42, -0.1, 0.12, 0.44]) {
    builder.block(metal, [x - 0.03, y0, z], [x + 0.03, y1, z + 0.07]);
  }
  for (const share of [0.12, 0.35, 0.56]) {
    const y = lineY(shape, share);
    builder.block(finishes.dark, [-0.62, y - 0.03, shape.heightM - 0.02], [0.62, y + 0.03, z]);
  }
}
