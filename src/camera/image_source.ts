import { Buffer } from "node:buffer";
import type { AVCodecID } from "node-av/constants";
import type { CodecContext, Frame as AvFrame, Packet } from "node-av/lib";
import type { Clock } from "../core/clock.ts";
import { FoveaError } from "../core/errors.ts";
import type { Arena, Picture } from "../core/frame.ts";
import type { PictureShape } from "../core/frame_draft.ts";
import { explainAccess } from "./access_error.ts";
import { type AvLibrary, describeAvError, loadAvLibrary } from "./av_library.ts";
import { AvPictureReader } from "./av_picture.ts";
import type { PictureSource, SourceFacts } from "./picture_source.ts";

/** Biggest image file, in bytes. */
const FILE_BYTES_MAX = 256 * 1024 * 1024;

/** How an image file begins, and what decodes it. */
const MAGIC: readonly { readonly codec: ImageCodec; readonly bytes: readonly (number | null)[] }[] =
  [
    { codec: "AV_CODEC_ID_MJPEG", bytes: [0xff, 0xd8, 0xff] },
    { codec: "AV_CODEC_ID_PNG", bytes: [0x89, 0x50, 0x4e, 0x47] },
    { codec: "AV_CODEC_ID_BMP", bytes: [0x42, 0x4d] },
    // RIFF, four bytes of size, WEBP
    {
      codec: "AV_CODEC_ID_WEBP",
      bytes: [0x52, 0x49, 0x46, 0x46, null, null, null, null, 0x57, 0x45, 0x42, 0x50],
    },
  ];

type ImageCodec = "AV_CODEC_ID_MJPEG" | "AV_CODEC_ID_PNG" | "AV_CODEC_ID_BMP" | "AV_CODEC_ID_WEBP";

/**
 * Opens image files as the pictures of one source; what a file is, its first bytes tell.
 *
 * @param paths The files in order, at least one.
 * @param fps Pictures per second, or `null`: then one picture a second is assumed for `ptsMs`.
 * @throws {FoveaError} `CAMERA_OPEN` if the first one cannot be read or decoded.
 */
export async function openImageSource(
  paths: readonly string[],
  fps: number | null,
  clock: Clock,
): Promise<PictureSource> {
  const decoder = new ImageDecoder(await loadAvLibrary(), clock);
  try {
    await decoder.decode(paths[0]!);
    const { width, height } = await decoder.reader.prepare(decoder.frame);
    return new ImageSource(paths, fps, { width, height }, decoder);
  } catch (error) {
    decoder[Symbol.dispose]();
    if (!(error instanceof FoveaError && error.code === "CAMERA_LOST")) throw error;
    throw new FoveaError("CAMERA_OPEN", error.message, { cause: error });
  }
}

class ImageSource implements PictureSource {
  readonly facts: SourceFacts;
  readonly readingSinceMs = null;
  readonly lostPictures = 0;
  ptsMs: number | null = null;
  readonly #paths: readonly string[];
  readonly #decoder: ImageDecoder;
  readonly #periodMs: number;
  #index = -1;

  /** Takes over a decoder that holds the first picture. */
  constructor(
    paths: readonly string[],
    fps: number | null,
    size: { readonly width: number; readonly height: number },
    decoder: ImageDecoder,
  ) {
    this.#paths = paths;
    this.#decoder = decoder;
    this.#periodMs = 1000 / (fps ?? 1);
    this.facts = {
      kind: "file",
      ...size,
      fps,
      frameCount: paths.length,
      canStall: false,
    };
  }

  get decodeMs(): number {
    return this.#decoder.decodeMs;
  }

  get receivedMs(): number {
    return this.#decoder.receivedMs;
  }

  async advance(): Promise<boolean> {
    const path = this.#paths[this.#index + 1];
    if (path === undefined) return false;
    this.#index++;
    // The first one was decoded while opening.
    if (this.#index > 0) await this.#decoder.decode(path);
    this.ptsMs = this.#index * this.#periodMs;
    return true;
  }

  prepare(): PictureShape | Promise<PictureShape> {
    return this.#decoder.reader.prepare(this.#decoder.frame);
  }

  copyInto(picture: Picture, arena: Arena): void {
    this.#decoder.reader.copyInto(picture, arena);
  }

  interrupt(): void {}

  [Symbol.asyncDispose](): Promise<void> {
    this.#decoder[Symbol.dispose]();
    return Promise.resolve();
  }
}

/** Decodes whole image files; keeps one decoder per format and one buffer for the file's bytes. */
class ImageDecoder implements Disposable {
  readonly frame: AvFrame;
  readonly reader: AvPictureReader;
  decodeMs = 0;
  receivedMs = 0;
  readonly #av: AvLibrary;
  readonly #clock: Clock;
  readonly #packet: Packet;
  readonly #codecs = new Map<ImageCodec, CodecContext>();
  #bytes = Buffer.alloc(256 * 1024);

