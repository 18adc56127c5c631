import { mix } from "../exact_math.ts";
import type { MeshBuilder, Point } from "./mesh_builder.ts";

/** The lines of a car or van. Lengths in metres; `Y` values are shares of the length, 0 at the rear. */
export interface BodyShape {
  readonly lengthM: number;
  readonly widthM: number;
  /** Height of the roof. */
  readonly heightM: number;
  /** Height of the underside. */
  readonly clearanceM: number;
  /** Height of the lower edge of the windows. */
  readonly beltM: number;
  /** Height of the bonnet where it begins, and at the nose. */
  readonly bonnetM: readonly [number, number];
  /** Height of the boot lid. */
  readonly bootM: number;
  /** Lower end of the rear window, rear and front end of the roof, lower end of the windscreen. */
  readonly rearBaseY: number;
  readonly roofRearY: number;
  readonly roofFrontY: number;
  readonly screenBaseY: number;
  /** Half the width of the roof. */
  readonly roofHalfM: number;
  readonly wheelRadiusM: number;
  /** Where the axles are. */
  readonly axleY: readonly [number, number];
}

/** Finishes of a body, as numbers of the builder. */
export interface BodyFinishes {
  readonly paint: number;
  readonly roof: number;
  readonly trim: number;
  readonly dark: number;
  readonly glass: number;
  readonly seam: number;
}

/** Along y in metres. */
export function lineY(shape: BodyShape, share: number): number {
  return (share - 0.5) * shape.lengthM;
}

/** The body without wheels: lower body, roof, pillars; windows are put on by the caller. */
export function buildBody(builder: MeshBuilder, shape: BodyShape, finishes: BodyFinishes): void {
  buildLower(builder, shape, finishes);
  buildUpper(builder, shape, finishes);
}

/** The tub: from the rear bumper to the nose, as rings across. */
function buildLower(builder: MeshBuilder, shape: BodyShape, finishes: BodyFinishes): void {
  const { rearBaseY, screenBaseY } = shape;
  // Where each ring lies, how wide it is, and how much its lower edge is drawn up.
  const stations: readonly (readonly [share: number, width: number, lift: number])[] = [
    [0, 0.8, 0.16],
    [0.012, 0.9, 0.08],
    [0.07, 0.975, 0.03],
    [Math.max(0.16, rearBaseY), 1, 0],
    [0.5, 1, 0],
    [screenBaseY, 1, 0],
    [0.9, 0.97, 0.02],
    [0.975, 0.88, 0.08],
    [1, 0.74, 0.18],
  ];
  const rings = stations.map(([share, width, lift]) => lowerRing(shape, share, width, lift));
  // From the underside up: the sill is dark, the lower door may be clad.
  const last = rings[0]!.length - 2;
  builder.skin(rings, false, (_ring, side) => {
    const up = Math.min(side, last - side);
    return up === 0 ? finishes.dark : up === 1 ? finishes.trim : finishes.paint;
  });
  const rear = rings[0]!;
  const nose = rings.at(-1)!;
  builder.face(finishes.paint, ...rear);
  builder.face(finishes.paint, ...[...nose].reverse());
}

/** From the right edge of the underside over the top to the left one. */
function lowerRing(shape: BodyShape, share: number, width: number, lift: number): Point[] {
  const y = lineY(shape, share);
  const half = shape.widthM / 2 * width;
  const low = shape.clearanceM + lift;
  const deck = deckHeight(shape, share) - (width < 0.85 ? 0.08 : 0);
  const shoulder = Math.min(shape.beltM, deck - 0.03) - lift * 0.2;
  const right: Point[] = [
    [half * 0.82, y, low],
    [half * 0.965, y, low + 0.06],
    [half * 0.995, y, mix(low, shoulder, 0.42)],
    [half * 0.985, y, mix(low, shoulder, 0.8)],
    [half * 0.95, y, shoulder],
    [half * 0.72, y, deck],
  ];
  const left = right.map(([x, , z]): Point => [-x, y, z]).reverse();
  return [...right, ...left];
}

/** Height of the bodywork's upper side at a place along it. */
function deckHeight(shape: BodyShape, share: number): number {
  const { rearBaseY, screenBaseY, bonnetM, bootM, beltM } = shape;
  if (share > screenBaseY) {
    const s = (share - screenBaseY) / (1 - screenBaseY);
    return mix(bonnetM[0], bonnetM[1], s * s * 0.75 + s * 0.25);
  }
  if (share < rearBaseY) return mix(bootM - 0.06, bootM, share / Math.max(0.01, rearBaseY));
  return beltM + 0.02;
}

