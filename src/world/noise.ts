import { hash3, unit } from "./random.ts";

/** Smooth noise from 0 to 1 over the plane, one hump a unit: values on a lattice, blended. */
export function noise2(x: number, y: number, seed: number): number {
  const column = Math.floor(x);
  const row = Math.floor(y);
  const fx = x - column;
  const fy = y - row;
  const sx = fx * fx * (3 - 2 * fx);
  const sy = fy * fy * (3 - 2 * fy);
  const a = unit(hash3(column, row, seed));
  const b = unit(hash3(column + 1, row, seed));
  const c = unit(hash3(column, row + 1, seed));
  const d = unit(hash3(column + 1, row + 1, seed));
  const top = a + (b - a) * sx;
  return top + (c + (d - c) * sx - top) * sy;
}

/** Noise of several sizes, each half as big and half as strong as the last; 0 to 1. */
export function cloudNoise(x: number, y: number, seed: number, octaves: number): number {
  let sum = 0;
  let weight = 0.5;
  let total = 0;
  let scale = 1;
  for (let octave = 0; octave < octaves; octave++) {
    sum += weight * noise2(x * scale, y * scale, seed + octave);
    total += weight;
    weight /= 2;
    scale *= 2.03;
  }
  return sum / total;
}

/** Noise from 0 to 1 in space, one value a cell: crumbs, leaves, chips. */
export function cellNoise3(x: number, y: number, z: number, seed: number): number {
  return unit(hash3(Math.floor(x), Math.floor(y), Math.floor(z) * 8191 + seed));
}
