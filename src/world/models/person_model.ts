import { fromHex } from "../color.ts";
import { clamp, cos, PI, sin } from "../exact_math.ts";
import type { Dice } from "../random.ts";
import type { Mesh } from "./mesh.ts";
import { MeshBuilder, type Point } from "./mesh_builder.ts";
import { type Model, type Motion, placePart } from "./model.ts";
import {
  buildHead,
  buildTrunk,
  drawLook,
  type PersonFinishes,
  personFinishes,
  type PersonLook,
} from "./person_look.ts";

/** Parts of a person on foot. */
const TRUNK = 0;
const HEAD = 1;
const THIGHS = [2, 3] as const;
const SHINS = [4, 5] as const;
const UPPER_ARMS = [6, 7] as const;
const FOREARMS = [8, 9] as const;
const UMBRELLA = 10;

/** Heights of joints and lengths of limbs as shares of a person's height. */
const THIGH = 0.245;
const SHIN = 0.246;
/** Height of the knee over the sole, and where toe and heel are before and behind the shin. */
const SOLE = SHIN + 0.005;
const TOE = 0.095;
const HEEL = -0.035;
const SHOULDER = 0.29;
const UPPER_ARM = 0.165;
const FOREARM = 0.15;
const NECK = 0.345;
const UMBRELLAS = [0x1f2226, 0x7a1f2b, 0x2a4f86, 0xd9a441, 0x3f7f5f, 0x8a3f7a];

/** Draws a pedestrian; in the rain some carry an umbrella. */
export function drawPerson(
  dice: Dice,
  options: { readonly rain: boolean; readonly coarse: boolean },
): Model {
  const look = drawLook(dice, dice.chance(0.12));
  const hasUmbrella = dice.chance(0.45) && options.rain;
  const umbrella = fromHex(dice.pick(UMBRELLAS));
  const builder = new MeshBuilder(options.coarse);
  const finishes = personFinishes(builder, look);
  builder.part(TRUNK);
  buildTrunk(builder, look, finishes);
  builder.part(HEAD);
  buildHead(builder, look, finishes);
  for (const side of [0, 1] as const) {
    buildLeg(builder, look, finishes, side);
    buildArm(builder, look, finishes, side);
  }
  if (hasUmbrella) {
    builder.part(UMBRELLA);
    buildUmbrella(
      builder,
      look.heightM,
      builder.finish({ color: umbrella, gloss: 0.1 }),
      finishes.shoes,
    );
  }
  const h = look.heightM;
  const halfX = 0.16 * h * look.build;
  const mesh = builder.build({ halfX, halfY: 0.25 * h, z: hasUmbrella ? h * 1.22 : h });
  return new WalkingModel(mesh, look, hasUmbrella);
}

/** Thigh and shin with shoe of one side, each hanging from the origin of its part. */
export function buildLeg(
  builder: MeshBuilder,
  look: PersonLook,
  finishes: PersonFinishes,
  side: 0 | 1,
  parts: { readonly thigh: number; readonly shin: number } = {
    thigh: THIGHS[side],
    shin: SHINS[side],
  },
): void {
  const h = look.heightM;
  const w = look.build * h;
  builder.part(parts.thigh);
  builder.bar(finishes.trousers, [0, 0, 0.02 * h], [0, 0, -THIGH * h], [0.05 * w, 0.037 * w], 7);
  builder.part(parts.shin);
  const cloth = look.legs === "shorts" || look.outfit === "dress"
    ? finishes.skin
    : finishes.trousers;
  builder.bar(cloth, [0, 0, 0.012 * h], [0, 0, -SHIN * h + 0.035 * h], [0.036 * w, 0.025 * w], 7);
  const low = -SHIN * h;
  builder.block(finishes.shoes, [-0.026 * w, HEEL * h, -SOLE * h], [
    0.026 * w,
    0.095 * h,
    low + 0.04 * h,
  ]);
}

/** Upper arm and forearm of one side, each hanging from the origin of its part. */
function buildArm(
  builder: MeshBuilder,
  look: PersonLook,
  finishes: PersonFinishes,
  side: 0 | 1,
): void {
  const h = look.heightM;
  const w = look.build * h;
  builder.part(UPPER_ARMS[side]);
  builder.bar(finishes.top, [0, 0, 0.015 * h], [0, 0, -UPPER_ARM * h], [0.033 * w, 0.027 * w]);
  builder.part(FOREARMS[side]);
  const cloth = look.sleeves === "short" ? finishes.skin : finishes.top;
  builder.bar(cloth, [0, 0, 0.01 * h], [0, 0, -FOREARM * h], [0.026 * w, 0.019 * w]);
  builder.ball(
    finishes.skin,
    [0, 0, -FOREARM * h - 0.02 * h],
    [0.018 * h, 0.022 * h, 0.03 * h],
    6,
    4,
  );
  if (look.bag === "carrier" && side === 1) {
    const z = -FOREARM * h - 0.05 * h;
    builder.block(finishes.bag, [-0.025 * h, -0.09 * h, z - 0.19 * h], [0.025 * h, 0.09 * h, z]);
  }
}