/** Roof, pillars and what the windows are let into. */
function buildUpper(builder: MeshBuilder, shape: BodyShape, finishes: BodyFinishes): void {
  const { rearBaseY, roofRearY, roofFrontY, screenBaseY } = shape;
  const roof = shape.heightM;
  const edge = roof - 0.07;
  const half = shape.roofHalfM;
  const rings = [
    upperRing(shape, rearBaseY, 0),
    [roofRearY, 0.012] as const,
    [mix(roofRearY, roofFrontY, 0.5), 0] as const,
    [roofFrontY, 0.02] as const,
    upperRing(shape, screenBaseY, 0),
  ].map((ring) => {
    if (ring.length !== 2) return ring as Point[];
    const [share, drop] = ring as readonly [number, number];
    const y = lineY(shape, share);
    const base = shape.widthM / 2 * 0.945;
    const right: Point[] = [
      [base, y, shape.beltM - 0.02],
      [half, y, edge - drop],
      [half * 0.84, y, roof - drop],
    ];
    return [...right, ...right.map(([x, , z]): Point => [-x, y, z]).reverse()];
  });
  builder.skin(
    rings,
    false,
    (ring, side) =>
      (side === 2 || side === 1 || side === 3) && ring > 0 && ring < 3
        ? finishes.roof
        : finishes.paint,
  );
}

/** A ring that lies flat on the body, where a window begins. */
function upperRing(shape: BodyShape, share: number, drop: number): Point[] {
  const y = lineY(shape, share);
  const base = shape.widthM / 2 * 0.945;
  const z = Math.max(shape.beltM, deckHeight(shape, share)) - drop - 0.01;
  const inner = shape.widthM / 2 * 0.72;
  const right: Point[] = [
    [base, y, shape.beltM - 0.03],
    [base * 0.985, y, z - 0.01],
    [inner, y, z],
  ];
  return [...right, ...right.map(([x, , z]): Point => [-x, y, z]).reverse()];
}

/** A place on the side of the cabin: `share` along the length, `up` from belt (0) to roof (1). */
export function sidePoint(shape: BodyShape, share: number, up: number): Point {
  const base = shape.widthM / 2 * 0.945 + 0.008;
  return [
    mix(base, shape.roofHalfM + 0.008, up),
    lineY(shape, share),
    mix(shape.beltM - 0.02, shape.heightM - 0.07, up),
  ];
}

/**
 * A window in both sides: between two places at the belt and two at the roof, as shares of the
 * length, rear first.
 */
export function sideWindow(
  builder: MeshBuilder,
  shape: BodyShape,
  finish: number,
  belt: readonly [number, number],
  roof: readonly [number, number],
  up: readonly [number, number] = [0.09, 0.9],
): void {
  const place = (end: 0 | 1, high: 0 | 1): Point =>
    sidePoint(shape, mix(belt[end], roof[end], up[high]), up[high]);
  builder.mirroredFace(finish, place(0, 0), place(1, 0), place(1, 1), place(0, 1));
}

/** The windscreen, and the rear window unless the rear is blind. */
export function endWindows(
  builder: MeshBuilder,
  shape: BodyShape,
  finish: number,
  rear: "wide" | "doors" | "none",
): void {
  const screen = windowAcross(shape, shape.screenBaseY, shape.roofFrontY, 1);
  builder.face(finish, ...screen([-0.9, 0.06], [0.9, 0.06], [0.88, 0.93], [-0.88, 0.93]).reverse());
  const back = windowAcross(shape, shape.rearBaseY, shape.roofRearY, -1);
  if (rear === "wide") {
    builder.face(finish, ...back([-0.88, 0.1], [0.88, 0.1], [0.84, 0.88], [-0.84, 0.88]));
  } else if (rear === "doors") {
    for (const side of [-1, 1]) {
      const [a, b] = side < 0 ? [-0.8, -0.1] : [0.1, 0.8];
      builder.face(finish, ...back([a, 0.3], [b, 0.3], [b, 0.82], [a, 0.82]));
    }
  }
}

/** Places on the slope between deck and roof; x from −1 to 1, up from 0 to 1. */
function windowAcross(
  shape: BodyShape,
  baseShare: number,
  roofShare: number,
  facing: 1 | -1,
): (...places: readonly (readonly [number, number])[]) => Point[] {
  const base = Math.max(shape.beltM, deckHeight(shape, baseShare)) - 0.01;
  const top = shape.heightM - (facing > 0 ? 0.02 : 0.012);
  const low = shape.widthM / 2 * 0.72;
  const high = shape.roofHalfM * 0.84;
  return (...places) =>
    places.map(([x, up]): Point => [
      x * mix(low, high, up) * 1.12,
      lineY(shape, mix(baseShare, roofShare, up)) + facing * 0.014,
      mix(base, top, up) + 0.012,
    ]);
}
