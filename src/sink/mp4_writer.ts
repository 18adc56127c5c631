import type { Frame, Picture } from "../core/frame.ts";
import type { FrameResult } from "../core/result.ts";
import type { PictureWriter } from "./annotated_sink.ts";
import type { AvLibrary } from "./av_library.ts";
import type { AvPictureShape } from "./av_picture.ts";
import { Mp4Encoder, type Mp4Options } from "./mp4_encoder.ts";
import { discardFile, prepareFile } from "./output_file.ts";
import { PicturePainter } from "./picture_painter.ts";
import { isYuv } from "./picture_route.ts";
import { PresentationClock } from "./presentation_clock.ts";

/** How a video is written. */
export interface VideoOptions extends Mp4Options {
  /** Whether boxes, labels and a status line are drawn. */
  readonly annotate: boolean;
}

interface OpenVideo {
  readonly painter: PicturePainter;
  readonly encoder: Mp4Encoder;
}

/**
 * Writes annotated pictures as MP4. The first picture sets the size, made even; later pictures of
 * another size are scaled to fit, with black borders. Without any picture no file is left.
 */
export class Mp4Writer implements PictureWriter {
  readonly #av: AvLibrary;
  readonly #path: string;
  readonly #isNew: boolean;
  readonly #options: VideoOptions;
  readonly #clock: PresentationClock;
  #video: OpenVideo | null = null;

  private constructor(av: AvLibrary, path: string, isNew: boolean, options: VideoOptions) {
    this.#av = av;
    this.#path = path;
    this.#isNew = isNew;
    this.#options = options;
    this.#clock = new PresentationClock(options.fps);
  }

  /**
   * Checks that the file can be written; it is opened with the first picture.
   *
   * @throws {FoveaError} `SINK_OPEN` if it cannot.
   */
  static async open(av: AvLibrary, path: string, options: VideoOptions): Promise<Mp4Writer> {
    return new Mp4Writer(av, path, await prepareFile(path), options);
  }

  async write(result: FrameResult, frame: Frame): Promise<void> {
    this.#video ??= await this.#openVideo(frame.picture);
    const { painter, encoder } = this.#video;
    const picture = await painter.paint(result, frame);
    const ticks = this.#clock.next(frame.ptsMs);
    await encoder.encode(picture, ticks, this.#clock.periodTicks);
  }

  async close(complete: boolean): Promise<void> {
    if (this.#video === null) {
      if (this.#isNew) await discardFile(this.#path);
      return;
    }
    using _painter = this.#video.painter;
    await using encoder = this.#video.encoder;
    // After a failure the index cannot be written either, and half of it would spoil the file.
    if (complete) await encoder.finish();
  }

  async #openVideo(picture: Picture): Promise<OpenVideo> {
    const shape = videoShape(this.#av, picture);
    const painter = new PicturePainter(this.#av, shape, this.#options.annotate);
    try {
      const encoder = await Mp4Encoder.open(this.#av, this.#path, shape, this.#options);
      return { painter, encoder };
    } catch (error) {
      painter[Symbol.dispose]();
      throw error;
    }
  }
}

/** Even sides, as 4:2:0 video needs them; limited range, as players expect it. */
function videoShape({ constants }: AvLibrary, picture: Picture): AvPictureShape {
  return {
    format: constants.AV_PIX_FMT_YUV420P,
    width: picture.width + picture.width % 2,
    height: picture.height + picture.height % 2,
    colorRange: "limited",
    colorMatrix: isYuv(picture.format) ? picture.colorMatrix : "bt601",
  };
}
