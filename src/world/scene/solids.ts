import { cellNoise3, noise2 } from "../noise.ts";
import type { Paint } from "./paint.ts";
import type { Ray } from "./ray.ts";

/** Space that a solid fills, in metres, axis by axis. */
export interface Bounds {
  readonly x0: number;
  readonly y0: number;
  readonly z0: number;
  readonly x1: number;
  readonly y1: number;
  readonly z1: number;
}

/** Hits nearer than this to a ray's start do not count: they are the surface it starts from. */
const T_MIN = 1e-4;

/** Something a ray can hit. */
export interface Solid {
  /** Space it fills at most. */
  readonly bounds: Bounds;
  /** What its surface looks like. */
  readonly paint: Paint;
  /** Tells `ray` about a hit nearer than those it knows. */
  meet(ray: Ray): void;
}

/** A block along the axes. */
export class BlockSolid implements Solid {
  readonly bounds: Bounds;
  readonly paint: Paint;

  /** A block that fills `bounds`. */
  constructor(bounds: Bounds, paint: Paint) {
    this.bounds = bounds;
    this.paint = paint;
  }

  /** Slab by slab, after Kay and Kajiya, 1986. */
  meet(ray: Ray): void {
    const { bounds } = this;
    const ix = 1 / ray.dx;
    const iy = 1 / ray.dy;
    const iz = 1 / ray.dz;
    const ax = (bounds.x0 - ray.ox) * ix;
    const bx = (bounds.x1 - ray.ox) * ix;
    const ay = (bounds.y0 - ray.oy) * iy;
    const by = (bounds.y1 - ray.oy) * iy;
    const az = (bounds.z0 - ray.oz) * iz;
    const bz = (bounds.z1 - ray.oz) * iz;
    const nearX = ax < bx ? ax : bx;
    const nearY = ay < by ? ay : by;
    const nearZ = az < bz ? az : bz;
    const farX = ax < bx ? bx : ax;
    const farY = ay < by ? by : ay;
    const farZ = az < bz ? bz : az;
    const enter = Math.max(nearX, nearY, nearZ);
    const leave = Math.min(farX, farY, farZ);
    if (!(enter <= leave && enter > T_MIN && enter < ray.t)) return;
    if (enter === nearX) ray.meet(enter, this, ray.dx > 0 ? -1 : 1, 0, 0);
    else if (enter === nearY) ray.meet(enter, this, 0, ray.dy > 0 ? -1 : 1, 0);
    else ray.meet(enter, this, 0, 0, ray.dz > 0 ? -1 : 1);
  }
}

/** One side of a convex solid: points with `nx·x + ny·y + nz·z ≤ d` lie inside; length 1. */
export interface HalfSpace {
  readonly nx: number;
  readonly ny: number;
  readonly nz: number;
  readonly d: number;
}

/** What lies inside of several planes: roofs, awnings. */
export class ConvexSolid implements Solid {
  readonly bounds: Bounds;
  readonly paint: Paint;
  readonly #sides: readonly HalfSpace[];

  /** The common part of `sides`, which must lie within `bounds`. */
  constructor(bounds: Bounds, sides: readonly HalfSpace[], paint: Paint) {
    this.bounds = bounds;
    this.paint = paint;
    this.#sides = sides;
  }

  meet(ray: Ray): void {
    let enter = -Infinity;
    let leave = Infinity;
    let entered: HalfSpace | null = null;
    for (const side of this.#sides) {
      const speed = side.nx * ray.dx + side.ny * ray.dy + side.nz * ray.dz;
      const gap = side.d - side.nx * ray.ox - side.ny * ray.oy - side.nz * ray.oz;
      if (speed === 0) {
        if (gap < 0) return;
        continue;
      }
      const t = gap / speed;
      if (speed > 0) {
        if (t < leave) leave = t;
      } else if (t > enter) {
        enter = t;
        entered = side;
      }
      if (enter > leave) return;
    }
    if (entered === null || enter <= T_MIN || enter >= ray.t) return;
    ray.meet(enter, this, entered.nx, entered.ny, entered.nz);
  }
}

/** An upright cylinder, thinner at the top by choice: posts and trunks. Its ends are open. */
export class PostSolid implements Solid {
  readonly bounds: Bounds;
  readonly paint: Paint;
  readonly #x: number;
  readonly #y: number;
  readonly #radius: number;
  readonly #taper: number;

