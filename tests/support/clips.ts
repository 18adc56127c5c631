// Clips and images that tests make for themselves, with pictures that say which one they are.
import { Buffer } from "node:buffer";
import type { AVCodecID, AVPixelFormat } from "node-av/constants";
import type { CodecContext, FormatContext, Frame as AvFrame, Packet, Stream } from "node-av/lib";
import { paintPicture, type PictureContent } from "./painting.ts";

/** What {@linkcode makeClip} makes. */
export interface ClipOptions {
  /** Where to; the extension picks the container (mp4, mkv, avi, ts, m3u8, …). */
  readonly path: string;
  /** Width in pixels, even. */
  readonly width: number;
  /** Height in pixels, even. */
  readonly height: number;
  /** How many frames. */
  readonly frames: number;
  /** Frames per second. */
  readonly fps: number;
  /** `h264` by default. */
  readonly codec?: "h264" | "mjpeg" | "mpeg4" | "ffv1" | "rawvideo";
  /** FFmpeg's name of the pixel format; `yuv420p` by default, `yuvj420p` for `mjpeg`. */
  readonly pixelFormat?: string;
  /** Frames between two key frames; 10 by default. */
  readonly gop?: number;
  /** Frames in a row that are coded out of order; 0 by default. */
  readonly bFrames?: number;
  /** What the pictures show; `moving` by default. A function tells it for each frame. */
  readonly content?: PictureContent | ((index: number) => PictureContent);
  /** Display matrix to write, 9 numbers as in ISO/IEC 14496-12, 6.2.2; none by default. */
  readonly displayMatrix?: readonly number[];
  /** Options of the container, for example `{ movflags: "faststart" }`. */
  readonly muxerOptions?: Readonly<Record<string, string>>;
}

/** What {@linkcode encodePictures} makes: a clip without a container. */
export type EncodingOptions = Omit<ClipOptions, "path" | "muxerOptions" | "displayMatrix">;

/** FFmpeg as tests use it. */
interface Av {
  readonly lib: typeof import("node-av/lib");
  readonly constants: typeof import("node-av/constants");
}

async function loadAv(): Promise<Av> {
  const lib = await import("node-av/lib");
  const constants = await import("node-av/constants");
  lib.Log.setLevel(constants.AV_LOG_QUIET);
  return { lib, constants };
}

/**
 * Makes a video file whose frames carry their number, see `readPictureNumber()`: frame 0 first,
 * one more each frame.
 */
export async function makeClip(options: ClipOptions): Promise<void> {
  const av = await loadAv();
  const context = new av.lib.FormatContext();
  check(av, context.allocOutputContext2(null, null, options.path), "find a container for");
  using encoder = new Encoder(av, options, true);
  const stream = context.newStream(null);
  stream.codecpar.fromContext(encoder.codec);
  stream.timeBase = encoder.codec.timeBase;
  stream.avgFrameRate = encoder.codec.framerate;
  if (options.displayMatrix !== undefined) {
    const matrix = Buffer.from(new Int32Array(options.displayMatrix).buffer);
    stream.codecpar.addCodedSideData(av.constants.AV_PKT_DATA_DISPLAYMATRIX, matrix);
  }
  check(av, await context.openOutput(), "create");
  const muxerOptions = av.lib.Dictionary.fromObject(options.muxerOptions ?? {});
  check(av, await context.writeHeader(muxerOptions), "write the header of");
  muxerOptions.free();
  for (let index = 0; index <= options.frames; index++) {
    await encoder.encode(index, (packet) => mux(av, context, stream, encoder.codec, packet));
  }
  check(av, await context.writeTrailer(), "finish");
  await context.closeOutput();
  context.freeContext();
}

