/**
 * How pixels lie in memory. Sizes below are for a `width` × `height` picture; chroma sizes are
 * rounded up, so odd pictures are allowed.
 *
 * | format | planes |
 * |---|---|
 * | `nv12` | Y `[h, w]`; interleaved U,V `[⌈h/2⌉, 2⌈w/2⌉]` |
 * | `i420` | Y `[h, w]`; U `[⌈h/2⌉, ⌈w/2⌉]`; V `[⌈h/2⌉, ⌈w/2⌉]` |
 * | `yuyv` | Y0 U Y1 V, `[h, 4⌈w/2⌉]` |
 * | `rgb24` `bgr24` | `[h, 3w]` |
 * | `rgba` `bgrx` | `[h, 4w]`; the fourth byte is ignored |
 * | `gray8` | `[h, w]`, always full range |
 */
export type PixelFormat =
  | "nv12"
  | "i420"
  | "yuyv"
  | "rgb24"
  | "bgr24"
  | "rgba"
  | "bgrx"
  | "gray8";

/** All pixel formats, in the order of their numeric codes in the kernels. */
export const PIXEL_FORMATS: readonly PixelFormat[] = [
  "nv12",
  "i420",
  "yuyv",
  "rgb24",
  "bgr24",
  "rgba",
  "bgrx",
  "gray8",
];

/** `limited`: luma 16–235, chroma 16–240 (video). `full`: 0–255 (JPEG). RGB and gray ignore it. */
export type ColorRange = "limited" | "full";

/** Which luma coefficients YUV uses: `bt601` (SD, JPEG, unspecified) or `bt709` (HD). */
export type ColorMatrix = "bt601" | "bt709";

/** Size of one plane. */
export interface PlaneSize {
  /** Bytes of picture in one row, without padding. */
  readonly rowBytes: number;
  /** Number of rows. */
  readonly rows: number;
}

/**
 * The planes a picture of this format and size has, in order.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { planeSizes } from "@fovea/fovea/camera";
 *
 * assertEquals(planeSizes("nv12", 5, 3), [
 *   { rowBytes: 5, rows: 3 },
 *   { rowBytes: 6, rows: 2 },
 * ]);
 * ```
 */
export function planeSizes(format: PixelFormat, width: number, height: number): PlaneSize[] {
  const halfWidth = (width + 1) >> 1;
  const halfHeight = (height + 1) >> 1;
  switch (format) {
    case "nv12":
      return [{ rowBytes: width, rows: height }, { rowBytes: 2 * halfWidth, rows: halfHeight }];
    case "i420":
      return [
        { rowBytes: width, rows: height },
        { rowBytes: halfWidth, rows: halfHeight },
        { rowBytes: halfWidth, rows: halfHeight },
      ];
    case "yuyv":
      return [{ rowBytes: 4 * halfWidth, rows: height }];
    case "rgb24":
    case "bgr24":
      return [{ rowBytes: 3 * width, rows: height }];
    case "rgba":
    case "bgrx":
      return [{ rowBytes: 4 * width, rows: height }];
    case "gray8":
      return [{ rowBytes: width, rows: height }];
  }
}

/** Bytes from one pixel's luma, or first colour, to the next in the first plane. */
export function lumaStepBytes(format: PixelFormat): number {
  switch (format) {
    case "nv12":
    case "i420":
    case "gray8":
      return 1;
    case "yuyv":
      return 2;
    case "rgb24":
    case "bgr24":
      return 3;
    case "rgba":
    case "bgrx":
      return 4;
  }
}

/** Bytes of a picture of this format and size without row padding. */
export function pictureBytes(format: PixelFormat, width: number, height: number): number {
  return planeSizes(format, width, height)
    .reduce((bytes, plane) => bytes + plane.rowBytes * plane.rows, 0);
}
