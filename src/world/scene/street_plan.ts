import type { CameraPose } from "../camera_view.ts";
import { PI } from "../exact_math.ts";
import { Dice, hash2 } from "../random.ts";
import { planLight, type StreetLight } from "./street_light.ts";

/** Where the street is closed by houses, in metres from the camera. */
export const STREET_END_M = 240;
/** How far the street goes on behind the camera, in metres. */
export const STREET_BEHIND_M = 40;

/** A crossing with traffic lights: a side street, and zebras over the main one. */
export interface Junction {
  /** Middle of the side street along the main one, in metres. */
  readonly yM: number;
  /** Half the width of the side street's carriageway. */
  readonly halfM: number;
  /** Radius of the kerb at the four corners. */
  readonly cornerM: number;
  /** Beginnings of the two zebras along the street, the near one first. */
  readonly zebraYM: readonly [number, number];
}

/** The lie of one street: everything that stays the same over time and does not shine. */
export interface StreetPlan {
  /** The seed it was made from. */
  readonly seed: number;
  /** 1 where traffic keeps to the right, −1 where it keeps to the left. */
  readonly driveSide: 1 | -1;
  /** Car lanes in each direction, 1 or 2. */
  readonly lanes: number;
  /** Width of a car lane in metres. */
  readonly laneM: number;
  /** Width of the bicycle lane on each side. */
  readonly bikeM: number;
  /** How the bicycle lane is told from the others. */
  readonly bikeSurface: "plain" | "dashed" | "red" | "green";
  /** Width of the parking lane left and right; 0 where there is none. */
  readonly parkingM: readonly [number, number];
  /** Distance of the kerb from the middle, left and right. */
  readonly kerbXM: readonly [number, number];
  /** Height of the kerb. */
  readonly kerbZM: number;
  /** Distance of the houses from the middle, left and right. */
  readonly houseXM: readonly [number, number];
  /** The junction. */
  readonly junction: Junction;
  /** Whether trees stand along the left and the right kerb. */
  readonly trees: readonly [boolean, boolean];
  /** Sun and sky. */
  readonly light: StreetLight;
  /** Where the camera hangs. */
  readonly camera: CameraPose;
}

/** Length of a zebra along the street. */
export const ZEBRA_M = 3.2;

/** Draws a street from a seed. */
export function planStreet(seed: number): StreetPlan {
  const dice = new Dice(hash2(seed, 0x57ee7));
  const lanes = dice.chance(0.22) ? 2 : 1;
  const laneM = dice.between(3.1, 3.6);
  const bikeM = dice.between(1.35, 1.75);
  const parkingM: [number, number] = [
    dice.chance(0.6) ? dice.between(2.1, 2.4) : 0,
    dice.chance(0.6) ? dice.between(2.1, 2.4) : 0,
  ];
  const driven = lanes * laneM + bikeM;
  const kerbXM: [number, number] = [driven + parkingM[0], driven + parkingM[1]];
  const houseXM: [number, number] = [
    kerbXM[0] + dice.between(3.4, 5.6),
    kerbXM[1] + dice.between(3.4, 5.6),
  ];
  return {
    seed,
    driveSide: dice.chance(0.85) ? 1 : -1,
    lanes,
    laneM,
    bikeM,
    bikeSurface: dice.pick(["plain", "dashed", "dashed", "red", "green"] as const),
    parkingM,
    kerbXM,
    kerbZM: dice.between(0.1, 0.16),
    houseXM,
    junction: planJunction(dice),
    trees: [dice.chance(0.62), dice.chance(0.62)],
    light: planLight(new Dice(hash2(seed, 0x11647))),
    camera: planCamera(new Dice(hash2(seed, 0xca3e4a)), kerbXM),
  };
}

function planJunction(dice: Dice): Junction {
  const yM = dice.between(23, 33);
  const halfM = dice.between(3.1, 3.7);
  const gap = halfM + dice.between(2.2, 3);
  return {
    yM,
    halfM,
    cornerM: dice.between(1.4, 2.2),
    zebraYM: [yM - gap - ZEBRA_M, yM + gap],
  };
}

/** Hangs the camera on a post at one kerb, or on an arm over the carriageway. */
function planCamera(dice: Dice, kerbXM: readonly [number, number]): CameraPose {
  const side = dice.pick([-1, 1]);
  const kerb = side < 0 ? kerbXM[0] : kerbXM[1];
  const over = dice.chance(0.3);
  const xM = over ? side * kerb * dice.between(0, 0.6) : side * (kerb + dice.between(-0.3, 0.9));
  const turn = over ? dice.between(-2, 7) : dice.between(7, 20);
  const zM = dice.between(4.2, 7.4);
  return {
    xM,
    yM: 0,
    zM,
    yawRad: side * turn * PI / 180,
    // The higher the camera, the steeper it looks down.
    pitchRad: (dice.between(5.5, 9.5) + (zM - 4.2) * 1.3) * PI / 180,
    rollRad: dice.between(-1, 1) * PI / 180,
    fieldOfViewRad: dice.between(46, 61) * PI / 180,
  };
}