/** Encodes frames without a container: H.264 with start codes, or whole JPEG files. */
export async function encodePictures(options: EncodingOptions): Promise<Uint8Array<ArrayBuffer>[]> {
  const av = await loadAv();
  using encoder = new Encoder(av, options, false);
  const pictures: Uint8Array<ArrayBuffer>[] = [];
  for (let index = 0; index <= options.frames; index++) {
    await encoder.encode(index, (packet) => {
      pictures.push(new Uint8Array(packet.data!));
      return Promise.resolve();
    });
  }
  return pictures;
}

/** Encoders of still images, by extension. */
const IMAGE_CODECS: Readonly<Record<string, { codec: string; pixelFormat: string }>> = {
  jpg: { codec: "AV_CODEC_ID_MJPEG", pixelFormat: "yuvj420p" },
  png: { codec: "AV_CODEC_ID_PNG", pixelFormat: "rgb24" },
  bmp: { codec: "AV_CODEC_ID_BMP", pixelFormat: "bgr24" },
  webp: { codec: "AV_CODEC_ID_WEBP", pixelFormat: "yuv420p" },
};

/** Makes one image of any size from 1×1 that shows frame `index`; the extension picks the format. */
export async function makeImage(options: {
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly index?: number;
  readonly pixelFormat?: string;
  readonly content?: PictureContent;
}): Promise<void> {
  const { path, index = 0 } = options;
  const extension = path.slice(path.lastIndexOf(".") + 1);
  const image = IMAGE_CODECS[extension === "jpeg" ? "jpg" : extension];
  if (image === undefined) throw new Error(`Cannot make an image of the kind ${extension}`);
  const av = await loadAv();
  using encoder = new Encoder(av, { fps: 1, frames: index + 1, ...image, ...options }, false);
  async function save(packet: Packet): Promise<void> {
    await Deno.writeFile(path, new Uint8Array(packet.data!));
  }
  await encoder.encode(index, save);
  await encoder.encode(index + 1, save);
}

/** Makes a sound file without any video: a second of silence as WAV. */
export async function makeSound(path: string): Promise<void> {
  const bytes = new Uint8Array(44 + 16_000);
  const view = new DataView(bytes.buffer);
  function writeText(at: number, text: string): void {
    for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  }
  writeText(0, "RIFF");
  view.setUint32(4, bytes.length - 8, true);
  writeText(8, "WAVEfmt ");
  // 16 bytes of format: PCM, one channel, 8,000 samples of 16 bits a second.
  [16, 0x10001, 8000, 16_000, 0x100002].forEach((word, i) =>
    view.setUint32(16 + 4 * i, word, true)
  );
  writeText(36, "data");
  view.setUint32(40, 16_000, true);
  await Deno.writeFile(path, bytes);
}

/** Options of an encoder; `codec` may also be FFmpeg's name of a codec's id. */
type EncoderOptions = Omit<EncodingOptions, "codec"> & { readonly codec?: string };

/** Paints pictures and encodes them with one codec. */
class Encoder implements Disposable {
  readonly codec: CodecContext;
  readonly #av: Av;
  readonly #options: EncoderOptions;
  readonly #painted: AvFrame;
  readonly #converted: AvFrame | null;
  readonly #packet: Packet;

