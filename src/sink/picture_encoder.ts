import type { CodecContext, Packet } from "node-av/lib";
import { FoveaError } from "../core/errors.ts";
import { type AvLibrary, checkAv, findEncoder } from "./av_library.ts";
import type { AvPicture, AvPictureShape } from "./av_picture.ts";

/** Kinds of single pictures. */
export type PictureKind = "jpeg" | "png";

/** JPEG quantiser, 1 (best) to 31: 3 is hard to tell from the original. */
const JPEG_QUANTISER = 3;
/** zlib's effort for PNG, 1–9: 3 takes a third of the time of 6 for a third more bytes. */
const PNG_EFFORT = 3;
const KIND_OPTIONS = {
  jpeg: { encoder: "mjpeg", label: "JPEG" },
  png: { encoder: "png", label: "PNG" },
} as const;

/** Turns pictures of one size into JPEG or PNG files, each on its own. */
export class PictureEncoder implements Disposable {
  readonly #av: AvLibrary;
  readonly #context: CodecContext;
  readonly #packet: Packet;
  readonly #label: string;
  #count = 0n;

  private constructor(av: AvLibrary, context: CodecContext, label: string) {
    this.#av = av;
    this.#context = context;
    this.#label = label;
    this.#packet = new av.lib.Packet();
    this.#packet.alloc();
  }

  /** What pictures must look like to be encoded: JPEG is full-range BT.601 (JFIF), PNG is RGB. */
  static shapeFor(av: AvLibrary, kind: PictureKind, width: number, height: number): AvPictureShape {
    const { AV_PIX_FMT_YUV420P, AV_PIX_FMT_RGB24 } = av.constants;
    return kind === "jpeg"
      ? { format: AV_PIX_FMT_YUV420P, width, height, colorRange: "full", colorMatrix: "bt601" }
      : { format: AV_PIX_FMT_RGB24, width, height, colorRange: "full", colorMatrix: null };
  }

  /**
   * Opens an encoder for pictures of this shape.
   *
   * @throws {FoveaError} `SINK_OPEN` if this build of FFmpeg has none, or not for this size.
   */
  static async open(
    av: AvLibrary,
    kind: PictureKind,
    shape: AvPictureShape,
  ): Promise<PictureEncoder> {
    const { encoder, label } = KIND_OPTIONS[kind];
    const codec = findEncoder(av, [encoder]);
    if (codec === null) {
      throw new FoveaError("SINK_OPEN", `Cannot write ${label}: FFmpeg was built without it`);
    }
    const { constants } = av;
    const context = new av.lib.CodecContext();
    context.allocContext3(codec);
    try {
      context.width = shape.width;
      context.height = shape.height;
      context.pixelFormat = shape.format;
      context.timeBase = new av.lib.Rational(1, 1000);
      context.threadCount = 1;
      if (kind === "jpeg") {
        context.colorRange = constants.AVCOL_RANGE_JPEG;
        context.colorSpace = constants.AVCOL_SPC_SMPTE170M;
        context.setFlags(constants.AV_CODEC_FLAG_QSCALE);
        context.globalQuality = constants.FF_QP2LAMBDA * JPEG_QUANTISER;
      } else {
        context.setOption("compression_level", PNG_EFFORT);
        context.setOption("pred", "up");
      }
      const what = `write ${label} pictures of ${shape.width}×${shape.height}`;
      checkAv(av, await context.open2(codec, null), "SINK_OPEN", what);
      return new PictureEncoder(av, context, label);
    } catch (error) {
      context.freeContext();
      throw error;
    }
  }

  /**
   * Encodes one picture; the bytes are on loan until the next call.
   *
   * @throws {FoveaError} `SINK_WRITE` if FFmpeg refuses it.
   */
  async encode(picture: AvPicture): Promise<Uint8Array> {
    const what = `encode a ${this.#label} picture`;
    this.#packet.unref();
    picture.frame.pts = this.#count++;
    picture.frame.quality = this.#context.globalQuality;
    checkAv(this.#av, await this.#context.sendFrame(picture.frame), "SINK_WRITE", what);
    checkAv(this.#av, await this.#context.receivePacket(this.#packet), "SINK_WRITE", what);
    return this.#packet.data ?? new Uint8Array(0);
  }

  /** Closes the encoder. */
  [Symbol.dispose](): void {
    this.#packet.free();
    this.#context.freeContext();
  }
}