  /** A post at `x`, `y` from `z0` to `z1`; its radius shrinks from `radius` to `radiusTop`. */
  constructor(
    place: { readonly x: number; readonly y: number; readonly z0: number; readonly z1: number },
    radius: number,
    radiusTop: number,
    paint: Paint,
  ) {
    const { x, y, z0, z1 } = place;
    this.bounds = { x0: x - radius, y0: y - radius, z0, x1: x + radius, y1: y + radius, z1 };
    this.paint = paint;
    this.#x = x;
    this.#y = y;
    this.#radius = radius;
    this.#taper = (radius - radiusTop) / (z1 - z0);
  }

  meet(ray: Ray): void {
    const { z0, z1 } = this.bounds;
    const x = ray.ox - this.#x;
    const y = ray.oy - this.#y;
    // Radius along the ray: r + s·t with the cone's slope.
    const r = this.#radius - this.#taper * (ray.oz - z0);
    const s = -this.#taper * ray.dz;
    const a = ray.dx * ray.dx + ray.dy * ray.dy - s * s;
    const b = x * ray.dx + y * ray.dy - r * s;
    const c = x * x + y * y - r * r;
    const root = b * b - a * c;
    if (root < 0 || a <= 0) return;
    const t = (-b - Math.sqrt(root)) / a;
    if (t <= T_MIN || t >= ray.t) return;
    const z = ray.oz + ray.dz * t;
    if (z < z0 || z > z1) return;
    const radius = r + s * t;
    ray.meet(t, this, (x + ray.dx * t) / radius, (y + ray.dy * t) / radius, 0);
  }
}

/** A ball, flattened by choice, that lets rays through between its leaves. */
export class LeafSolid implements Solid {
  readonly bounds: Bounds;
  readonly paint: Paint;
  readonly #x: number;
  readonly #y: number;
  readonly #z: number;
  readonly #radius: number;
  readonly #squash: number;
  readonly #leafM: number;
  readonly #density: number;
  readonly #seed: number;

  /**
   * A ball of leaves.
   *
   * @param center Its middle, in metres.
   * @param radius Its radius sideways; `squash` times that upwards.
   * @param leaves `leafM`: size of a leaf; `density`: share of the surface they cover, up to 1.
   */
  constructor(
    center: { readonly x: number; readonly y: number; readonly z: number },
    radius: number,
    squash: number,
    leaves: { readonly leafM: number; readonly density: number; readonly seed: number },
    paint: Paint,
  ) {
    const { x, y, z } = center;
    this.bounds = {
      x0: x - radius,
      y0: y - radius,
      z0: z - radius * squash,
      x1: x + radius,
      y1: y + radius,
      z1: z + radius * squash,
    };
    this.paint = paint;
    this.#x = x;
    this.#y = y;
    this.#z = z;
    this.#radius = radius;
    this.#squash = squash;
    this.#leafM = leaves.leafM;
    this.#density = leaves.density;
    this.#seed = leaves.seed;
  }

  meet(ray: Ray): void {
    const flat = 1 / this.#squash;
    const x = ray.ox - this.#x;
    const y = ray.oy - this.#y;
    const z = (ray.oz - this.#z) * flat;
    const dz = ray.dz * flat;
    const a = ray.dx * ray.dx + ray.dy * ray.dy + dz * dz;
    const b = x * ray.dx + y * ray.dy + z * dz;
    const c = x * x + y * y + z * z - this.#radius * this.#radius;
    const root = b * b - a * c;
    if (root < 0) return;
    const half = Math.sqrt(root);
    // The near shell, then the far one, seen from inside.
    for (let shell = -1; shell <= 1; shell += 2) {
      const t = (-b + shell * half) / a;
      if (t <= T_MIN || t >= ray.t) continue;
      const px = x + ray.dx * t;
      const py = y + ray.dy * t;
      const pz = z + dz * t;
      const step = 1 / this.#leafM;
      // Leaves are sparser where the shell is seen edge-on, so that crowns have no hard outline.
      const facing = half / (this.#radius * Math.sqrt(a));
      const twig = noise2(px * 4.3 + pz * 2.9, py * 4.3 - pz * 3.1, this.#seed + 1);
      const cover = this.#density * (0.75 * facing + 0.62 * twig);
      if (cellNoise3(px * step, py * step, pz * step, this.#seed) > cover) continue;
      const scale = 1 / this.#radius;
      ray.meet(t, this, px * scale, py * scale, pz * scale);
      return;
    }
  }
}
