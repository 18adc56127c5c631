import type { Codec, CodecContext, FormatContext, Packet, Stream } from "node-av/lib";
import { FoveaError } from "../core/errors.ts";
import { type AvLibrary, checkAv, findEncoder } from "./av_library.ts";
import { type AvPicture, type AvPictureShape, colorSpaceOf } from "./av_picture.ts";
import { TICKS_PER_SECOND } from "./presentation_clock.ts";

/** Encoders for MP4 in the order they are wanted. */
const ENCODERS = ["libx264", "libopenh264", "mpeg4"];
/** x264's constant rate factor: 23 is its own default, good for watching. */
const X264_RATE_FACTOR = "23";
/** MPEG-4 quantiser, 1–31, for builds without H.264. */
const MPEG4_QUANTISER = 4;
/** Bits per pixel and picture for OpenH264, which has no constant quality. */
const OPENH264_BITS_PER_PIXEL = 0.15;
/** Longest side of a picture that H.264 and MPEG-4 encoders take, in pixels. */
const SIDE_MAX = 16_384;
/** Most stream time that a killed process loses, in microseconds. */
const FRAGMENT_US = 1_000_000;
/** Seconds between pictures that stand alone. */
const KEYFRAME_SECONDS = 2;

/** What an {@linkcode Mp4Encoder} writes. */
export interface Mp4Options {
  /** Pictures a second; a guide for the encoder, the times of the pictures are kept. */
  readonly fps: number;
  /** Threads of the encoder. */
  readonly threads: number;
}

/**
 * The encoder this build of FFmpeg has for MP4.
 *
 * @throws {FoveaError} `SINK_OPEN` if it has none.
 */
export function findMp4Encoder(av: AvLibrary): Codec {
  const codec = findEncoder(av, ENCODERS);
  if (codec === null) {
    throw new FoveaError(
      "SINK_OPEN",
      `Cannot write MP4: FFmpeg was built without ${ENCODERS.join(", ")}`,
      { hint: "Save to a .mjpeg file instead" },
    );
  }
  return codec;
}

/**
 * Encodes pictures into an MP4 file. The file grows in fragments of about a second, so that it
 * plays whatever happens; {@linkcode Mp4Encoder.finish} adds the index that makes seeking fast.
 */
export class Mp4Encoder implements AsyncDisposable {
  readonly #av: AvLibrary;
  readonly #path: string;
  readonly #context: CodecContext;
  readonly #format: FormatContext;
  readonly #packet: Packet;
  #stream: Stream | null = null;
  #freed = false;

  private constructor(av: AvLibrary, path: string) {
    this.#av = av;
    this.#path = path;
    this.#context = new av.lib.CodecContext();
    this.#format = new av.lib.FormatContext();
    this.#packet = new av.lib.Packet();
    this.#packet.alloc();
  }

  /**
   * Opens the encoder and writes the head of the file.
   *
   * @throws {FoveaError} `SINK_OPEN` if the encoder refuses the size or the file cannot be opened.
   */
  static async open(
    av: AvLibrary,
    path: string,
    shape: AvPictureShape,
    options: Mp4Options,
  ): Promise<Mp4Encoder> {
    if (Math.max(shape.width, shape.height) > SIDE_MAX) {
      throw new FoveaError(
        "SINK_OPEN",
        `Cannot write pictures of ${shape.width}×${shape.height} as MP4: the longest side may have ${SIDE_MAX} pixels`,
        { hint: "Save to a .mjpeg file or to numbered .png files instead" },
      );
    }
    const encoder = new Mp4Encoder(av, path);
    try {
      await encoder.#openCodec(findMp4Encoder(av), shape, options);
      await encoder.#openFile();
      return encoder;
    } catch (error) {
      await encoder[Symbol.asyncDispose]();
      throw error;
    }
  }

