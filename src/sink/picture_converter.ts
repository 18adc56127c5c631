import { Buffer } from "node:buffer";
import type { SoftwareScaleContext } from "node-av/lib";
import type { Arena, Picture } from "../core/frame.ts";
import { planeSizes } from "../core/pixel_format.ts";
import { type AvLibrary, checkAv } from "./av_library.ts";
import { avFormatOf, AvPicture, type AvPictureShape } from "./av_picture.ts";
import type { Viewport } from "./overlay.ts";
import { isYuv, type PictureRoute, planRoute } from "./picture_route.ts";

/**
 * Copies camera pictures of any format, size and colours onto one canvas in FFmpeg's memory.
 *
 * Pixels go from the camera's arena to the canvas in one pass of FFmpeg's scaler on a native
 * thread; a change of luma coefficients takes two, and a picture that must be letterboxed is
 * copied once more. Nothing is allocated while the pictures stay of one kind; scalers and
 * intermediate pictures are rebuilt when the kind changes.
 */
export class PictureConverter implements Disposable {
  /** Where pictures are copied to. */
  readonly canvas: AvPicture;
  readonly #av: AvLibrary;
  #kind: Picture | null = null;
  #route: PictureRoute | null = null;
  #owned = new DisposableStack();
  /** From the arena to `staged`, `fitted` or the canvas, whichever comes first. */
  #reader: SoftwareScaleContext | null = null;
  /** The picture as it came, where FFmpeg must see it as a frame. */
  #staged: AvPicture | null = null;
  /** From `staged` to `fitted` or the canvas. */
  #recolorer: SoftwareScaleContext | null = null;
  /** The picture as it will lie on the canvas, where it does not cover it. */
  #fitted: AvPicture | null = null;

  /** Allocates the canvas, black. */
  constructor(av: AvLibrary, shape: AvPictureShape) {
    this.#av = av;
    this.canvas = new AvPicture(av, shape);
    blacken(this.canvas);
  }

  /**
   * Copies a picture onto the canvas and says where it lies there. The picture must stay as it is
   * until the promise resolves.
   *
   * @throws {FoveaError} `PIXEL_FORMAT` if FFmpeg cannot convert it.
   */
  async convert(picture: Picture, arena: Arena): Promise<Viewport> {
    this.canvas.makeWritable();
    if (this.#kind === null || !sameKind(this.#kind, picture)) this.#prepare(picture);
    const { viewport, surround } = this.#route!;
    const last = this.#fitted ?? this.canvas;
    await this.#read(picture, arena, this.#staged ?? last);
    if (this.#staged !== null) {
      const status = await this.#recolorer!.scaleFrame(last.frame, this.#staged.frame);
      checkAv(this.#av, status, "PIXEL_FORMAT", "convert the colours of a picture");
    }
    if (this.#fitted !== null) copyInto(this.canvas, this.#fitted, viewport);
    if (surround === "edge") repeatEdges(this.canvas, viewport);
    return viewport;
  }

  /** Frees everything; a second call does nothing. */
  [Symbol.dispose](): void {
    this.#owned.dispose();
    this.canvas[Symbol.dispose]();
  }

  async #read(picture: Picture, { buffer }: Arena, target: AvPicture): Promise<void> {
    const { format, width, height, planes } = picture;
    const bytes = planeSizes(format, width, height).map(({ rowBytes, rows }, i) => {
      const { byteOffset, strideBytes } = planes[i]!;
      return Buffer.from(buffer, byteOffset, strideBytes * (rows - 1) + rowBytes);
    });
    const status = await this.#reader!.scale(
      bytes,
      planes.map((plane) => plane.strideBytes),
      0,
      height,
      target.planes.map((plane) => plane.bytes),
      target.planes.map((plane) => plane.strideBytes),
    );
    checkAv(this.#av, status, "PIXEL_FORMAT", "convert a picture");
  }

  #prepare(picture: Picture): void {
    this.#reset();
    const { constants } = this.#av;
    const { shape } = this.canvas;
    const { format, width, height, colorRange, colorMatrix } = picture;
    const route = planRoute(picture, {
      format: shape.format === constants.AV_PIX_FMT_RGB24 ? "rgb24" : "i420",
      width: shape.width,
      height: shape.height,
      colorMatrix: shape.colorMatrix ?? "bt601",
    });
    const source: AvPictureShape = {
      format: avFormatOf(this.#av, format),
      width,
      height,
      colorRange: isYuv(format) ? colorRange : "full",
      colorMatrix: isYuv(format) ? colorMatrix : null,
    };
    // The scaler loses the last chroma row of packed 4:2:2 with an odd number of rows.
    const unpack = format === "yuyv" && height % 2 === 1;
    if (route.recolor || unpack) {
      const staged = unpack ? constants.AV_PIX_FMT_YUV422P : source.format;
      this.#staged = this.#own(new AvPicture(this.#av, { ...source, format: staged }));
      this.#recolorer = this.#makeScaler();
    }
    const viewed = { ...shape, width: route.viewport.width, height: route.viewport.height };
    if (route.surround === "borders") blacken(this.canvas);
    // The scaler writes a few columns too many, so it must not write into the middle.
    if (route.surround === "borders" || (route.surround === "edge" && this.#staged !== null)) {
      this.#fitted = this.#own(new AvPicture(this.#av, viewed));
    }
    this.#reader = this.#makeReader(source, this.#staged?.shape ?? viewed);
    this.#route = route;
    this.#kind = picture;
  }

  #reset(): void {
    this.#kind = null;
    this.#reader = this.#recolorer = null;
    this.#staged = this.#fitted = null;
    this.#owned.dispose();
    this.#owned = new DisposableStack();
  }

  #own<T extends Disposable>(resource: T): T {
    return this.#owned.use(resource);
  }

  /** A scaler that takes sizes, formats and colours from the frames it is given. */
  #makeScaler(): SoftwareScaleContext {
    const scaler = this.#own(new this.#av.lib.SoftwareScaleContext());
    scaler.allocContext();
    scaler.setOption("sws_flags", "bilinear");
    return scaler;
  }

