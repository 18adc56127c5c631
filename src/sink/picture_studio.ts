import type { Frame } from "../core/frame.ts";
import type { FrameResult } from "../core/result.ts";
import type { AvLibrary } from "./av_library.ts";
import { PictureEncoder, type PictureKind } from "./picture_encoder.ts";
import { PicturePainter } from "./picture_painter.ts";

interface Stage {
  readonly width: number;
  readonly height: number;
  readonly painter: PicturePainter;
  readonly encoder: PictureEncoder;
}

/** Draws and encodes single pictures in the size they come in. */
export class PictureStudio implements Disposable {
  readonly #av: AvLibrary;
  readonly #kind: PictureKind;
  readonly #annotate: boolean;
  #stage: Stage | null = null;

  /** Nothing is allocated before the first picture; `annotate: false` leaves pictures as they are. */
  constructor(av: AvLibrary, kind: PictureKind, annotate = true) {
    this.#av = av;
    this.#kind = kind;
    this.#annotate = annotate;
  }

  /**
   * The picture as a JPEG or PNG file; the bytes are on loan until the next call.
   *
   * @throws {FoveaError} `SINK_OPEN` if pictures of this size cannot be encoded; `SINK_WRITE` if
   * this one cannot.
   */
  async develop(result: FrameResult, frame: Frame): Promise<Uint8Array> {
    const { width, height } = frame.picture;
    if (this.#stage?.width !== width || this.#stage.height !== height) {
      this[Symbol.dispose]();
      this.#stage = await this.#open(width, height);
    }
    const picture = await this.#stage.painter.paint(result, frame);
    return await this.#stage.encoder.encode(picture);
  }

  /** Frees everything; a second call does nothing. */
  [Symbol.dispose](): void {
    this.#stage?.painter[Symbol.dispose]();
    this.#stage?.encoder[Symbol.dispose]();
    this.#stage = null;
  }

  async #open(width: number, height: number): Promise<Stage> {
    const shape = PictureEncoder.shapeFor(this.#av, this.#kind, width, height);
    const encoder = await PictureEncoder.open(this.#av, this.#kind, shape);
    try {
      const painter = new PicturePainter(this.#av, shape, this.#annotate);
      return { width, height, encoder, painter };
    } catch (error) {
      encoder[Symbol.dispose]();
      throw error;
    }
  }
}
