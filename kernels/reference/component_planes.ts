import type { Picture } from "../../src/core/frame.ts";

/**
 * Where one component (red, luma, …) of a picture lies: the sample at column `x` and row `y` is
 * byte `byteOffset + y * strideBytes + x * stepBytes` of the memory.
 */
export interface ComponentPlane {
  /** Byte of the first sample. */
  readonly byteOffset: number;
  /** Bytes from one row to the next. */
  readonly strideBytes: number;
  /** Bytes from one sample to the next. */
  readonly stepBytes: number;
  /** Samples per row. */
  readonly columns: number;
  /** Number of rows. */
  readonly rows: number;
  /** Picture pixels per sample, horizontally: 1, or 2 for chroma. */
  readonly pixelsPerColumn: 1 | 2;
  /** Picture pixels per sample, vertically: 1, or 2 for chroma. */
  readonly pixelsPerRow: 1 | 2;
}

/** The three components of a picture: red, green, blue, or Y, U, V. */
export type ComponentPlanes = readonly [ComponentPlane, ComponentPlane, ComponentPlane];

/** Finds the components of a picture of any format: R, G, B, or Y, U, V; gray three times. */
export function componentPlanes(picture: Picture): ComponentPlanes {
  switch (picture.format) {
    case "nv12":
      return [full(picture, 0, 1, 0), half(picture, 1, 2, 0), half(picture, 1, 2, 1)];
    case "i420":
      return [full(picture, 0, 1, 0), half(picture, 1, 1, 0), half(picture, 2, 1, 0)];
    case "yuyv":
      return [full(picture, 0, 2, 0), paired(picture, 1), paired(picture, 3)];
    case "rgb24":
      return [full(picture, 0, 3, 0), full(picture, 0, 3, 1), full(picture, 0, 3, 2)];
    case "bgr24":
      return [full(picture, 0, 3, 2), full(picture, 0, 3, 1), full(picture, 0, 3, 0)];
    case "rgba":
      return [full(picture, 0, 4, 0), full(picture, 0, 4, 1), full(picture, 0, 4, 2)];
    case "bgrx":
      return [full(picture, 0, 4, 2), full(picture, 0, 4, 1), full(picture, 0, 4, 0)];
    case "gray8":
      return [full(picture, 0, 1, 0), full(picture, 0, 1, 0), full(picture, 0, 1, 0)];
  }
}

/** Whether the components of this format are Y, U, V. */
export function isYuv(picture: Picture): boolean {
  return picture.format === "nv12" || picture.format === "i420" || picture.format === "yuyv";
}

function full(picture: Picture, plane: number, stepBytes: number, first: number): ComponentPlane {
  const { byteOffset, strideBytes } = picture.planes[plane]!;
  return {
    byteOffset: byteOffset + first,
    strideBytes,
    stepBytes,
    columns: picture.width,
    rows: picture.height,
    pixelsPerColumn: 1,
    pixelsPerRow: 1,
  };
}

/** Chroma with one sample for two pixels of a row: YUYV. */
function paired(picture: Picture, first: number): ComponentPlane {
  return {
    ...full(picture, 0, 4, first),
    columns: (picture.width + 1) >> 1,
    pixelsPerColumn: 2,
  };
}

/** Chroma with one sample for a square of four pixels: NV12 and I420. */
function half(picture: Picture, plane: number, stepBytes: number, first: number): ComponentPlane {
  return {
    ...full(picture, plane, stepBytes, first),
    columns: (picture.width + 1) >> 1,
    rows: (picture.height + 1) >> 1,
    pixelsPerColumn: 2,
    pixelsPerRow: 2,
  };
}
