import * as constants from "node-av/constants";
import { Codec, CodecContext, FFmpegError, FormatContext, Frame, Log, Packet } from "node-av/lib";
import { SoftwareScaleContext, type Stream } from "node-av/lib";
import type { Rgb } from "./fake_frame.ts";

/** One decoded picture. */
export interface DecodedPicture {
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
  /** Presentation time in milliseconds. */
  readonly ptsMs: number;
  /** Colour of a pixel, by the range and matrix that the file states. */
  readonly colorAt: (x: number, y: number) => Rgb;
}

/** What a video or picture file holds. */
export interface DecodedFile {
  /** Name of the codec. */
  readonly codec: string;
  /** Range and matrix as FFmpeg numbers them. */
  readonly color: { readonly range: number; readonly space: number };
  /** Every picture that could be decoded. */
  readonly pictures: readonly DecodedPicture[];
  /** Packets that could not. */
  readonly broken: number;
}

/** Decodes a video or picture file, as far as it goes. */
export async function decodePictures(path: string): Promise<DecodedFile> {
  Log.setLevel(constants.AV_LOG_QUIET); // Broken packets are counted, not printed.
  await using format = new FormatContext();
  format.allocContext();
  FFmpegError.throwIfError(await format.openInput(`file:${path}`), `open ${path}`);
  FFmpegError.throwIfError(await format.findStreamInfo(null), `read ${path}`);
  const index = format.findBestStream(constants.AVMEDIA_TYPE_VIDEO);
  const stream = format.streams[index]!;
  const codec = Codec.findDecoder(stream.codecpar.codecId)!;
  using context = new CodecContext();
  context.allocContext3(codec);
  context.parametersToContext(stream.codecpar);
  context.threadCount = 1;
  FFmpegError.throwIfError(await context.open2(codec, null), `decode ${path}`);
  const { range, space, pictures, broken } = await decodeAll(format, context, stream);
  return { codec: codec.name!, color: { range, space }, pictures, broken };
}

async function decodeAll(format: FormatContext, context: CodecContext, stream: Stream) {
  using packet = new Packet();
  packet.alloc();
  using frame = new Frame();
  frame.alloc();
  const pictures: DecodedPicture[] = [];
  let [range, space, broken] = [0, 0, 0];
  for (let more = true; more;) {
    more = await format.readFrame(packet) >= 0;
    if (more && packet.streamIndex !== stream.index) continue;
    if (await context.sendPacket(more ? packet : null) < 0) broken++;
    packet.unref();
    while (await context.receiveFrame(frame) >= 0) {
      [range, space] = [frame.colorRange, frame.colorSpace];
      const { num, den } = stream.timeBase;
      pictures.push(await toRgb(frame, 1000 * Number(frame.bestEffortTimestamp) * num / den));
      frame.unref();
    }
  }
  return { range, space, pictures, broken };
}

async function toRgb(frame: Frame, ptsMs: number): Promise<DecodedPicture> {
  const { width, height } = frame;
  using rgb = new Frame();
  rgb.alloc();
  rgb.format = constants.AV_PIX_FMT_RGB24;
  rgb.width = width;
  rgb.height = height;
  rgb.colorSpace = constants.AVCOL_SPC_RGB;
  rgb.colorRange = constants.AVCOL_RANGE_JPEG;
  FFmpegError.throwIfError(rgb.getBuffer(), "allocate a picture");
  using scaler = new SoftwareScaleContext();
  scaler.allocContext();
  scaler.setOption("sws_flags", "bicubic");
  FFmpegError.throwIfError(await scaler.scaleFrame(rgb, frame), "convert a picture");
  const strideBytes = rgb.linesize[0]!;
  const bytes = Uint8Array.from(rgb.data![0]!);
  const colorAt = (x: number, y: number): Rgb => {
    const at = y * strideBytes + 3 * x;
    return [bytes[at]!, bytes[at + 1]!, bytes[at + 2]!];
  };
  return { width, height, ptsMs, colorAt };
}
