import { cos, PI, sin } from "../exact_math.ts";
import type { Finish, Mesh } from "./mesh.ts";

/** A point or direction: right, forward, up. */
export type Point = readonly [x: number, y: number, z: number];

/** Faces that meet at less than about 50° are shaded as one smooth surface. */
const CREASE_COS = 0.64;

interface Corner {
  readonly at: Point;
  readonly face: Point;
  normal: Point;
}

interface Triangle {
  readonly corners: readonly [Corner, Corner, Corner];
  readonly finish: number;
  readonly part: number;
}

/** Builds a {@linkcode Mesh} face by face; edges between faces are smoothed where they are blunt. */
export class MeshBuilder {
  readonly #triangles: Triangle[] = [];
  readonly #finishes: Finish[] = [];
  /** Whether it builds for a small picture: rounder things get fewer sides. */
  readonly coarse: boolean;
  #part = 0;
  #parts = 1;

  /** An empty builder. */
  constructor(coarse = false) {
    this.coarse = coarse;
  }

  /** Registers a finish and returns its number. */
  finish(finish: Finish): number {
    this.#finishes.push(finish);
    return this.#finishes.length - 1;
  }

  /** Lets everything that follows belong to a part. */
  part(index: number): void {
    this.#part = index;
    this.#parts = Math.max(this.#parts, index + 1);
  }

  /** A flat face with 3 or more corners, counterclockwise seen from outside. */
  face(finish: number, ...points: readonly Point[]): void {
    const normal = normalOf(points);
    if (normal === null) return;
    const corners = points.map((at): Corner => ({ at, face: normal, normal }));
    for (let i = 2; i < corners.length; i++) {
      const triangle = [corners[0]!, corners[i - 1]!, corners[i]!] as const;
      this.#triangles.push({ corners: triangle, finish, part: this.#part });
    }
  }

  /** A face and its mirror image on the other side of the plane x = 0. */
  mirroredFace(finish: number, ...points: readonly Point[]): void {
    this.face(finish, ...points);
    this.face(finish, ...points.map(([x, y, z]): Point => [-x, y, z]).reverse());
  }

  /**
   * A skin over rings of points, which must all have the same number. Looking along the rings'
   * order, each ring goes counterclockwise; `closed` joins its last point to its first.
   */
  skin(
    rings: readonly (readonly Point[])[],
    closed: boolean,
    finishOf: (ring: number, side: number) => number,
  ): void {
    for (let ring = 1; ring < rings.length; ring++) {
      const a = rings[ring - 1]!;
      const b = rings[ring]!;
      const sides = closed ? a.length : a.length - 1;
      for (let side = 0; side < sides; side++) {
        const next = (side + 1) % a.length;
        this.face(finishOf(ring - 1, side), a[side]!, b[side]!, b[next]!, a[next]!);
      }
    }
  }

  /** A block along the axes. */
  block(finish: number, low: Point, high: Point): void {
    const [x0, y0, z0] = low;
    const [x1, y1, z1] = high;
    this.face(finish, [x0, y0, z1], [x1, y0, z1], [x1, y1, z1], [x0, y1, z1]);
    this.face(finish, [x0, y0, z0], [x0, y1, z0], [x1, y1, z0], [x1, y0, z0]);
    this.face(finish, [x0, y0, z0], [x1, y0, z0], [x1, y0, z1], [x0, y0, z1]);
    this.face(finish, [x1, y1, z0], [x0, y1, z0], [x0, y1, z1], [x1, y1, z1]);
    this.face(finish, [x1, y0, z0], [x1, y1, z0], [x1, y1, z1], [x1, y0, z1]);
    this.face(finish, [x0, y1, z0], [x0, y0, z0], [x0, y0, z1], [x0, y1, z1]);
  }

  /** A bar with `sides` flat sides from one point to another, its radius changing on the way. */
  bar(finish: number, from: Point, to: Point, radii: readonly [number, number], sides = 6): void {
    const axis = normalise(subtract(to, from));
    if (axis === null) return;
    const corners = this.coarse ? Math.min(sides, 4) : sides;
    // A square is as wide as the circle it stands for if its corners lie a little outside.
    const swell = this.coarse ? 1.12 : 1;
    const helper: Point = Math.abs(axis[2]) < 0.9 ? [0, 0, 1] : [0, 1, 0];
    const u = normalise(cross(helper, axis))!;
    const v = cross(axis, u);
    const rings = [from, to].map((center, end) =>
      Array.from({ length: corners }, (_, i): Point => {
        const angle = -2 * PI * i / corners;
        const [c, s] = [cos(angle) * radii[end]! * swell, sin(angle) * radii[end]! * swell];
        return [
          center[0] + u[0] * c + v[0] * s,
          center[1] + u[1] * c + v[1] * s,
          center[2] + u[2] * c + v[2] * s,
        ];
      })
    );
    this.skin(rings, true, () => finish);
    this.face(finish, ...rings[0]!);
    this.face(finish, ...[...rings[1]!].reverse());
  }

