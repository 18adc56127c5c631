import type { JpegPlane } from "./jpeg_plane.ts";

/**
 * Halves chroma in both directions: each sample is the mean of four, rounded up and down in turn
 * along a row.
 *
 * @param full `[2 * plane.height, stride]` uint8; its right and lower edges are filled.
 * @param stride Samples of a row of `full`, at least `2 * plane.stride`.
 * @param plane Receives `[height, stride]` samples.
 */
export function halveChroma(full: Uint8Array, stride: number, plane: JpegPlane): void {
  for (let y = 0; y < plane.height; y++) {
    let from = 2 * y * stride;
    const to = y * plane.stride;
    for (let x = 0; x < plane.stride; x++, from += 2) {
      const sum = full[from]! + full[from + 1]! + full[from + stride]! + full[from + stride + 1]!;
      plane.samples[to + x] = (sum + 1 + (x & 1)) >> 2;
    }
  }
}

/**
 * Doubles one row of chroma in both directions with a triangle filter: nearer samples count three
 * times as much as farther ones. Planes up to two samples wide are not smoothed.
 *
 * Source: the "fancy upsampling" of the Independent JPEG Group's library, which decoders use by
 * default.
 *
 * @param plane The decoded chroma.
 * @param y Row of the picture, not of the plane.
 * @param out Receives `2 * plane.width` samples.
 */
export function doubleChromaRow(plane: JpegPlane, y: number, out: Uint8Array): void {
  const { samples, stride, width, height } = plane;
  const row = y >> 1;
  const near = row * stride;
  if (width <= 2) {
    for (let x = 0; x < 2 * width; x++) out[x] = samples[near + (x >> 1)]!;
    return;
  }
  const far = stride * ((y & 1) === 0 ? Math.max(row - 1, 0) : Math.min(row + 1, height - 1));
  let left = 3 * samples[near]! + samples[far]!;
  let here = left;
  for (let x = 0; x < width; x++) {
    const next = x + 1 < width ? 3 * samples[near + x + 1]! + samples[far + x + 1]! : here;
    out[2 * x] = (3 * here + left + 8) >> 4;
    out[2 * x + 1] = (3 * here + next + 7) >> 4;
    left = here;
    here = next;
  }
}
