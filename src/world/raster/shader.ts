import type { ToneCurve } from "../color.ts";
import type { Finish, Mesh } from "../models/mesh.ts";
import type { ObjectLight } from "./object_light.ts";

/** Light of an object's own lamps before exposure, by kind. */
const LAMPS = {
  head: { r: 9, g: 8.6, b: 7.6 },
  tail: { r: 3.2, g: 0.18, b: 0.12 },
  sign: { r: 2.6, g: 2, b: 0.6 },
} as const;

/** Numbers that {@linkcode lightVertex} gives for a vertex: light that falls, and mirrored light. */
export const VERTEX_LIGHT_SIZE = 6;

/** Directions in the frame of a part, for shading. */
export interface LocalDirections {
  /** Towards the sun, upwards, and where the camera is. */
  readonly sun: Float64Array;
  readonly up: Float64Array;
  readonly eye: Float64Array;
}

/**
 * Writes what falls on a vertex and what its surface would mirror into `out` at `at`. Position and
 * normal of the vertex are in the frame of `directions`.
 */
export function lightVertex(
  out: Float64Array,
  at: number,
  light: ObjectLight,
  directions: LocalDirections,
  mesh: Mesh,
  vertex: number,
): void {
  const { sun, up, eye } = directions;
  const { normals, positions } = mesh;
  const k = 3 * vertex;
  const nx = normals[k]!;
  const ny = normals[k + 1]!;
  const nz = normals[k + 2]!;
  const nUp = nx * up[0]! + ny * up[1]! + nz * up[2]!;
  const nSun = nx * sun[0]! + ny * sun[1]! + nz * sun[2]!;
  const above = 0.5 + 0.5 * nUp;
  const below = 1 - above;
  const direct = nSun > 0 ? nSun : 0;
  const lamp = 0.3 + (nUp > 0 ? 0.7 * nUp : 0);
  const { zenith, horizon, bounce, lamps } = light;
  const s = light.sun;
  out[at] = (zenith.r + horizon.r) * 0.5 * above + bounce.r * below + s.r * direct + lamps.r * lamp;
  out[at + 1] = (zenith.g + horizon.g) * 0.5 * above + bounce.g * below + s.g * direct +
    lamps.g * lamp;
  out[at + 2] = (zenith.b + horizon.b) * 0.5 * above + bounce.b * below + s.b * direct +
    lamps.b * lamp;
  const vx = eye[0]! - positions[k]!;
  const vy = eye[1]! - positions[k + 1]!;
  const vz = eye[2]! - positions[k + 2]!;
  const inverse = 1 / Math.sqrt(vx * vx + vy * vy + vz * vz);
  const facing = (nx * vx + ny * vy + nz * vz) * inverse;
  const slant = facing > 0 ? 1 - facing : 1;
  const slant2 = slant * slant;
  // Schlick, 1994.
  const mirror = 0.06 + 0.94 * slant2 * slant2 * slant;
  const vUp = (vx * up[0]! + vy * up[1]! + vz * up[2]!) * inverse;
  const rUp = 2 * facing * nUp - vUp;
  const vSun = (vx * sun[0]! + vy * sun[1]! + vz * sun[2]!) * inverse;
  const rSun = 2 * facing * nSun - vSun;
  let spark = 0;
  if (rSun > 0.6) {
    const r4 = rSun * rSun * rSun * rSun;
    const r16 = r4 * r4 * r4 * r4;
    spark = 5 * r16 * r16;
  }
  // The mirrored world: ground below, a soft horizon, the sky getting deeper.
  const t = rUp < -0.25 ? 0 : rUp > 0.15 ? 1 : (rUp + 0.25) * 2.5;
  const high = rUp > 0 ? rUp : 0;
  const mr = bounce.r * 0.45 * (1 - t) + (horizon.r + (zenith.r - horizon.r) * high) * t;
  const mg = bounce.g * 0.45 * (1 - t) + (horizon.g + (zenith.g - horizon.g) * high) * t;
  const mb = bounce.b * 0.45 * (1 - t) + (horizon.b + (zenith.b - horizon.b) * high) * t;
  out[at + 3] = mirror * (mr + s.r * spark);
  out[at + 4] = mirror * (mg + s.g * spark);
  out[at + 5] = mirror * (mb + s.b * spark);
}

/** The colour of a vertex with a finish, as a little-endian RGBA word, fog included. */
export function finishVertex(
  tone: ToneCurve,
  light: ObjectLight,
  finish: Finish,
  vertexLight: Float64Array,
  at: number,
): number {
  const { color, gloss, lamp } = finish;
  let r = color.r * vertexLight[at]! + gloss * vertexLight[at + 3]!;
  let g = color.g * vertexLight[at + 1]! + gloss * vertexLight[at + 4]!;
  let b = color.b * vertexLight[at + 2]! + gloss * vertexLight[at + 5]!;
  if (lamp !== undefined && light.ownLamps > 0) {
    const own = LAMPS[lamp];
    r += own.r * light.ownLamps;
    g += own.g * light.ownLamps;
    b += own.b * light.ownLamps;
  }
  const { fog, fogCode } = light;
  if (fog === 0) return tone.encodeRgb(r, g, b);
  const red = tone.encode(r);
  const green = tone.encode(g);
  const blue = tone.encode(b);
  return (red + (fogCode.r - red) * fog) | (green + (fogCode.g - green) * fog) << 8 |
    (blue + (fogCode.b - blue) * fog) << 16;
}