  constructor(av: AvLibrary, clock: Clock) {
    this.#av = av;
    this.#clock = clock;
    this.reader = new AvPictureReader(av);
    this.frame = new av.lib.Frame();
    this.frame.alloc();
    this.#packet = new av.lib.Packet();
    this.#packet.alloc();
  }

  /** Decodes one file into `frame`. @throws {FoveaError} `CAMERA_LOST` with the file's name. */
  async decode(path: string): Promise<void> {
    const length = await this.#readFile(path);
    const kind = MAGIC.find(({ bytes }) =>
      bytes.every((byte, at) => byte === null || (at < length && this.#bytes[at] === byte))
    );
    if (kind === undefined) throw lost(path, "it is not a JPEG, PNG, BMP or WebP file");
    const codec = await this.#codecFor(kind.codec, path);
    this.frame.unref();
    this.receivedMs = this.#clock.nowMs();
    this.#packet.data = this.#bytes.subarray(0, length);
    // Without this the PNG decoder takes it for the difference to the image before.
    this.#packet.isKeyframe = true;
    const sent = await codec.sendPacket(this.#packet);
    this.#packet.unref();
    let code = sent < 0 ? sent : codec.receiveFrameSync(this.frame);
    if (code === this.#av.constants.AVERROR_EAGAIN) {
      await codec.sendPacket(null);
      code = await codec.receiveFrame(this.frame);
      codec.flushBuffers();
    }
    this.decodeMs = this.#clock.nowMs() - this.receivedMs;
    if (code < 0 && kind.codec === "AV_CODEC_ID_WEBP" && isAnimatedWebp(this.#bytes)) {
      throw lost(path, "it is an animated WebP, which the video library does not decode");
    }
    if (code < 0) throw lost(path, describeAvError(this.#av, code));
    if (this.frame.decodeErrorFlags !== 0) throw lost(path, "it is damaged");
  }

  [Symbol.dispose](): void {
    this.reader[Symbol.dispose]();
    this.frame.free();
    this.#packet.free();
    for (const codec of this.#codecs.values()) codec.freeContext();
    this.#codecs.clear();
  }

  /** Reads a whole file into the buffer, which only grows; returns the number of bytes. */
  async #readFile(path: string): Promise<number> {
    try {
      using file = await Deno.open(path, { read: true });
      const { size } = await file.stat();
      if (size > FILE_BYTES_MAX) {
        throw lost(path, `it has ${size} bytes, the most is ${FILE_BYTES_MAX}`);
      }
      if (size > this.#bytes.length) this.#bytes = Buffer.alloc(Math.ceil(size * 1.25));
      let filled = 0;
      while (filled < size) {
        const read = await file.read(this.#bytes.subarray(filled, size));
        if (read === null) break;
        filled += read;
      }
      return filled;
    } catch (cause) {
      throw new FoveaError("CAMERA_LOST", explainAccess(cause, path).message, { cause });
    }
  }

  async #codecFor(name: ImageCodec, path: string): Promise<CodecContext> {
    const known = this.#codecs.get(name);
    if (known !== undefined) return known;
    const { lib, constants } = this.#av;
    const decoder = lib.Codec.findDecoder(constants[name] as AVCodecID);
    if (decoder === null) throw lost(path, `the video library has no decoder for ${name}`);
    const codec = new lib.CodecContext();
    codec.allocContext3(decoder);
    codec.threadCount = 1;
    // A damaged image is an error, not a gray area.
    codec.setOption("err_detect", "explode");
    const code = await codec.open2(decoder, null);
    if (code < 0) {
      codec.freeContext();
      throw lost(path, describeAvError(this.#av, code));
    }
    this.#codecs.set(name, codec);
    return codec;
  }
}

/** Whether an extended WebP header says that there are several pictures (its bit 1). */
function isAnimatedWebp(bytes: Uint8Array): boolean {
  return new TextDecoder().decode(bytes.subarray(12, 16)) === "VP8X" && (bytes[20]! & 2) !== 0;
}

function lost(path: string, reason: string): FoveaError {
  return new FoveaError("CAMERA_LOST", `Cannot decode the image ${path}: ${reason}`);
}
