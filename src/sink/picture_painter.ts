import type { Frame } from "../core/frame.ts";
import type { FrameResult } from "../core/result.ts";
import type { AvLibrary } from "./av_library.ts";
import type { AvPicture, AvPictureShape, AvPlane } from "./av_picture.ts";
import type { Canvas } from "./canvas.ts";
import { I420Canvas } from "./i420_canvas.ts";
import { Overlay } from "./overlay.ts";
import { PictureConverter } from "./picture_converter.ts";
import { RgbCanvas } from "./rgb_canvas.ts";

/** Draws results on copies of their pictures, all of one size; nothing is allocated per picture. */
export class PicturePainter implements Disposable {
  readonly #converter: PictureConverter;
  readonly #overlay: Overlay | null;
  #planes: readonly AvPlane[] = [];
  #canvas: Canvas | null = null;

  /**
   * Allocates the canvas.
   *
   * @param shape What comes out: `AV_PIX_FMT_YUV420P` or, without a matrix, `AV_PIX_FMT_RGB24`.
   * @param annotate `false` leaves pictures as they are.
   */
  constructor(av: AvLibrary, shape: AvPictureShape, annotate = true) {
    this.#converter = new PictureConverter(av, shape);
    this.#overlay = annotate ? new Overlay(shape.width, shape.height) : null;
  }

  /**
   * Copies a picture and draws its result on the copy, which is on loan until the next call.
   *
   * @throws {FoveaError} `PIXEL_FORMAT` if the picture cannot be converted.
   */
  async paint(result: FrameResult, frame: Frame): Promise<AvPicture> {
    const viewport = await this.#converter.convert(frame.picture, frame.arena);
    const picture = this.#converter.canvas;
    if (this.#canvas === null || this.#planes !== picture.planes) {
      this.#planes = picture.planes;
      this.#canvas = canvasOn(picture);
    }
    this.#overlay?.draw(this.#canvas, result, viewport);
    return picture;
  }

  /** Frees everything; a second call does nothing. */
  [Symbol.dispose](): void {
    this.#canvas = null;
    this.#planes = [];
    this.#converter[Symbol.dispose]();
  }
}

function canvasOn({ planes, shape }: AvPicture): Canvas {
  const { width, height, colorRange, colorMatrix } = shape;
  if (colorMatrix !== null) {
    return new I420Canvas(planes, width, height, { colorRange, colorMatrix });
  }
  const [{ bytes, strideBytes }] = planes as readonly [AvPlane];
  return new RgbCanvas(bytes, strideBytes, width, height);
}
