import { cos, sin } from "../exact_math.ts";
import type { Mesh } from "./mesh.ts";
import type { Point } from "./mesh_builder.ts";

/** How something moves at one moment, for its limbs and wheels. */
export interface Motion {
  /** How far it has gone since it was made, in metres. */
  readonly distanceM: number;
  /** How fast it goes. */
  readonly speedMps: number;
  /** Time in seconds, for what moves on the spot. */
  readonly seconds: number;
}

/** Something that can be put into a street: its shape, and how its parts move. */
export interface Model {
  /** Its shape. */
  readonly mesh: Mesh;
  /**
   * Writes where the parts are at a moment: three rows of four numbers for each part, which take a
   * place in the frame of the part to one in the frame of the model.
   */
  poseInto(out: Float64Array, motion: Motion): void;
}

/** Numbers of one part's placement. */
export const PLACEMENT_SIZE = 12;

/** Writes a placement that turns about the x axis (nose down is positive) and then moves. */
export function placePart(
  out: Float64Array,
  part: number,
  turnRad: number,
  at: Point,
): void {
  placeTurned(out, part, cos(turnRad), sin(turnRad), at);
}

/** The same for a turn whose cosine and sine are known. */
function placeTurned(out: Float64Array, part: number, c: number, s: number, at: Point): void {
  const k = part * PLACEMENT_SIZE;
  out[k] = 1;
  out[k + 1] = 0;
  out[k + 2] = 0;
  out[k + 3] = at[0];
  out[k + 4] = 0;
  out[k + 5] = c;
  out[k + 6] = s;
  out[k + 7] = at[1];
  out[k + 8] = 0;
  out[k + 9] = -s;
  out[k + 10] = c;
  out[k + 11] = at[2];
}

/** Writes a placement that hangs a limb, which points down in its own frame, from one point towards another. */
export function placeLimb(out: Float64Array, part: number, from: Point, to: Point): void {
  const dy = to[1] - from[1];
  const dz = to[2] - from[2];
  const inverse = 1 / Math.sqrt(dy * dy + dz * dz + 1e-12);
  placeTurned(out, part, -dz * inverse, -dy * inverse, from);
}

/** A vehicle: a body, and wheels that roll. */
export class RollingModel implements Model {
  readonly mesh: Mesh;
  readonly #wheels: readonly { readonly center: Point; readonly radiusM: number }[];

  /** `wheels`: the centres and radii of parts 1, 2, … */
  constructor(
    mesh: Mesh,
    wheels: readonly { readonly center: Point; readonly radiusM: number }[],
  ) {
    this.mesh = mesh;
    this.#wheels = wheels;
  }

  poseInto(out: Float64Array, motion: Motion): void {
    placePart(out, 0, 0, [0, 0, 0]);
    this.#wheels.forEach(({ center, radiusM }, index) => {
      placePart(out, index + 1, motion.distanceM / radiusM, center);
    });
  }
}
