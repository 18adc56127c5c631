import type { Picture } from "../core/frame.ts";

/** Points that are looked at, across and down. */
const COLUMNS = 48;
const ROWS = 36;

/** Where blue and red difference, or the colours they come from, stand at a point. */
interface ChromaPlan {
  /** Size of the grid of chroma values, in values. */
  readonly width: number;
  readonly height: number;
  /** Reads Cb − 128 and Cr − 128 of one value into `out`. */
  read(memory: Uint8Array, column: number, row: number, out: [number, number]): void;
}

/**
 * Mean colour of a picture as `[Cb − 128, Cr − 128]` in 8-bit codes, on a grid of up to 48 × 36
 * points. RGB is converted by ITU-R BT.601 over the full range.
 */
export function meanChroma(picture: Picture, memory: Uint8Array): [cb: number, cr: number] {
  const plan = planChroma(picture);
  if (plan === null) return [0, 0];
  const point: [number, number] = [0, 0];
  let [cb, cr] = [0, 0];
  for (let row = 0; row < ROWS; row++) {
    const y = Math.floor((2 * row + 1) * plan.height / (2 * ROWS));
    for (let column = 0; column < COLUMNS; column++) {
      const x = Math.floor((2 * column + 1) * plan.width / (2 * COLUMNS));
      plan.read(memory, x, y, point);
      cb += point[0];
      cr += point[1];
    }
  }
  return [cb / (COLUMNS * ROWS), cr / (COLUMNS * ROWS)];
}

function planChroma(picture: Picture): ChromaPlan | null {
  const { format, width, height } = picture;
  const [halfWidth, halfHeight] = [(width + 1) >> 1, (height + 1) >> 1];
  switch (format) {
    case "gray8":
      return null;
    case "nv12":
      return yuvPlan(picture, [1, 1], [0, 1], 2, halfWidth, halfHeight);
    case "i420":
      return yuvPlan(picture, [1, 2], [0, 0], 1, halfWidth, halfHeight);
    case "yuyv":
      return yuvPlan(picture, [0, 0], [1, 3], 4, halfWidth, height);
    case "rgb24":
    case "rgba":
      return rgbPlan(picture, format === "rgba" ? 4 : 3, 0, 2);
    case "bgr24":
    case "bgrx":
      return rgbPlan(picture, format === "bgrx" ? 4 : 3, 2, 0);
  }
}

function yuvPlan(
  { planes }: Picture,
  plane: readonly [number, number],
  offset: readonly [number, number],
  step: number,
  width: number,
  height: number,
): ChromaPlan {
  const [cb, cr] = [planes[plane[0]]!, planes[plane[1]]!];
  return {
    width,
    height,
    read(memory, column, row, out) {
      out[0] = memory[cb.byteOffset + row * cb.strideBytes + column * step + offset[0]]! - 128;
      out[1] = memory[cr.byteOffset + row * cr.strideBytes + column * step + offset[1]]! - 128;
    },
  };
}

function rgbPlan(
  { planes, width, height }: Picture,
  step: number,
  red: number,
  blue: number,
): ChromaPlan {
  const { byteOffset, strideBytes } = planes[0]!;
  return {
    width,
    height,
    read(memory, column, row, out) {
      const at = byteOffset + row * strideBytes + column * step;
      const [r, g, b] = [memory[at + red]!, memory[at + 1]!, memory[at + blue]!];
      const luma = 0.299 * r + 0.587 * g + 0.114 * b;
      out[0] = (b - luma) / 1.772;
      out[1] = (r - luma) / 1.402;
    },
  };
}
