import { FoveaError } from "../core/errors.ts";
import type { PictureShape } from "../core/frame_draft.ts";
import type { ColorMatrix, ColorRange, PixelFormat } from "../core/pixel_format.ts";

/** How the pictures of a stream lie in the bytes that `fdsink` writes. */
export interface GstLayout {
  /** Geometry of the pictures. */
  readonly shape: PictureShape;
  /** Where each plane begins, from the first byte of a picture. */
  readonly planeOffsets: readonly number[];
  /** Bytes of one picture. */
  readonly pictureBytes: number;
  /** Frames per second; `null` where they vary or nobody knows. */
  readonly fps: number | null;
}

/** GStreamer's names of the formats that the kernels read; an ignored fourth byte may be alpha. */
const FORMATS: Readonly<Record<string, PixelFormat>> = {
  NV12: "nv12",
  I420: "i420",
  YUY2: "yuyv",
  RGB: "rgb24",
  BGR: "bgr24",
  RGBx: "rgba",
  RGBA: "rgba",
  BGRx: "bgrx",
  BGRA: "bgrx",
  GRAY8: "gray8",
};

/** Caps of the pictures that the kernels read, in main memory. */
export const READABLE_CAPS = `video/x-raw,format=(string){${Object.keys(FORMATS).join(",")}}`;

/** The same for decoded video, whose gray is limited in range, which the kernels do not read. */
export const DECODED_CAPS = READABLE_CAPS.replace(",GRAY8", "");

/** Largest width or height that is taken, in pixels. */
const SIDE_MAX = 16_384;
/** Pictures higher than this are BT.709 where nothing is said, as GStreamer has it. */
const SD_HEIGHT_MAX = 576;

/**
 * Reads the caps of raw video, as GStreamer prints what two elements agreed on.
 *
 * @throws {FoveaError} `PIXEL_FORMAT` if the kernels cannot read such pictures.
 */
export function readCaps(caps: string): GstLayout {
  const fields = new Map(
    [...caps.matchAll(/([\w-]+)=\((\w+)\)([^,;]+)/g)].map(([, name, , value]) =>
      [name!, value!.trim()] as const
    ),
  );
  const isRaw = /^video\/x-raw\s*(?:\(memory:SystemMemory\))?\s*[,;]/.test(caps);
  const format = FORMATS[fields.get("format") ?? ""];
  const [width, height] = [Number(fields.get("width")), Number(fields.get("height"))];
  const fits = [width, height].every((side) =>
    Number.isInteger(side) && side > 0 &&
    side <= SIDE_MAX
  );
  if (!isRaw || format === undefined || !fits) {
    throw new FoveaError("PIXEL_FORMAT", `Cannot read pictures of the kind ${caps.slice(0, 200)}`, {
      hint: "End the pipeline with ! videoconvert ! video/x-raw,format=NV12",
    });
  }
  const { colorRange, colorMatrix } = readColorimetry(fields.get("colorimetry") ?? "", height);
  const isYuv = format === "nv12" || format === "i420" || format === "yuyv";
  const { stridesBytes, planeOffsets, pictureBytes } = layOut(format, width, height);
  return {
    shape: {
      format,
      width,
      height,
      colorRange: isYuv ? colorRange : "full",
      colorMatrix,
      stridesBytes,
    },
    planeOffsets,
    pictureBytes,
    fps: readRate(fields.get("framerate")),
  };
}

/**
 * Strides and offsets of raw video in GStreamer's own memory (`gst_video_info_set_format`): rows
 * are padded to 4 bytes, and planes with subsampled chroma have an even number of rows.
 */
function layOut(
  format: PixelFormat,
  width: number,
  height: number,
): { stridesBytes: number[]; planeOffsets: number[]; pictureBytes: number } {
  const evenRows = roundUp(height, 2);
  const stride = roundUp(rowBytes(format, width), 4);
  switch (format) {
    case "nv12": {
      const luma = stride * evenRows;
      return {
        stridesBytes: [stride, stride],
        planeOffsets: [0, luma],
        pictureBytes: luma + stride * evenRows / 2,
      };
    }
    case "i420": {
      const chromaStride = roundUp(roundUp(width, 2) / 2, 4);
      const luma = stride * evenRows;
      const chroma = chromaStride * evenRows / 2;
      return {
        stridesBytes: [stride, chromaStride, chromaStride],
        planeOffsets: [0, luma, luma + chroma],
        pictureBytes: luma + 2 * chroma,
      };
    }
    default:
      return { stridesBytes: [stride], planeOffsets: [0], pictureBytes: stride * height };
  }
}

/** Bytes of picture in a row of the first plane. */
function rowBytes(format: PixelFormat, width: number): number {
  switch (format) {
    case "rgb24":
    case "bgr24":
      return 3 * width;
    case "rgba":
    case "bgrx":
      return 4 * width;
    case "yuyv":
      return 2 * width;
    default:
      return width;
  }
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

/**
 * Colorimetry is a name (`bt601`, `bt709`, …) or `range:matrix:transfer:primaries` in numbers of
 * `GstVideoColorRange` (1 is full) and `GstVideoColorMatrix` (3 is BT.709).
 */
function readColorimetry(
  text: string,
  height: number,
): { colorRange: ColorRange; colorMatrix: ColorMatrix } {
  const [, range, matrix] = /^(\d+):(\d+):\d+:\d+$/.exec(text) ?? [];
  if (range !== undefined && matrix !== "0") {
    return {
      colorRange: range === "1" ? "full" : "limited",
      colorMatrix: matrix === "3" ? "bt709" : "bt601",
    };
  }
  const isHd = text.startsWith("bt709") || text === "" && height > SD_HEIGHT_MAX;
  return { colorRange: range === "1" ? "full" : "limited", colorMatrix: isHd ? "bt709" : "bt601" };
}

function readRate(text = ""): number | null {
  const [, over, under] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  const fps = Number(over) / Number(under);
  return fps > 0 && Number.isFinite(fps) ? fps : null;
}
