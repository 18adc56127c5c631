import { Buffer } from "node:buffer";
import type { SoftwareScaleContext } from "node-av/lib";
import type { Arena, Picture } from "../core/frame.ts";
import { planeSizes } from "../core/pixel_format.ts";
import { type AvLibrary, checkAv } from "./av_library.ts";
import { avFormatOf, AvPicture, type AvPictureShape } from "./av_picture.ts";
import type { Viewport } from "./overlay.ts";
import { isYuv, type PictureRoute, planRoute } from "./picture_route.ts";

/** A way from one picture in memory to another, with the scaler that goes it. */
interface Pass {
  readonly scaler: SoftwareScaleContext;
  readonly rows: number;
}

/**
 * Copies camera pictures of any format, size and colours onto one canvas in FFmpeg's memory.
 *
 * Pixels go from the camera's arena to the canvas in one pass of FFmpeg's scaler on a native
 * thread; only a change of luma coefficients takes three. Nothing is allocated while the pictures
 * stay of one kind. Scalers and intermediate pictures are rebuilt when the kind changes.
 */
export class PictureConverter implements Disposable {
  /** Where pictures are copied to. */
  readonly canvas: AvPicture;
  readonly #av: AvLibrary;
  #kind: Picture | null = null;
  #route: PictureRoute | null = null;
  #owned = new DisposableStack();
  /** Arena to canvas, or arena to `staged` where colours must be exchanged. */
  #first: Pass | null = null;
  #staged: AvPicture | null = null;
  #recolor: SoftwareScaleContext | null = null;
  #recolored: AvPicture | null = null;
  #last: Pass | null = null;

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
    const route = this.#route!;
    const { buffer } = arena;
    const source = planeSizes(picture.format, picture.width, picture.height).map((size, i) => {
      const { byteOffset, strideBytes } = picture.planes[i]!;
      const bytes = strideBytes * (size.rows - 1) + size.rowBytes;
      return Buffer.from(buffer, byteOffset, bytes);
    });
    const strides = picture.planes.map((plane) => plane.strideBytes);
    if (this.#staged === null) {
      await this.#pass(this.#first!, source, strides, planesAt(this.canvas, route.viewport));
    } else {
      await this.#pass(this.#first!, source, strides, planesAt(this.#staged, null));
      await this.#exchangeColors(route.viewport);
    }
    if (route.bordered && route.viewport.scale === 1) repeatEdges(this.canvas, route.viewport);
    return route.viewport;
  }

  /** Frees everything; a second call does nothing. */
  [Symbol.dispose](): void {
    this.#owned.dispose();
    this.canvas[Symbol.dispose]();
  }

  async #exchangeColors(viewport: Viewport): Promise<void> {
    const target = this.#recolored ?? this.canvas;
    checkAv(
      this.#av,
      await this.#recolor!.scaleFrame(target.frame, this.#staged!.frame),
      "PIXEL_FORMAT",
      "convert the colours of a picture",
    );
    if (this.#last === null) return;
    const { bytes, strides } = planesAt(target, null);
    await this.#pass(this.#last, bytes, strides, planesAt(this.canvas, viewport));
  }

  async #pass(pass: Pass, bytes: Buffer[], strides: number[], to: Planes): Promise<void> {
    const status = await pass.scaler.scale(bytes, strides, 0, pass.rows, to.bytes, to.strides);
    checkAv(this.#av, status, "PIXEL_FORMAT", "convert a picture");
  }

  #prepare(picture: Picture): void {
    this.#reset();
    const { shape } = this.canvas;
    const { format, width, height, colorRange, colorMatrix } = picture;
    const onRgb = shape.format === this.#av.constants.AV_PIX_FMT_RGB24;
    const route = planRoute(picture, {
      format: onRgb ? "rgb24" : "i420",
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
    if (route.bordered) blacken(this.canvas);
    const place = { ...shape, width: route.viewport.width, height: route.viewport.height };
    // The scaler loses the last chroma row of packed 4:2:2 with an odd number of rows.
    const unpack = format === "yuyv" && height % 2 === 1;
    if (!route.recolor && !unpack) {
      this.#first = this.#makePass(source, place);
    } else {
      const stagedFormat = unpack ? this.#av.constants.AV_PIX_FMT_YUV422P : source.format;
      this.#staged = this.#owned.use(
        new AvPicture(this.#av, { ...source, format: stagedFormat }),
      );
      this.#first = this.#makePass(source, this.#staged.shape);
      this.#recolor = this.#makeFrameScaler();
      if (route.bordered) {
        this.#recolored = this.#owned.use(new AvPicture(this.#av, { ...shape, width, height }));
        this.#last = this.#makePass(this.#recolored.shape, place);
      }
    }
    this.#route = route;
    this.#kind = picture;
  }

  #reset(): void {
    this.#kind = null;
    this.#first = this.#last = null;
    this.#staged = this.#recolored = null;
    this.#recolor = null;
    this.#owned.dispose();
    this.#owned = new DisposableStack();
  }

  /** A scaler that takes sizes, formats and colours from the frames it is given. */
  #makeFrameScaler(): SoftwareScaleContext {
    const scaler = this.#owned.use(new this.#av.lib.SoftwareScaleContext());
    scaler.allocContext();
    scaler.setOption("sws_flags", "bilinear");
    return scaler;
  }

  #makePass(from: AvPictureShape, to: AvPictureShape): Pass {
    const scaler = this.#makeFrameScaler();
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
    return { scaler, rows: from.height };
  }
}

interface Planes {
  readonly bytes: Buffer[];
  readonly strides: number[];
}

/** The planes of a picture from a viewport's top left corner on. */
function planesAt(picture: AvPicture, viewport: Viewport | null): Planes {
  const { offsetX = 0, offsetY = 0 } = viewport ?? {};
  const pixelBytes = picture.planes.length === 1 ? 3 : 1;
  const bytes = picture.planes.map((plane, i) => {
    const shift = i === 0 ? 0 : 1;
    const start = (offsetY >> shift) * plane.strideBytes + pixelBytes * (offsetX >> shift);
    return start === 0 ? plane.bytes : plane.bytes.subarray(start);
  });
  return { bytes, strides: picture.planes.map((plane) => plane.strideBytes) };
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