  constructor(av: Av, options: EncoderOptions, hasContainer: boolean) {
    const { lib, constants } = av;
    const { width, height, fps, codec: name = "h264", gop = 10, bFrames = 0 } = options;
    const id = constants[codecIdName(name) as keyof typeof constants] as AVCodecID;
    const encoder = name === "h264"
      ? lib.Codec.findEncoderByName(constants.FF_ENCODER_LIBX264)
      : lib.Codec.findEncoder(id);
    if (encoder === null) throw new Error(`Cannot encode ${name}: there is no encoder`);
    const isJpeg = id === constants.AV_CODEC_ID_MJPEG;
    const format = lib.avGetPixFmtFromName(
      options.pixelFormat ?? (isJpeg ? "yuvj420p" : "yuv420p"),
    );
    const codec = new lib.CodecContext();
    codec.allocContext3(encoder);
    codec.width = width;
    codec.height = height;
    codec.pixelFormat = format;
    codec.timeBase = new lib.Rational(1, fps);
    codec.framerate = new lib.Rational(fps, 1);
    codec.gopSize = gop;
    codec.maxBFrames = bFrames;
    codec.threadCount = 1;
    codec.colorRange = isJpeg ? constants.AVCOL_RANGE_JPEG : constants.AVCOL_RANGE_MPEG;
    if (isJpeg) codec.setOption("strict", -1);
    if (name === "h264") {
      codec.setOption("preset", "ultrafast");
      codec.setOption("x264-params", `scenecut=0:bframes=${bFrames}:keyint=${gop}`);
      codec.bitRate = 1_000_000n;
      if (hasContainer) codec.setFlags(constants.AV_CODEC_FLAG_GLOBAL_HEADER);
    }
    check(av, codec.open2Sync(encoder, null), "open the encoder for");
    this.#av = av;
    this.#options = options;
    this.codec = codec;
    const i420 = lib.avGetPixFmtFromName(isJpeg ? "yuvj420p" : "yuv420p");
    this.#painted = newFrame(av, width, height, i420, isJpeg);
    this.#converted = format === i420 ? null : newFrame(av, width, height, format, isJpeg);
    this.#packet = new lib.Packet();
    this.#packet.alloc();
  }

  /** Encodes frame `index`, or what is left at the index after the last; `take` gets the packets. */
  async encode(index: number, take: (packet: Packet) => Promise<void>): Promise<void> {
    const isEnd = index === this.#options.frames;
    const frame = isEnd ? null : await this.#paint(index);
    check(this.#av, await this.codec.sendFrame(frame), "encode");
    while (await this.codec.receivePacket(this.#packet) >= 0) {
      await take(this.#packet);
      this.#packet.unref();
    }
  }

  async #paint(index: number): Promise<AvFrame> {
    const { width, height, content = "moving" } = this.#options;
    const kind = typeof content === "function" ? content(index) : content;
    const painted = this.#painted;
    const pixels = paintPicture(index, width, height, kind);
    check(this.#av, painted.makeWritable(), "paint");
    check(this.#av, painted.fromBuffer(Buffer.from(pixels.buffer)), "paint");
    painted.pts = BigInt(index);
    if (this.#converted === null) return painted;
    using scaler = new this.#av.lib.SoftwareScaleContext();
    scaler.allocContext();
    check(this.#av, await scaler.scaleFrame(this.#converted, painted), "convert");
    this.#converted.pts = painted.pts;
    return this.#converted;
  }

  [Symbol.dispose](): void {
    this.#packet.free();
    this.#painted.free();
    this.#converted?.free();
    this.codec.freeContext();
  }
}

async function mux(
  av: Av,
  context: FormatContext,
  stream: Stream,
  codec: CodecContext,
  packet: Packet,
): Promise<void> {
  packet.streamIndex = stream.index;
  packet.duration = 1n;
  packet.rescaleTs(codec.timeBase, stream.timeBase);
  check(av, await context.interleavedWriteFrame(packet), "write");
}

function newFrame(
  av: Av,
  width: number,
  height: number,
  format: AVPixelFormat,
  full: boolean,
): AvFrame {
  const frame = new av.lib.Frame();
  frame.alloc();
  frame.width = width;
  frame.height = height;
  frame.format = format;
  frame.colorRange = full ? av.constants.AVCOL_RANGE_JPEG : av.constants.AVCOL_RANGE_MPEG;
  check(av, frame.getBuffer(), "allocate");
  return frame;
}

function codecIdName(name: string): string {
  return name.startsWith("AV_") ? name : `AV_CODEC_ID_${name.toUpperCase()}`;
}

function check(av: Av, code: number, verb: string): void {
  if (code < 0) throw new Error(`Cannot ${verb} the clip: ${av.lib.FFmpegError.strerror(code)}`);
}
