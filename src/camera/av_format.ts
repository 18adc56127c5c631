import { FoveaError } from "../core/errors.ts";
import type { ColorMatrix, PixelFormat } from "../core/pixel_format.ts";

/** Value ranges as FFmpeg numbers them (`AVColorRange`). */
export const AV_RANGE_LIMITED = 1;
/** See {@linkcode AV_RANGE_LIMITED}. */
export const AV_RANGE_FULL = 2;

/** FFmpeg's names of the formats the kernels read as they are. */
const DIRECT: ReadonlyMap<string, PixelFormat> = new Map(Object.entries(
  {
    yuv420p: "i420",
    yuvj420p: "i420",
    nv12: "nv12",
    yuyv422: "yuyv",
    rgb24: "rgb24",
    bgr24: "bgr24",
    rgba: "rgba",
    rgb0: "rgba",
    bgra: "bgrx",
    bgr0: "bgrx",
    gray: "gray8",
  } satisfies Record<string, PixelFormat>,
));

/** Our name for one of FFmpeg's pixel formats, or `null` if the kernels cannot read it. */
export function pixelFormatOf(avName: string): PixelFormat | null {
  return DIRECT.get(avName) ?? null;
}

/**
 * FFmpeg's name of the format that a picture is converted to where the kernels cannot read it:
 * YUV with fewer chroma than luma samples to `yuv420p`, other gray to `gray`, everything else to
 * `rgb24`. So full chroma, as many photographs have it, stays full: a detector sees the
 * difference. A format the kernels know stays what it is: then only its rows are out of order, for
 * example bottom-up.
 */
export function conversionTarget(avName: string): string {
  if (DIRECT.has(avName)) return avName;
  if (/^(gray|ya|mono)/.test(avName)) return "gray";
  return /^(yuv[aj]?4(10|11|20|22|40)|yvyu|uyvy|uyyvyy|nv(12|16|20|21)|p[02]\d\d|y2\d\d)/.test(
      avName,
    )
    ? "yuv420p"
    : "rgb24";
}

/** Whether luma and chroma use 0–255: said by the frame, or by a format name of JPEG. */
export function isFullRange(avName: string, avRange: number): boolean {
  return avRange === AV_RANGE_FULL || avName.startsWith("yuvj");
}

/**
 * The luma coefficients for one of the matrices of ITU-T H.273 (`AVColorSpace`); unspecified is
 * BT.601. BT.2020 is read as BT.709, the nearest the kernels have.
 *
 * @throws {FoveaError} `PIXEL_FORMAT` for matrices that are not of the YCbCr kind, like YCgCo.
 */
export function colorMatrixOf(avSpace: number): ColorMatrix {
  switch (avSpace) {
    case 1: // BT.709
    case 7: // SMPTE 240M
    case 9: // BT.2020, non-constant luminance
    case 10: // BT.2020, constant luminance
      return "bt709";
    case 0: // RGB
    case 2: // unspecified
    case 4: // FCC
    case 5: // BT.601, 625 lines
    case 6: // BT.601, 525 lines
      return "bt601";
    default:
      throw new FoveaError(
        "PIXEL_FORMAT",
        `Cannot read pictures with the color matrix ${avSpace} of ITU-T H.273`,
        { hint: "Convert the video to BT.601 or BT.709" },
      );
  }
}