  /** A ball, stretched by its three radii. */
  ball(finish: number, center: Point, radii: Point, sides = 8, floors = 5): void {
    const around = this.coarse ? Math.min(sides, 6) : sides;
    const up = this.coarse ? Math.min(floors, 4) : floors;
    const rings = Array.from({ length: up + 1 }, (_, i) => {
      const slope = PI * (i / up - 0.5);
      const [flat, z] = [cos(slope), sin(slope)];
      return Array.from({ length: around }, (_, k): Point => {
        const angle = 2 * PI * k / around;
        return [
          center[0] + radii[0] * flat * cos(angle),
          center[1] + radii[1] * flat * sin(angle),
          center[2] + radii[2] * z,
        ];
      });
    });
    // Rings go upwards here, and around against the clock seen from above.
    this.skin(rings.map((ring) => [...ring].reverse()), true, () => finish);
  }

  /** A disc across the x axis, facing to the right where `facing` is 1, else to the left. */
  disc(finish: number, center: Point, radius: number, facing: 1 | -1, corners = 14): void {
    this.face(finish, ...circle(center, radius, facing, corners));
  }

  /** The finished model; `size` is the space it takes. */
  build(size: Mesh["size"]): Mesh {
    this.#smooth();
    return pack(this.#triangles, this.#parts, this.#finishes, size);
  }

  /** Gives corners at the same place the mean normal of the faces that meet bluntly there. */
  #smooth(): void {
    const places = new Map<string, Corner[]>();
    const seen = new Set<Corner>();
    for (const { corners, part } of this.#triangles) {
      for (const corner of corners) {
        if (seen.has(corner)) continue;
        seen.add(corner);
        const key = `${part} ${placeOf(corner.at)}`;
        const others = places.get(key);
        if (others === undefined) places.set(key, [corner]);
        else others.push(corner);
      }
    }
    for (const corners of places.values()) {
      for (const corner of corners) {
        let sum: Point = [0, 0, 0];
        for (const { face } of corners) {
          if (dot(face, corner.face) > CREASE_COS) sum = add(sum, face);
        }
        corner.normal = normalise(sum) ?? corner.face;
      }
    }
  }
}

/** Points of a circle across the x axis, counterclockwise seen from the side it faces. */
export function circle(center: Point, radius: number, facing: 1 | -1, corners: number): Point[] {
  return Array.from({ length: corners }, (_, i): Point => {
    const angle = 2 * PI * (i + 0.5) / corners * facing;
    return [center[0], center[1] + radius * cos(angle), center[2] + radius * sin(angle)];
  });
}

/** Merges equal corners into vertices, part by part. */
function pack(
  triangles: readonly Triangle[],
  parts: number,
  finishes: readonly Finish[],
  size: Mesh["size"],
): Mesh {
  const positions: number[] = [];
  const normals: number[] = [];
  const starts: number[] = [];
  const indices: number[] = [];
  const finishOf: number[] = [];
  const triangleStarts: number[] = [];
  for (let part = 0; part < parts; part++) {
    starts.push(positions.length / 3);
    triangleStarts.push(finishOf.length);
    const known = new Map<string, number>();
    for (const triangle of triangles) {
      if (triangle.part !== part) continue;
      for (const { at, normal } of triangle.corners) {
        const key = `${placeOf(at)} ${placeOf(normal)}`;
        let vertex = known.get(key);
        if (vertex === undefined) {
          vertex = positions.length / 3;
          known.set(key, vertex);
          positions.push(...at);
          normals.push(...normal);
        }
        indices.push(vertex);
      }
      finishOf.push(triangle.finish);
    }
  }
  starts.push(positions.length / 3);
  triangleStarts.push(finishOf.length);
  return {
    parts,
    positions: Float32Array.from(positions),
    normals: Float32Array.from(normals),
    partStarts: Uint16Array.from(starts),
    triangleStarts: Uint16Array.from(triangleStarts),
    triangles: Uint16Array.from(indices),
    finishOf: Uint8Array.from(finishOf),
    finishes,
    size,
  };
}

/** A place as text, to a tenth of a millimetre. */
function placeOf([x, y, z]: Point): string {
  return `${Math.round(x * 1e4)},${Math.round(y * 1e4)},${Math.round(z * 1e4)}`;
}

/** Newell's method, which also serves faces that are not quite flat. */
function normalOf(points: readonly Point[]): Point | null {
  let sum: Point = [0, 0, 0];
  for (let i = 0; i < points.length; i++) {
    const a = points[i]!;
    const b = points[(i + 1) % points.length]!;
    sum = add(sum, [
      (a[1] - b[1]) * (a[2] + b[2]),
      (a[2] - b[2]) * (a[0] + b[0]),
      (a[0] - b[0]) * (a[1] + b[1]),
    ]);
  }
  return normalise(sum);
}

function normalise(v: Point): Point | null {
  const length = Math.sqrt(dot(v, v));
  return length < 1e-9 ? null : [v[0] / length, v[1] / length, v[2] / length];
}

function dot(a: Point, b: Point): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function cross(a: Point, b: Point): Point {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function add(a: Point, b: Point): Point {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
}

function subtract(a: Point, b: Point): Point {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}
