import { fromHex, scaled } from "../color.ts";
import { mix } from "../exact_math.ts";
import type { Dice } from "../random.ts";
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

type CarKind = "mini" | "hatch" | "saloon" | "estate" | "suv" | "coupe";

const KINDS: readonly CarKind[] = [
  "mini",
  "hatch",
  "hatch",
  "hatch",
  "saloon",
  "saloon",
  "estate",
  "estate",
  "suv",
  "suv",
  "coupe",
];

/**
 * Draws a car: one of six bodies, each with its own measures and colours; `coarse` leaves out what
 * is too fine for a small picture.
 */
export function drawCar(dice: Dice, coarse: boolean): Model {
  const kind = dice.pick(KINDS);
  const shape = drawShape(kind, dice);
  const builder = new MeshBuilder(coarse);
  const paint = drawPaint(dice);
  const finishes: BodyFinishes = vehicleFinishes(builder, paint, {
    roof: kind === "mini" && dice.chance(0.4) ? scaled(fromHex(0xe8e6e0), 1) : paint,
    cladding: kind === "suv",
  });
  buildBody(builder, shape, finishes);
  endWindows(builder, shape, finishes.glass, "wide");
  addSideWindows(builder, shape, finishes, kind);
  if (!coarse) addSeams(builder, shape, finishes, kind);
  addLamps(builder, shape, finishes, dice);
  if (kind === "estate" || (kind === "suv" && dice.chance(0.6))) addRails(builder, shape, finishes);
  if (kind !== "coupe" && dice.chance(0.09)) addTaxiSign(builder, shape);
  addWheels(builder, shape, finishes, dice);
  const size = { halfX: shape.widthM / 2 + 0.02, halfY: shape.lengthM / 2, z: shape.heightM };
  return new RollingModel(builder.build(size), wheelsOf(shape));
}

function drawShape(kind: CarKind, dice: Dice): BodyShape {
  const scale = dice.between(0.97, 1.03);
  const base = MEASURES[kind];
  const height = base.heightM * dice.between(0.98, 1.03);
  return {
    ...base,
    lengthM: base.lengthM * scale,
    widthM: base.widthM * dice.between(0.98, 1.02),
    heightM: height,
    roofHalfM: base.widthM / 2 * dice.between(0.7, 0.76),
    bonnetM: [base.beltM + dice.between(0, 0.05), base.bonnetM[1]],
  };
}

const COMMON = {
  clearanceM: 0.19,
  wheelRadiusM: 0.315,
  axleY: [0.18, 0.81] as const,
  roofHalfM: 0.62,
};

const MEASURES: Readonly<Record<CarKind, BodyShape>> = {
  mini: {
    ...COMMON,
    lengthM: 3.55,
    widthM: 1.65,
    heightM: 1.52,
    beltM: 0.94,
    bonnetM: [0.96, 0.74],
    bootM: 0.96,
    rearBaseY: 0.02,
    roofRearY: 0.1,
    roofFrontY: 0.62,
    screenBaseY: 0.79,
  },
  hatch: {
    ...COMMON,
    lengthM: 4.1,
    widthM: 1.77,
    heightM: 1.47,
    beltM: 0.92,
    bonnetM: [0.94, 0.68],
    bootM: 0.96,
    rearBaseY: 0.035,
    roofRearY: 0.17,
    roofFrontY: 0.57,
    screenBaseY: 0.75,
  },
  saloon: {
    ...COMMON,
    lengthM: 4.65,
    widthM: 1.82,
    heightM: 1.45,
    beltM: 0.91,
    bonnetM: [0.93, 0.66],
    bootM: 1,
    rearBaseY: 0.17,
    roofRearY: 0.33,
    roofFrontY: 0.56,
    screenBaseY: 0.73,
  },
  estate: {
    ...COMMON,
    lengthM: 4.65,
    widthM: 1.82,
    heightM: 1.49,
    beltM: 0.92,
    bonnetM: [0.94, 0.67],
    bootM: 0.97,
    rearBaseY: 0.02,
    roofRearY: 0.09,
    roofFrontY: 0.57,
    screenBaseY: 0.73,
  },
  suv: {
    ...COMMON,
    clearanceM: 0.27,
    wheelRadiusM: 0.37,
    lengthM: 4.5,
    widthM: 1.88,
    heightM: 1.7,
    beltM: 1.07,
    bonnetM: [1.09, 0.88],
    bootM: 1.1,
    rearBaseY: 0.025,
    roofRearY: 0.11,
    roofFrontY: 0.59,
    screenBaseY: 0.73,
  },
  coupe: {
    ...COMMON,
    clearanceM: 0.15,
    lengthM: 4.35,
    widthM: 1.85,
    heightM: 1.3,
    beltM: 0.86,
    bonnetM: [0.87, 0.62],
    bootM: 0.9,
    rearBaseY: 0.1,
    roofRearY: 0.32,
    roofFrontY: 0.52,
    screenBaseY: 0.7,
  },
};

