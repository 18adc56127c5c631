import { fromHex, type Rgb, scaled } from "../color.ts";
import { cos, PI, sin } from "../exact_math.ts";
import type { Dice } from "../random.ts";
import type { Mesh } from "./mesh.ts";
import { circle, MeshBuilder, type Point } from "./mesh_builder.ts";
import { type Model, type Motion, placeLimb, placePart } from "./model.ts";
import {
  buildHead,
  buildTrunk,
  drawLook,
  type PersonFinishes,
  personFinishes,
  type PersonLook,
} from "./person_look.ts";
import { buildLeg } from "./person_model.ts";

/** Parts of a cyclist. */
const FRAME = 0;
const WHEELS = [1, 2] as const;
const CRANK = 3;
const TRUNK = 4;
const HEAD = 5;
const LEGS = [{ thigh: 6, shin: 7 }, { thigh: 8, shin: 9 }] as const;
const ARMS = [10, 11] as const;

const WHEEL_RADIUS_M = 0.345;
const CRANK_M = 0.165;
/** Way of the bicycle for one turn of the crank, in metres. */
const GEAR_M = 4.8;
const FRONT_AXLE: Point = [0, 0.56, WHEEL_RADIUS_M];
const REAR_AXLE: Point = [0, -0.5, WHEEL_RADIUS_M];
const BOTTOM: Point = [0, -0.06, 0.29];
const PAINTS = [
  0x1f2124,
  0xb3262a,
  0x2a5fa8,
  0xe8e6df,
  0x2f7a4a,
  0xd9a520,
  0x6b7075,
  0x3fa3a8,
  0xd76d8b,
];
const HELMETS = [0x1f2124, 0xf0eee8, 0xc0392b, 0x2e5c8a, 0xe5e04a];

/** How a cyclist sits. */
interface Seat {
  /** Where the hips are. */
  readonly hip: Point;
  /** How far the trunk leans forward, in radians. */
  readonly lean: number;
  /** Where the hands are: on the right, mirrored on the left. */
  readonly grip: Point;
}

/** Draws a bicycle with its rider. */
export function drawCyclist(dice: Dice, coarse: boolean): Model {
  const look = { ...drawLook(dice, false), bag: dice.pick(["none", "none", "backpack"] as const) };
  const rider: PersonLook = look.outfit === "coat" ? { ...look, outfit: "jacket" } : look;
  const builder = new MeshBuilder(coarse);
  const finishes = personFinishes(builder, rider);
  const h = rider.heightM;
  const lean = dice.between(0.28, 0.72);
  const hipZ = 0.3 + 0.405 * h;
  const seat: Seat = {
    hip: [0, -0.25, hipZ],
    lean,
    grip: [0.25, 0.22 + 0.36 * lean, hipZ + 0.16 - 0.14 * lean],
  };
  buildFrame(builder, scaled(fromHex(dice.pick(PAINTS)), dice.between(0.85, 1.05)), seat, dice);
  buildWheels(builder);
  builder.part(TRUNK);
  buildTrunk(builder, rider, finishes);
  builder.part(HEAD);
  buildHead(builder, rider, finishes);
  if (dice.chance(0.6)) buildHelmet(builder, h, fromHex(dice.pick(HELMETS)));
  for (const side of [0, 1] as const) buildLeg(builder, rider, finishes, side, LEGS[side]);
  buildArms(builder, rider, finishes, seat);
  const z = hipZ + 0.48 * h * cos(lean * 0.8);
  return new CyclingModel(builder.build({ halfX: 0.3, halfY: 0.92, z }), rider, seat);
}

