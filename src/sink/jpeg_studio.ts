import type { Frame } from "../core/frame.ts";
import { type AvLibrary, loadAvLibrary } from "./av_library.ts";
import { PictureConverter } from "./picture_converter.ts";
import { PictureEncoder } from "./picture_encoder.ts";

/** A picture as a JPEG file. */
export interface JpegPicture {
  /** The file; the caller's to keep. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Its width in pixels. */
  readonly width: number;
  /** Its height in pixels. */
  readonly height: number;
}

interface Stage {
  readonly sourceWidth: number;
  readonly sourceHeight: number;
  readonly width: number;
  readonly height: number;
  readonly converter: PictureConverter;
  readonly encoder: PictureEncoder;
}

/** Encodes frames as they are, without drawing on them, made smaller where they are too large. */
export class JpegStudio implements Disposable {
  readonly #av: AvLibrary;
  readonly #sideMaxPx: number;
  #stage: Stage | null = null;

  private constructor(av: AvLibrary, sideMaxPx: number) {
    this.#av = av;
    this.#sideMaxPx = sideMaxPx;
  }

  /**
   * Loads the video library; nothing else is allocated before the first frame.
   *
   * @param sideMaxPx Longest side of the pictures that come out, in pixels, at least 2.
   * @throws {FoveaError} `SINK_OPEN` if the library is missing.
   */
  static async open(sideMaxPx: number): Promise<JpegStudio> {
    return new JpegStudio(await loadAvLibrary(), sideMaxPx);
  }

  /**
   * Encodes one frame.
   *
   * @throws {FoveaError} `PIXEL_FORMAT`, `SINK_OPEN` or `SINK_WRITE` if FFmpeg refuses it.
   */
  async develop(frame: Frame): Promise<JpegPicture> {
    const { width, height } = frame.picture;
    if (this.#stage?.sourceWidth !== width || this.#stage.sourceHeight !== height) {
      this[Symbol.dispose]();
      this.#stage = await this.#open(width, height);
    }
    const { converter, encoder, ...stage } = this.#stage;
    await converter.convert(frame.picture, frame.arena);
    const bytes = new Uint8Array(await encoder.encode(converter.canvas));
    return { bytes, width: stage.width, height: stage.height };
  }

  /** Frees everything; a second call does nothing. */
  [Symbol.dispose](): void {
    this.#stage?.converter[Symbol.dispose]();
    this.#stage?.encoder[Symbol.dispose]();
    this.#stage = null;
  }

  async #open(sourceWidth: number, sourceHeight: number): Promise<Stage> {
    const scale = Math.min(1, this.#sideMaxPx / Math.max(sourceWidth, sourceHeight));
    const width = fitSide(sourceWidth, scale);
    const height = fitSide(sourceHeight, scale);
    const shape = PictureEncoder.shapeFor(this.#av, "jpeg", width, height);
    const encoder = await PictureEncoder.open(this.#av, "jpeg", shape);
    try {
      const converter = new PictureConverter(this.#av, shape);
      return { sourceWidth, sourceHeight, width, height, encoder, converter };
    } catch (error) {
      encoder[Symbol.dispose]();
      throw error;
    }
  }
}

/** A side after scaling; even, as chroma has half as many samples. */
function fitSide(side: number, scale: number): number {
  return scale === 1 ? side : Math.max(2, 2 * Math.round(side * scale / 2));
}
