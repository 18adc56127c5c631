import type { Buffer } from "node:buffer";
import type { AVPixelFormat } from "node-av/constants";
import type { Frame as AvFrame } from "node-av/lib";
import type { ColorMatrix, ColorRange, PixelFormat } from "../core/pixel_format.ts";
import { type AvLibrary, checkAv } from "./av_library.ts";
import type { WritablePlane } from "./i420_canvas.ts";

/** The geometry and colours of a picture in FFmpeg's memory. */
export interface AvPictureShape {
  /** FFmpeg's pixel format. */
  readonly format: AVPixelFormat;
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
  /** Value range of luma and chroma. */
  readonly colorRange: ColorRange;
  /** Luma coefficients; `null` for RGB. */
  readonly colorMatrix: ColorMatrix | null;
}

/** A plane in FFmpeg's memory, in the class of views that its library takes. */
export interface AvPlane extends WritablePlane {
  /** The bytes. */
  readonly bytes: Buffer;
}

/** A picture in FFmpeg's memory, allocated once and written again and again. */
export class AvPicture implements Disposable {
  /** What it was made as. */
  readonly shape: AvPictureShape;
  /** The frame, for encoders and scalers; it stays this object's. */
  readonly frame: AvFrame;
  readonly #av: AvLibrary;
  #planes: readonly AvPlane[] = [];

  /**
   * Allocates it.
   *
   * @throws {FoveaError} `LIMIT` if there is no memory for it.
   */
  constructor(av: AvLibrary, shape: AvPictureShape) {
    const { lib, constants } = av;
    this.#av = av;
    this.shape = shape;
    this.frame = new lib.Frame();
    this.frame.alloc();
    this.frame.format = shape.format;
    this.frame.width = shape.width;
    this.frame.height = shape.height;
    try {
      const what = `allocate a picture of ${shape.width}×${shape.height}`;
      checkAv(av, this.frame.getBuffer(), "LIMIT", what);
    } catch (error) {
      this.frame.free();
      throw error;
    }
    this.frame.colorRange = shape.colorRange === "full"
      ? constants.AVCOL_RANGE_JPEG
      : constants.AVCOL_RANGE_MPEG;
    this.frame.colorSpace = colorSpaceOf(av, shape.colorMatrix);
    this.#refresh();
  }

  /** The planes, on loan until {@linkcode makeWritable} or the disposal. */
  get planes(): readonly AvPlane[] {
    return this.#planes;
  }

  /**
   * Makes sure that nobody else sees what is written next: if an encoder still holds the memory,
   * the picture moves to a copy of it. Returns whether it moved.
   */
  makeWritable(): boolean {
    if (this.frame.isWritable) return false;
    checkAv(this.#av, this.frame.makeWritable(), "LIMIT", "copy a picture");
    this.#refresh();
    return true;
  }

  /** Frees the memory; a second call does nothing. */
  [Symbol.dispose](): void {
    this.#planes = [];
    this.frame.free();
  }

  #refresh(): void {
    const strides = this.frame.linesize;
    this.#planes = (this.frame.data ?? []).map((bytes, i) => ({ bytes, strideBytes: strides[i]! }));
  }
}

/** FFmpeg's number of a pixel format. */
export function avFormatOf({ constants }: AvLibrary, format: PixelFormat): AVPixelFormat {
  switch (format) {
    case "nv12":
      return constants.AV_PIX_FMT_NV12;
    case "i420":
      return constants.AV_PIX_FMT_YUV420P;
    case "yuyv":
      return constants.AV_PIX_FMT_YUYV422;
    case "rgb24":
      return constants.AV_PIX_FMT_RGB24;
    case "bgr24":
      return constants.AV_PIX_FMT_BGR24;
    case "rgba":
      // The fourth byte means nothing to fovea, so it must mean nothing to FFmpeg either.
      return constants.AV_PIX_FMT_RGB0;
    case "bgrx":
      return constants.AV_PIX_FMT_BGR0;
    case "gray8":
      return constants.AV_PIX_FMT_GRAY8;
  }
}

/** FFmpeg's number of luma coefficients; `null` stands for RGB. */
export function colorSpaceOf({ constants }: AvLibrary, matrix: ColorMatrix | null) {
  switch (matrix) {
    case "bt601":
      return constants.AVCOL_SPC_SMPTE170M;
    case "bt709":
      return constants.AVCOL_SPC_BT709;
    case null:
      return constants.AVCOL_SPC_RGB;
  }
}
