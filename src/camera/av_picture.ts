import type { AVPixelFormat } from "node-av/constants";
import type { Frame as AvFrame, SoftwareScaleContext } from "node-av/lib";
import { FoveaError } from "../core/errors.ts";
import type { Arena, Picture } from "../core/frame.ts";
import type { PictureShape } from "../core/frame_draft.ts";
import { type PixelFormat, type PlaneSize, planeSizes } from "../core/pixel_format.ts";
import {
  AV_RANGE_LIMITED,
  colorMatrixOf,
  conversionTarget,
  isFullRange,
  pixelFormatOf,
} from "./av_format.ts";
import { type AvLibrary, describeAvError } from "./av_library.ts";
import { AvTurner } from "./av_turner.ts";
import { readTurn, type Turn } from "./turn.ts";

/**
 * Makes decoded FFmpeg frames readable for the kernels and copies them to their place.
 *
 * Formats the kernels know are copied as they are, row padding included; everything else goes
 * through FFmpeg's scaler first, see {@linkcode conversionTarget}. Pictures that say they are
 * turned or mirrored (phones write that into videos and photographs) are put upright.
 */
export class AvPictureReader implements Disposable {
  readonly #av: AvLibrary;
  readonly #turner: AvTurner;
  #converted: AvFrame | null = null;
  #scaler: SoftwareScaleContext | null = null;
  #ready: AvFrame | null = null;
  #shape: PictureShape | null = null;
  #sizes: readonly PlaneSize[] = [];
  #bytes: Uint8Array | null = null;
  #formatNumber = -1;
  #formatName = "";

  /** Makes a reader; it allocates only if frames must be converted. */
  constructor(av: AvLibrary) {
    this.#av = av;
    this.#turner = new AvTurner(av);
  }

  /**
   * Makes `frame` ready for {@linkcode copyInto}, at once unless it has to be converted; it must
   * stay as it is until then.
   *
   * @throws {FoveaError} `PIXEL_FORMAT` if the kernels cannot read it and it cannot be converted.
   */
  prepare(frame: AvFrame): PictureShape | Promise<PictureShape> {
    const turn = readTurn(frame.getSideData(this.#av.constants.AV_FRAME_DATA_DISPLAYMATRIX));
    return turn === "none" ? this.#prepareUpright(frame) : this.#prepareTurned(frame, turn);
  }

  async #prepareTurned(frame: AvFrame, turn: Exclude<Turn, "none">): Promise<PictureShape> {
    return await this.#prepareUpright(await this.#turner.turn(frame, turn));
  }

  #prepareUpright(frame: AvFrame): PictureShape | Promise<PictureShape> {
    const name = this.#nameOf(frame.format);
    const direct = pixelFormatOf(name);
    const fullRange = isFullRange(name, frame.colorRange);
    // Gray is full range for the kernels; video gray must be stretched.
    const stretched = direct === "gray8" && frame.colorRange === AV_RANGE_LIMITED;
    const linesize = frame.linesize;
    if (direct !== null && !stretched && rowsFit(direct, frame, linesize)) {
      this.#ready = frame;
      return this.#shapeOf(frame, direct, linesize, fullRange);
    }
    return this.#prepareConverted(frame, name, fullRange);
  }