  /**
   * Encodes one picture to be shown at `ticks` for `periodTicks`; times must rise.
   *
   * @throws {FoveaError} `SINK_WRITE` if the encoder refuses it or the file cannot be written.
   */
  async encode(picture: AvPicture, ticks: number, periodTicks: number): Promise<void> {
    const { frame } = picture;
    frame.pts = BigInt(ticks);
    frame.duration = BigInt(periodTicks);
    frame.pictType = this.#av.constants.AV_PICTURE_TYPE_NONE;
    frame.quality = this.#context.globalQuality;
    const status = await this.#context.sendFrame(frame);
    checkAv(this.#av, status, "SINK_WRITE", `encode a picture for ${this.#path}`);
    await this.#drain();
  }

  /**
   * Writes what is still in the encoder, and the index.
   *
   * @throws {FoveaError} `SINK_WRITE` if the file cannot be written.
   */
  async finish(): Promise<void> {
    const status = await this.#context.sendFrame(null);
    checkAv(this.#av, status, "SINK_WRITE", `encode the last picture for ${this.#path}`);
    await this.#drain();
    this.#checkWrite(await this.#format.writeTrailer());
    await this.#format.closeOutput();
  }

  /** Frees everything. The file stays as it is: without an index if it was not finished. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#freed) return;
    this.#freed = true;
    await this.#format.closeOutput();
    this.#format.freeContext();
    this.#packet.free();
    this.#context.freeContext();
  }

  async #openCodec(codec: Codec, shape: AvPictureShape, options: Mp4Options): Promise<void> {
    const { lib, constants } = this.#av;
    const context = this.#context;
    context.allocContext3(codec);
    context.width = shape.width;
    context.height = shape.height;
    context.pixelFormat = shape.format;
    context.colorRange = constants.AVCOL_RANGE_MPEG;
    context.colorSpace = colorSpaceOf(this.#av, shape.colorMatrix);
    context.timeBase = new lib.Rational(1, TICKS_PER_SECOND);
    context.framerate = new lib.Rational(Math.round(1000 * options.fps), 1000);
    context.gopSize = Math.max(1, Math.min(250, Math.round(KEYFRAME_SECONDS * options.fps)));
    context.maxBFrames = 0;
    context.threadCount = options.threads;
    context.setFlags(constants.AV_CODEC_FLAG_GLOBAL_HEADER);
    if (codec.name === "libx264") {
      context.setOption("preset", "ultrafast");
      context.setOption("crf", X264_RATE_FACTOR);
    } else if (codec.name === "mpeg4") {
      context.setFlags(constants.AV_CODEC_FLAG_QSCALE);
      context.globalQuality = constants.FF_QP2LAMBDA * MPEG4_QUANTISER;
    } else {
      const bits = shape.width * shape.height * options.fps * OPENH264_BITS_PER_PIXEL;
      context.bitRate = BigInt(Math.round(bits));
    }
    const what = `encode ${shape.width}×${shape.height} with ${codec.name} for ${this.#path}`;
    checkAv(this.#av, await context.open2(codec, null), "SINK_OPEN", what);
  }

  async #openFile(): Promise<void> {
    const { lib } = this.#av;
    const what = `create ${this.#path}`;
    // The prefix keeps a colon in the name from being read as a protocol.
    const url = `file:${this.#path}`;
    checkAv(this.#av, this.#format.allocOutputContext2(null, "mp4", url), "SINK_OPEN", what);
    const stream = this.#format.newStream(null);
    stream.timeBase = this.#context.timeBase;
    stream.avgFrameRate = this.#context.framerate;
    checkAv(this.#av, stream.codecpar.fromContext(this.#context), "SINK_OPEN", what);
    checkAv(this.#av, await this.#format.openOutput(), "SINK_OPEN", what);
    const options = lib.Dictionary.fromObject({
      movflags: "hybrid_fragmented",
      frag_duration: String(FRAGMENT_US),
      flush_packets: "1",
    });
    try {
      checkAv(
        this.#av,
        await this.#format.writeHeader(options),
        "SINK_WRITE",
        `write ${this.#path}`,
      );
    } finally {
      options.free();
    }
    this.#stream = stream;
  }

  /** Moves everything the encoder has ready to the file. */
  async #drain(): Promise<void> {
    const { lib } = this.#av;
    const packet = this.#packet;
    const again = lib.FFmpegError.AVERROR(lib.PosixError.EAGAIN);
    for (;;) {
      const status = await this.#context.receivePacket(packet);
      if (status === again || status === this.#av.constants.AVERROR_EOF) return;
      checkAv(this.#av, status, "SINK_WRITE", `encode a picture for ${this.#path}`);
      packet.streamIndex = 0;
      packet.rescaleTs(this.#context.timeBase, this.#stream!.timeBase);
      this.#checkWrite(await this.#format.interleavedWriteFrame(packet));
    }
  }

  #checkWrite(status: number): void {
    checkAv(this.#av, status, "SINK_WRITE", `write ${this.#path}`);
  }
}