/** Front and rear side windows with a pillar between, and a small third one where there is room. */
function addSideWindows(
  builder: MeshBuilder,
  shape: BodyShape,
  finishes: BodyFinishes,
  kind: CarKind,
): void {
  const { rearBaseY, roofRearY, roofFrontY, screenBaseY } = shape;
  const front: readonly [number, number] = [screenBaseY - 0.015, roofFrontY - 0.005];
  const rear: readonly [number, number] = [rearBaseY + 0.035, roofRearY + 0.03];
  const door = kind === "coupe" ? 0.42 : 0.5;
  sideWindow(builder, shape, finishes.glass, [door + 0.008, front[0]], [door - 0.002, front[1]]);
  const split = kind === "estate" || kind === "suv" ? 0.27 : null;
  if (split === null) {
    sideWindow(builder, shape, finishes.glass, [rear[0] + 0.03, door - 0.012], [
      rear[1] + 0.01,
      door - 0.02,
    ]);
  } else {
    sideWindow(builder, shape, finishes.glass, [split + 0.01, door - 0.012], [
      split + 0.005,
      door - 0.02,
    ]);
    sideWindow(builder, shape, finishes.glass, [rear[0], split - 0.008], [rear[1], split - 0.012]);
  }
}

/** Door gaps, handles and mirrors. */
function addSeams(
  builder: MeshBuilder,
  shape: BodyShape,
  finishes: BodyFinishes,
  kind: CarKind,
): void {
  const x = shape.widthM / 2 + 0.003;
  const [low, high] = [shape.clearanceM + 0.12, shape.beltM - 0.04];
  const doors = kind === "coupe" ? [0.4, 0.68] : [0.27, 0.5, 0.69];
  for (const share of doors) {
    const y = lineY(shape, share);
    addSeam(builder, shape, finishes.seam, y, [low, high]);
  }
  for (const share of doors.slice(1)) {
    const y = lineY(shape, share - 0.19);
    const z = mix(low, high, 0.84);
    builder.mirroredFace(finishes.seam, [x, y, z], [x, y + 0.15, z], [x, y + 0.15, z + 0.03], [
      x,
      y,
      z + 0.03,
    ]);
  }
  const [mx, my, mz] = sidePoint(shape, shape.screenBaseY - 0.035, 0.12);
  builder.block(finishes.paint, [mx, my - 0.06, mz], [mx + 0.17, my + 0.06, mz + 0.13]);
  builder.block(finishes.paint, [-mx - 0.17, my - 0.06, mz], [-mx, my + 0.06, mz + 0.13]);
}

/** A gap between doors, which follows the bulge of the side. */
export function addSeam(
  builder: MeshBuilder,
  shape: BodyShape,
  finish: number,
  y: number,
  span: readonly [low: number, high: number],
): void {
  const half = shape.widthM / 2;
  const places = [[0.985, span[0]], [1.003, mix(span[0], span[1], 0.4)], [0.972, span[1]]] as const;
  for (let i = 1; i < places.length; i++) {
    const [a, za] = places[i - 1]!;
    const [b, zb] = places[i]!;
    builder.mirroredFace(
      finish,
      [half * a, y - 0.011, za],
      [half * a, y + 0.011, za],
      [half * b, y + 0.011, zb],
      [half * b, y - 0.011, zb],
    );
  }
}

function addRails(builder: MeshBuilder, shape: BodyShape, finishes: BodyFinishes): void {
  const y0 = lineY(shape, shape.roofRearY + 0.04);
  const y1 = lineY(shape, shape.roofFrontY - 0.05);
  for (const side of [-1, 1]) {
    const x = side * shape.roofHalfM * 0.88;
    builder.block(finishes.dark, [x - 0.02, y0, shape.heightM], [
      x + 0.02,
      y1,
      shape.heightM + 0.05,
    ]);
  }
}

function addTaxiSign(builder: MeshBuilder, shape: BodyShape): void {
  const sign = builder.finish({ color: fromHex(0xf2c230), gloss: 0.1, lamp: "sign" });
  const y = lineY(shape, mix(shape.roofRearY, shape.roofFrontY, 0.6));
  const z = shape.heightM;
  builder.block(sign, [-0.25, y - 0.07, z], [0.25, y + 0.07, z + 0.14]);
}