  /** Copies the prepared frame into the arena: one copy of each plane, row padding included. */
  copyInto(picture: Picture, arena: Arena): void {
    const planes = this.#ready?.data;
    if (planes === null || planes === undefined) {
      throw new TypeError("Cannot copy a picture: none is prepared");
    }
    this.#ready = null;
    if (this.#bytes?.buffer !== arena.buffer) this.#bytes = new Uint8Array(arena.buffer);
    for (let index = 0; index < this.#sizes.length; index++) {
      const { byteOffset, strideBytes } = picture.planes[index]!;
      const bytes = strideBytes * this.#sizes[index]!.rows;
      const plane = planes[index]!;
      this.#bytes.set(plane.length === bytes ? plane : plane.subarray(0, bytes), byteOffset);
    }
  }

  /** Frees what conversion needed. */
  [Symbol.dispose](): void {
    this.#turner[Symbol.dispose]();
    this.#converted?.free();
    this.#scaler?.freeContext();
    this.#converted = null;
    this.#scaler = null;
    this.#ready = null;
  }

  async #prepareConverted(
    frame: AvFrame,
    name: string,
    fullRange: boolean,
  ): Promise<PictureShape> {
    const target = conversionTarget(name);
    const converted = await this.#convert(frame, name, target, fullRange);
    this.#ready = converted;
    return this.#shapeOf(converted, pixelFormatOf(target)!, converted.linesize, fullRange);
  }

  async #convert(
    source: AvFrame,
    name: string,
    targetName: string,
    fullRange: boolean,
  ): Promise<AvFrame> {
    const { width, height } = source;
    const { lib, constants } = this.#av;
    const format = lib.avGetPixFmtFromName(targetName);
    let target = this.#converted;
    if (target?.width !== width || target.height !== height || target.format !== format) {
      target?.free();
      target = this.#converted = new lib.Frame();
      target.alloc();
      target.width = width;
      target.height = height;
      target.format = format;
      this.#check(target.getBuffer(), name, source);
    }
    // Same range and matrix on both sides: only the layout changes, values keep their meaning. RGB
    // has no matrix and is always full range.
    const isRgb = targetName === "rgb24";
    target.colorSpace = isRgb ? constants.AVCOL_SPC_RGB : source.colorSpace;
    target.colorRange = fullRange || isRgb || targetName === "gray"
      ? constants.AVCOL_RANGE_JPEG
      : constants.AVCOL_RANGE_MPEG;
    if (this.#scaler === null) {
      this.#scaler = new lib.SoftwareScaleContext();
      this.#scaler.allocContext();
    }
    this.#check(await this.#scaler.scaleFrame(target, source), name, source);
    return target;
  }

  /** The same object as last time while nothing about the pictures changes. */
  #shapeOf(
    frame: AvFrame,
    format: PixelFormat,
    linesize: readonly number[],
    fullRange: boolean,
  ): PictureShape {
    const { width, height } = frame;
    const isYuv = format === "i420" || format === "nv12" || format === "yuyv";
    const colorRange = fullRange || !isYuv ? "full" : "limited";
    const colorMatrix = colorMatrixOf(frame.colorSpace);
    const last = this.#shape;
    if (
      last !== null && last.width === width && last.height === height && last.format === format &&
      last.colorRange === colorRange && last.colorMatrix === colorMatrix &&
      last.stridesBytes.every((stride, index) => stride === linesize[index])
    ) return last;
    this.#sizes = planeSizes(format, width, height);
    const stridesBytes = linesize.slice(0, this.#sizes.length);
    this.#shape = { format, width, height, colorRange, colorMatrix, stridesBytes };
    return this.#shape;
  }

  #nameOf(format: number): string {
    if (format !== this.#formatNumber) {
      this.#formatNumber = format;
      this.#formatName = this.#av.lib.avGetPixFmtName(format as AVPixelFormat) ?? `#${format}`;
    }
    return this.#formatName;
  }

  #check(code: number, name: string, { width, height }: AvFrame): void {
    if (code >= 0) return;
    throw new FoveaError(
      "PIXEL_FORMAT",
      `Cannot convert ${name} pictures of ${width}×${height}: ${describeAvError(this.#av, code)}`,
      { hint: "Set the camera to another pixel format, or convert the file" },
    );
  }
}

/** Whether rows go top-down and hold a whole row each. */
function rowsFit(format: PixelFormat, frame: AvFrame, linesize: readonly number[]): boolean {
  return planeSizes(format, frame.width, frame.height)
    .every(({ rowBytes }, index) => (linesize[index] ?? 0) >= rowBytes);
}
