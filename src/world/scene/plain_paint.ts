import { type Rgb, scaled } from "../color.ts";
import { cellNoise3, noise2 } from "../noise.ts";
import type { Paint, SurfacePoint } from "./paint.ts";

/** One colour, a little uneven. */
export class PlainPaint implements Paint {
  readonly #color: Rgb;
  readonly #mirror: number;
  readonly #glow: Rgb | null;

  /** `mirror`: share it reflects; `glow`: its own light, once lamps are lit. */
  constructor(color: Rgb, mirror = 0, glow: Rgb | null = null) {
    this.#color = color;
    this.#mirror = mirror;
    this.#glow = glow;
  }

  apply(point: SurfacePoint): void {
    const uneven = 0.94 + 0.12 * noise2(point.x * 3 + point.z * 5, point.y * 3 - point.z * 2, 5);
    point.tint(this.#color, uneven);
    point.mirror = this.#mirror;
    if (this.#glow !== null) point.glow(this.#glow, 1);
  }
}

/** Leaves: dark inside, light outside and on top, each of its own green. */
export class LeafPaint implements Paint {
  readonly #color: Rgb;
  readonly #seed: number;

  /** Leaves of about this colour. */
  constructor(color: Rgb, seed: number) {
    this.#color = color;
    this.#seed = seed;
  }

  apply(point: SurfacePoint): void {
    const { x, y, z } = point;
    const seed = this.#seed;
    const fine = cellNoise3(x * 19, y * 19, z * 19, seed);
    const broad = noise2(x * 1.7 + z * 1.3, y * 1.7 - z * 1.1, seed + 3);
    point.tint(this.#color, 0.6 + 0.45 * fine * point.sees(0.1) + 0.5 * broad);
    point.r *= 0.9 + 0.35 * broad;
    // Each leaf points its own way, and some light falls through.
    point.nx = point.nx * 0.7 + (fine - 0.5) * 0.7;
    point.ny = point.ny * 0.7 + (broad - 0.5) * 0.7;
    point.nz = point.nz * 0.7 + 0.35;
    const length = 1 /
      Math.sqrt(point.nx * point.nx + point.ny * point.ny + point.nz * point.nz + 1e-9);
    point.nx *= length;
    point.ny *= length;
    point.nz *= length;
    point.open = 0.7 + 0.3 * Math.max(0, point.nz);
  }
}

/** Stripes across: awnings and barriers. */
export class StripePaint implements Paint {
  readonly #colors: readonly [Rgb, Rgb];
  readonly #stripeM: number;

  /** Stripes of two colours, each `stripeM` wide, along the street. */
  constructor(first: Rgb, second: Rgb, stripeM: number) {
    this.#colors = [first, second];
    this.#stripeM = stripeM;
  }

  apply(point: SurfacePoint): void {
    const stripe = Math.floor(point.y / this.#stripeM) & 1;
    point.tint(this.#colors[stripe === 0 ? 0 : 1]);
  }
}

/** Roof tiles in courses. */
export class TilePaint implements Paint {
  readonly #color: Rgb;

  /** Tiles of about this colour. */
  constructor(color: Rgb) {
    this.#color = color;
  }

  apply(point: SurfacePoint): void {
    const course = point.z * 5 - Math.floor(point.z * 5);
    const uneven = 0.85 + 0.3 * noise2(point.x * 0.8 + point.y * 0.8, point.z * 2, 9);
    point.tint(this.#color, uneven * (course < 0.25 ? 1 - 0.25 * point.sees(0.3) : 1));
  }
}

/** A road sign: a disc or a triangle on a board, drawn on the side that faces the camera. */
export class SignPaint implements Paint {
  readonly #center: { readonly x: number; readonly z: number };
  readonly #radius: number;
  readonly #colors: { readonly rim: Rgb; readonly field: Rgb; readonly mark: Rgb };

  /** A sign around a point of the board. */
  constructor(
    center: { readonly x: number; readonly z: number },
    radius: number,
    colors: { readonly rim: Rgb; readonly field: Rgb; readonly mark: Rgb },
  ) {
    this.#center = center;
    this.#radius = radius;
    this.#colors = colors;
  }

  apply(point: SurfacePoint): void {
    const { rim, field, mark } = this.#colors;
    const u = (point.x - this.#center.x) / this.#radius;
    const v = (point.z - this.#center.z) / this.#radius;
    if (point.ny > -0.5) {
      point.tint(scaled(field, 0.45));
      return;
    }
    const out = Math.max(Math.abs(u), Math.abs(v));
    if (out > 0.82) point.tint(rim);
    else if (Math.abs(u) < 0.22 && v > -0.5 && v < 0.5) point.tint(mark);
    else point.tint(field);
  }
}
