import type { Solid } from "./solids.ts";

/** A ray on its way through the scene, with the nearest thing it met so far. Used again and again. */
export class Ray {
  /** Where it starts, in metres. */
  ox = 0;
  oy = 0;
  oz = 0;
  /** Where it goes; need not have length 1. */
  dx = 0;
  dy = 1;
  dz = 0;
  /** How far the nearest hit is, in multiples of the direction. */
  t = Infinity;
  /** The solid it hit, or `null` for the ground or nothing. */
  solid: Solid | null = null;
  /** The normal there, of length 1. */
  nx = 0;
  ny = 0;
  nz = 1;

  /** Starts at a point into a direction, having met nothing. */
  aim(ox: number, oy: number, oz: number, dx: number, dy: number, dz: number): void {
    this.ox = ox;
    this.oy = oy;
    this.oz = oz;
    this.dx = dx;
    this.dy = dy;
    this.dz = dz;
    this.t = Infinity;
    this.solid = null;
  }

  /** Notes a nearer hit. */
  meet(t: number, solid: Solid, nx: number, ny: number, nz: number): void {
    this.t = t;
    this.solid = solid;
    this.nx = nx;
    this.ny = ny;
    this.nz = nz;
  }
}