function buildFrame(builder: MeshBuilder, color: Rgb, seat: Seat, dice: Dice): void {
  builder.part(FRAME);
  const paint = builder.finish({ color, gloss: 0.4 });
  const dark = builder.finish({ color: fromHex(0x1b1b1d), gloss: 0.05 });
  const head = builder.finish({ color: fromHex(0xe8edf0), gloss: 0.4, lamp: "head" });
  const tail = builder.finish({ color: fromHex(0xa01818), gloss: 0.3, lamp: "tail" });
  const saddle: Point = [0, -0.29, seat.hip[2] - 0.07];
  const top: Point = [0, -0.22, Math.min(0.82, saddle[2] - 0.08)];
  const neck: Point = [0, 0.4, 0.86];
  const fork: Point = [0, 0.45, 0.68];
  const stem: Point = [0, seat.grip[1] - 0.06, seat.grip[2] - 0.02];
  const isLow = dice.chance(0.35);
  const r = 0.021;
  builder.bar(paint, BOTTOM, top, [r, r], 5);
  builder.bar(dark, top, saddle, [0.016, 0.016], 5);
  builder.bar(paint, BOTTOM, fork, [r * 1.2, r * 1.2], 5);
  if (!isLow) builder.bar(paint, top, neck, [r, r], 5);
  builder.bar(paint, fork, neck, [r * 1.1, r * 1.1], 5);
  builder.bar(dark, neck, stem, [0.016, 0.016], 5);
  for (const x of [-0.045, 0.045]) {
    builder.bar(
      paint,
      [x, top[1], top[2] - 0.05],
      [x, REAR_AXLE[1], REAR_AXLE[2]],
      [0.012, 0.01],
      4,
    );
    builder.bar(
      paint,
      [x, BOTTOM[1], BOTTOM[2]],
      [x, REAR_AXLE[1], REAR_AXLE[2]],
      [0.013, 0.011],
      4,
    );
    builder.bar(paint, [x, fork[1], fork[2]], [x, FRONT_AXLE[1], FRONT_AXLE[2]], [0.015, 0.011], 4);
  }
  builder.block(dark, [-0.07, saddle[1] - 0.13, saddle[2]], [
    0.07,
    saddle[1] + 0.13,
    saddle[2] + 0.05,
  ]);
  builder.bar(dark, [-seat.grip[0] - 0.04, stem[1], stem[2]], [
    seat.grip[0] + 0.04,
    stem[1],
    stem[2],
  ], [
    0.015,
    0.015,
  ], 5);
  builder.block(head, [-0.035, 0.49, 0.78], [0.035, 0.54, 0.85]);
  builder.block(tail, [-0.035, -0.9, 0.55], [0.035, -0.87, 0.62]);
  // Mudguard or carrier behind.
  builder.block(dark, [-0.03, -0.88, 0.7], [0.03, -0.35, 0.72]);
  if (dice.chance(0.3)) {
    const basket = builder.finish({ color: fromHex(0x8a6b42), gloss: 0 });
    builder.block(basket, [-0.16, 0.48, 0.86], [0.16, 0.76, 1.06]);
  }
  builder.part(CRANK);
  for (const side of [-1, 1]) {
    const [x, y] = [side * 0.075, side * CRANK_M];
    builder.bar(dark, [x, 0, 0], [x, y, 0], [0.014, 0.012], 4);
    const inner = side < 0 ? x - 0.08 : x;
    builder.block(dark, [inner, y - 0.04, -0.012], [inner + 0.08, y + 0.04, 0.012]);
  }
}

/** Two wheels: tyres as flat rings, and spokes. */
function buildWheels(builder: MeshBuilder): void {
  const tyre = builder.finish({ color: fromHex(0x1a1a1b), gloss: 0 });
  const spoke = builder.finish({ color: fromHex(0xa9adb0), gloss: 0.2 });
  const corners = builder.coarse ? 12 : 18;
  const spokes = builder.coarse ? 0 : 7;
  for (const part of WHEELS) {
    builder.part(part);
    const half = 0.02;
    const ring = (x: number, r: number): Point[] => circle([x, 0, 0], r, 1, corners);
    const inner = WHEEL_RADIUS_M - 0.042;
    builder.skin(
      [
        ring(-half, inner),
        ring(-half, WHEEL_RADIUS_M),
        ring(half, WHEEL_RADIUS_M),
        ring(half, inner),
      ],
      true,
      () => tyre,
    );
    for (let i = 0; i < spokes; i++) {
      const angle = 2 * PI * i / spokes;
      const [c, s] = [cos(angle), sin(angle)];
      const w = 0.008;
      const points: Point[] = [
        [0, -s * w, c * w],
        [0, c * inner - s * w, s * inner + c * w],
        [0, c * inner + s * w, s * inner - c * w],
        [0, s * w, -c * w],
      ];
      builder.face(spoke, ...points);
      builder.face(spoke, ...[...points].reverse());
    }
  }
}

