import type { Picture } from "../core/frame.ts";
import { lumaStepBytes } from "../core/pixel_format.ts";
import { meanChroma } from "./mean_chroma.ts";

/** Points that are looked at, across and down; small pictures give some of them twice. */
const COLUMNS = 96;
const ROWS = 72;
const POINTS = COLUMNS * ROWS;
/** Cells of the thumbnail, across and down; each is the mean of 2 × 2 points. */
export const THUMBNAIL_COLUMNS = 48;
/** Rows of cells of the thumbnail. */
export const THUMBNAIL_ROWS = 36;
const CELL = COLUMNS / THUMBNAIL_COLUMNS;
/** Blocks whose own sharpness is measured, across and down; each has 12 × 12 points. */
export const BLOCK_COLUMNS = 8;
/** Rows of blocks. */
export const BLOCK_ROWS = 6;
const BLOCK = COLUMNS / BLOCK_COLUMNS;

/** What a picture looks like in a few numbers, in 8-bit codes of luma and chroma. */
export interface ImageFacts {
  /** Mean luma, 0–255. */
  readonly luma: number;
  /** Standard deviation of luma. */
  readonly contrast: number;
  /** Mean absolute Laplacian: fine structure, edges and noise together. */
  readonly sharpness: number;
  /** Estimated standard deviation of the noise. */
  readonly noise: number;
  /** Mean blue difference, Cb − 128. */
  readonly cb: number;
  /** Mean red difference, Cr − 128. */
  readonly cr: number;
  /** Sharpness of each of 8 × 6 blocks, row by row. */
  readonly blockSharpness: readonly number[];
  /** Mean luma of each of 48 × 36 cells, row by row. */
  readonly thumbnail: readonly number[];
}

/**
 * Looks at a picture on a grid of 96 × 72 points and their neighbours, for some tenths of a
 * millisecond: enough to name what happened to a camera, not to measure how good it is. Luma of RGB
 * pictures is taken as `(R + 2 G + B) / 4`.
 *
 * The noise is estimated by a mask that is blind to edges and slopes,
 * `sigma = sqrt(pi / 2) / 6 * mean |I * N|` with `N = [1 -2 1; -2 4 -2; 1 -2 1]`. Texture counts as
 * noise to some degree, so the figure only means something beside the same camera's past. Source:
 * Immerkær 1996, "Fast Noise Variance Estimation".
 *
 * @param picture Where the picture lies in `memory`.
 * @param memory The arena's bytes.
 */
export function lookAt(picture: Picture, memory: Uint8Array): ImageFacts {
  const { width, height } = picture;
  const { byteOffset, strideBytes } = picture.planes[0]!;
  const step = lumaStepBytes(picture.format);
  const cells = new Array<number>(THUMBNAIL_COLUMNS * THUMBNAIL_ROWS).fill(0);
  const blocks = new Array<number>(BLOCK_COLUMNS * BLOCK_ROWS).fill(0);
  let [sum, squares, residue] = [0, 0, 0];
  // A picture of one or two rows or columns has no inner points: its neighbours are itself.
  const dx = width > 2 ? step : 0;
  const dy = height > 2 ? strideBytes : 0;
  for (let row = 0; row < ROWS; row++) {
    const start = byteOffset + innerPoint(row, ROWS, height) * strideBytes;
    for (let column = 0; column < COLUMNS; column++) {
      const at = start + innerPoint(column, COLUMNS, width) * step;
      const here = lumaAt(memory, at, step);
      const cross = lumaAt(memory, at - dy, step) + lumaAt(memory, at + dy, step) +
        lumaAt(memory, at - dx, step) + lumaAt(memory, at + dx, step);
      const corners = lumaAt(memory, at - dy - dx, step) + lumaAt(memory, at - dy + dx, step) +
        lumaAt(memory, at + dy - dx, step) + lumaAt(memory, at + dy + dx, step);
      residue += Math.abs(corners - 2 * cross + 4 * here);
      sum += here;
      squares += here * here;
      const block = Math.floor(row / BLOCK) * BLOCK_COLUMNS + Math.floor(column / BLOCK);
      blocks[block] = blocks[block]! + Math.abs(cross - 4 * here);
      const cell = Math.floor(row / CELL) * THUMBNAIL_COLUMNS + Math.floor(column / CELL);
      cells[cell] = cells[cell]! + here;
    }
  }
  const luma = sum / POINTS;
  const [cb, cr] = meanChroma(picture, memory);
  return {
    luma,
    contrast: Math.sqrt(Math.max(0, squares / POINTS - luma * luma)),
    sharpness: blocks.reduce((total, laplacian) => total + laplacian, 0) / POINTS,
    noise: Math.sqrt(Math.PI / 2) / 6 * residue / POINTS,
    cb,
    cr,
    blockSharpness: blocks.map((laplacian) => laplacian / (BLOCK * BLOCK)),
    thumbnail: cells.map((luma) => luma / (CELL * CELL)),
  };
}

/** The `index`-th of `count` evenly spread coordinates that have a neighbour on both sides. */
function innerPoint(index: number, count: number, size: number): number {
  return size > 2 ? 1 + Math.floor((2 * index + 1) * (size - 2) / (2 * count)) : 0;
}

function lumaAt(memory: Uint8Array, at: number, step: number): number {
  if (step < 3) return memory[at]!;
  return (memory[at]! + 2 * memory[at + 1]! + memory[at + 2]!) / 4;
}