  /** A scaler for planes in plain memory. */
  #makeReader(from: AvPictureShape, to: AvPictureShape): SoftwareScaleContext {
    const scaler = this.#makeScaler();
    const options = {
      srcw: from.width,
      srch: from.height,
      src_format: from.format,
      src_range: from.colorRange === "full" ? 1 : 0,
      dstw: to.width,
      dsth: to.height,
      dst_format: to.format,
      dst_range: to.colorRange === "full" ? 1 : 0,
    };
    const what = `convert ${from.width}×${from.height} to ${to.width}×${to.height}`;
    for (const [name, value] of Object.entries(options)) {
      checkAv(this.#av, scaler.setOption(name, value), "PIXEL_FORMAT", what);
    }
    checkAv(this.#av, scaler.initContext(), "PIXEL_FORMAT", what);
    return scaler;
  }
}

/** Copies a picture to its place on the canvas; the place starts at even pixels. */
function copyInto(canvas: AvPicture, picture: AvPicture, viewport: Viewport): void {
  const rgb = picture.planes.length === 1;
  for (const [i, from] of picture.planes.entries()) {
    const to = canvas.planes[i]!;
    const shift = i === 0 ? 0 : 1;
    const rows = (viewport.height + shift) >> shift;
    const rowBytes = (rgb ? 3 : 1) * ((viewport.width + shift) >> shift);
    const left = (rgb ? 3 : 1) * (viewport.offsetX >> shift);
    for (let y = 0; y < rows; y++) {
      const row = from.bytes.subarray(y * from.strideBytes, y * from.strideBytes + rowBytes);
      to.bytes.set(row, ((viewport.offsetY >> shift) + y) * to.strideBytes + left);
    }
  }
}

function sameKind(a: Picture, b: Picture): boolean {
  return a.format === b.format && a.width === b.width && a.height === b.height &&
    a.colorRange === b.colorRange && a.colorMatrix === b.colorMatrix;
}

function blacken({ planes, shape }: AvPicture): void {
  const black = planes.length === 1 || shape.colorRange === "full" ? 0 : 16;
  for (const [i, { bytes }] of planes.entries()) bytes.fill(i === 0 ? black : 128);
}

/** Fills the column and row that make an odd picture even with their neighbours. */
function repeatEdges({ planes, shape }: AvPicture, { width, height }: Viewport): void {
  const { bytes, strideBytes } = planes[0]!;
  if (width < shape.width) {
    for (let y = 0; y < height; y++) {
      bytes[y * strideBytes + width] = bytes[y * strideBytes + width - 1]!;
    }
  }
  if (height < shape.height) {
    bytes.copyWithin(height * strideBytes, (height - 1) * strideBytes, height * strideBytes);
  }
}