function buildHelmet(builder: MeshBuilder, h: number, color: Rgb): void {
  const finish = builder.finish({ color, gloss: 0.3 });
  builder.ball(finish, [0, 0.002 * h, 0.09 * h], [0.058 * h, 0.072 * h, 0.052 * h], 8, 5);
}

/** Arms that reach from the shoulders to the handlebar; they do not move. */
function buildArms(
  builder: MeshBuilder,
  look: PersonLook,
  finishes: PersonFinishes,
  seat: Seat,
): void {
  const h = look.heightM;
  const up = 0.285 * h;
  const y = seat.hip[1] + up * sin(seat.lean);
  const z = seat.hip[2] + up * cos(seat.lean);
  const cloth = look.sleeves === "short" ? finishes.skin : finishes.top;
  for (const side of [-1, 1] as const) {
    builder.part(ARMS[side < 0 ? 0 : 1]);
    const shoulder: Point = [side * 0.125 * h * look.build, y, z];
    const hand: Point = [side * seat.grip[0], seat.grip[1], seat.grip[2]];
    const elbow: Point = [
      (shoulder[0] + hand[0]) / 2 + side * 0.05,
      (shoulder[1] + hand[1]) / 2 - 0.03,
      (shoulder[2] + hand[2]) / 2 - 0.05,
    ];
    builder.bar(finishes.top, shoulder, elbow, [0.033 * h, 0.027 * h]);
    builder.bar(cloth, elbow, hand, [0.026 * h, 0.02 * h]);
    builder.ball(finishes.skin, hand, [0.03, 0.035, 0.028], 6, 4);
  }
}

/** A cyclist: wheels roll, the crank turns, the legs follow the pedals. */
class CyclingModel implements Model {
  readonly mesh: Mesh;
  readonly #look: PersonLook;
  readonly #seat: Seat;

  constructor(mesh: Mesh, look: PersonLook, seat: Seat) {
    this.mesh = mesh;
    this.#look = look;
    this.#seat = seat;
  }

  poseInto(out: Float64Array, motion: Motion): void {
    const h = this.#look.heightM;
    const { hip, lean } = this.#seat;
    placePart(out, FRAME, 0, [0, 0, 0]);
    placePart(out, WHEELS[0], motion.distanceM / WHEEL_RADIUS_M, FRONT_AXLE);
    placePart(out, WHEELS[1], motion.distanceM / WHEEL_RADIUS_M, REAR_AXLE);
    const crank = 2 * PI * motion.distanceM / GEAR_M;
    placePart(out, CRANK, crank, BOTTOM);
    placePart(out, TRUNK, lean, hip);
    const neck = 0.345 * h;
    placePart(out, HEAD, lean * 0.25, [0, hip[1] + neck * sin(lean), hip[2] + neck * cos(lean)]);
    for (const side of [0, 1] as const) {
      const sign = side === 0 ? -1 : 1;
      const foot: Point = [
        sign * 0.085,
        BOTTOM[1] + sign * CRANK_M * cos(crank) - 0.03,
        BOTTOM[2] - sign * CRANK_M * sin(crank) + 0.02,
      ];
      const top: Point = [foot[0], hip[1], hip[2] - 0.02];
      const knee = bendKnee(top, foot, 0.245 * h, 0.246 * h);
      placeLimb(out, LEGS[side].thigh, top, knee);
      placeLimb(out, LEGS[side].shin, knee, foot);
      placePart(out, ARMS[side], 0, [0, 0, 0]);
    }
  }
}

/** Where the knee is, in front, between hip and foot for two lengths of limbs. */
function bendKnee(hip: Point, foot: Point, thigh: number, shin: number): Point {
  const dy = foot[1] - hip[1];
  const dz = foot[2] - hip[2];
  const reach = Math.sqrt(dy * dy + dz * dz);
  const d = Math.min(reach, thigh + shin - 1e-6);
  const along = (thigh * thigh - shin * shin + d * d) / (2 * d);
  const out = Math.sqrt(Math.max(0, thigh * thigh - along * along));
  const [uy, uz] = [dy / reach, dz / reach];
  return [hip[0], hip[1] + uy * along - uz * out, hip[2] + uz * along + uy * out];
}