/** An umbrella held over the head; the hand is at the origin. */
function buildUmbrella(builder: MeshBuilder, h: number, cloth: number, stick: number): void {
  builder.bar(stick, [0, 0, -0.1], [0, 0, 0.48 * h], [0.012, 0.012], 4);
  const ring = (radius: number, z: number): Point[] =>
    Array.from({ length: 10 }, (_, i): Point => {
      const angle = -2 * PI * i / 10;
      return [radius * cos(angle), radius * sin(angle), z];
    });
  const rings = [ring(0.52, 0.36 * h), ring(0.36, 0.43 * h), ring(0.02, 0.47 * h)];
  builder.skin(rings, true, () => cloth);
  builder.skin([...rings].reverse(), true, () => stick);
}

/** A pedestrian: walks, or stands and shifts a little. */
class WalkingModel implements Model {
  readonly mesh: Mesh;
  readonly #look: PersonLook;
  readonly #hasUmbrella: boolean;

  constructor(mesh: Mesh, look: PersonLook, hasUmbrella: boolean) {
    this.mesh = mesh;
    this.#look = look;
    this.#hasUmbrella = hasUmbrella;
  }

  poseInto(out: Float64Array, motion: Motion): void {
    const h = this.#look.heightM;
    const walking = clamp(motion.speedMps / 0.8, 0, 1);
    const phase = 2 * PI * motion.distanceM / (0.8 * h);
    const idle = sin(motion.seconds * 1.1 + h * 40) * (1 - walking);
    const legs = [phase, phase + PI].map((p) => legTurns(p, walking));
    // The longer leg carries the body, on its heel or its toes.
    const z = h * Math.max(...legs.map((leg) => reachOf(leg)));
    placePart(out, TRUNK, 0.05 * walking + 0.01 * idle, [0, 0, z]);
    placePart(out, HEAD, 0.02 * idle, [0, 0.017 * h * walking, z + NECK * h]);
    const armsOut = this.#look.outfit === "jacket" || this.#look.outfit === "coat" ? 1.12 : 1;
    for (const side of [0, 1] as const) {
      const sign = side === 0 ? -1 : 1;
      const { thigh, shin } = legs[side]!;
      const hipAt: Point = [sign * 0.052 * h * this.#look.build, 0, z];
      const knee: Point = [hipAt[0], -THIGH * h * sin(thigh), z - THIGH * h * cos(thigh)];
      placePart(out, THIGHS[side], thigh, hipAt);
      placePart(out, SHINS[side], shin, knee);
      this.#placeArm(out, side, {
        x: sign * 0.137 * h * this.#look.build * armsOut,
        z: z + SHOULDER * h,
        turn: (sign * 0.42 * sin(phase)) * walking + 0.05 * idle,
        bend: 0.18 + 0.22 * walking,
      });
    }
  }

  #placeArm(
    out: Float64Array,
    side: 0 | 1,
    arm: { readonly x: number; readonly z: number; readonly turn: number; readonly bend: number },
  ): void {
    const h = this.#look.heightM;
    const holds = this.#hasUmbrella && side === 1;
    const turn = holds ? -0.5 : arm.turn;
    const bend = holds ? 2 : arm.bend;
    const shoulder: Point = [arm.x, 0.012 * h, arm.z];
    const elbow: Point = [
      arm.x,
      shoulder[1] - UPPER_ARM * h * sin(turn),
      arm.z - UPPER_ARM * h * cos(turn),
    ];
    placePart(out, UPPER_ARMS[side], turn, shoulder);
    placePart(out, FOREARMS[side], turn - bend, elbow);
    if (!holds) return;
    const hand = FOREARM * h;
    placePart(out, UMBRELLA, 0.12, [
      arm.x * 0.6,
      elbow[1] - hand * sin(turn - bend),
      elbow[2] - hand * cos(turn - bend),
    ]);
  }
}

/** How far below the hip a foot reaches, as a share of the height. */
function reachOf({ thigh, shin }: { readonly thigh: number; readonly shin: number }): number {
  const [s, c] = [sin(shin), cos(shin)];
  return THIGH * cos(thigh) + SOLE * c + Math.max(TOE * s, HEEL * s);
}

/** Turns of thigh and shin at a phase of the step; positive goes backwards. */
function legTurns(phase: number, walking: number): { thigh: number; shin: number } {
  const swing = cos(phase + 0.6);
  const bend = 0.06 + walking * (swing > 0 ? 0.95 * swing * swing : 0);
  const thigh = -walking * (0.46 * sin(phase) + 0.06) - 0.03;
  return { thigh, shin: thigh + bend };
}
