import type { AVError } from "node-av/constants";
import type { Codec, CodecContext, FormatContext, Stream } from "node-av/lib";
import { FoveaError } from "../core/errors.ts";
import { type AvLibrary, describeAvError } from "./av_library.ts";
import type { AvTarget } from "./av_target.ts";
import { isImageName } from "./image_folder.ts";

/** An open demuxer with a decoder for its video stream. The receiver closes both. */
export interface AvInput {
  /** The demuxer. */
  readonly context: FormatContext;
  /** The video stream that is read; all others are switched off in the demuxer. */
  readonly stream: Stream;
  /** Its decoder, opened. */
  readonly codec: CodecContext;
  /** Whether it is one picture and then over: an image from a web server. */
  readonly isStill: boolean;
}

/** Demuxers that know what they send without looking into it, so that nothing has to be kept. */
const SELF_DESCRIBING: ReadonlySet<string> = new Set(["rtsp", "mpjpeg", "video4linux2,v4l2"]);

/**
 * Opens what `target` names in an allocated `context`, and the decoder of its best video stream.
 * The caller closes `context`, also after an error.
 *
 * @throws {FoveaError} `CAMERA_OPEN` if it cannot be opened; `CAMERA_NO_VIDEO` if it holds no video
 * stream.
 */
export async function openAvInput(
  av: AvLibrary,
  context: FormatContext,
  target: AvTarget,
  decoderThreads: number,
): Promise<AvInput> {
  await openDemuxer(av, context, target);
  const { stream, decoder } = pickStream(av, context, target.label);
  const codec = await openDecoder(av, stream, decoder, target, decoderThreads);
  return {
    context,
    stream,
    codec,
    isStill: target.live === null && isOneImage(context, target.url),
  };
}

/**
 * Whether a web server sent one image. The demuxers for images take any number of them one after
 * the other, which a few cameras send as video; what the server calls it tells the difference, or
 * else its name.
 */
function isOneImage(context: FormatContext, url: string): boolean {
  const demuxer = context.iformat?.name ?? "";
  if (demuxer === "image2") return true;
  const type = context.getOption("mime_type") ?? "";
  return demuxer.endsWith("_pipe") &&
    (type === "" ? isImageName(new URL(url).pathname) : /^image\//i.test(type));
}

async function openDemuxer(av: AvLibrary, context: FormatContext, target: AvTarget): Promise<void> {
  const { lib } = av;
  const format = target.demuxer === null ? null : lib.InputFormat.findInputFormat(target.demuxer);
  if (target.demuxer !== null && format === null) {
    throw new FoveaError(
      "CAMERA_OPEN",
      `Cannot open ${target.label}: the video library has no ${target.demuxer} input`,
    );
  }
  const options = lib.Dictionary.fromObject(target.options);
  try {
    const code = await context.openInput(target.url, format, options);
    if (code < 0) throw openError(av, target, code);
  } finally {
    options.free();
  }
  // Looking into a live stream keeps what was looked at: pictures that are old once it is open.
  if (SELF_DESCRIBING.has(context.iformat?.name ?? "")) return;
  const code = await context.findStreamInfo();
  if (code < 0) throw openError(av, target, code);
}

function pickStream(
  av: AvLibrary,
  context: FormatContext,
  label: string,
): { stream: Stream; decoder: Codec } {
  const { constants } = av;
  const streams = context.streams;
  const best = context.findBestStream(constants.AVMEDIA_TYPE_VIDEO, -1, -1, true);
  if (best.streamIndex === constants.AVERROR_DECODER_NOT_FOUND) {
    throw new FoveaError("CAMERA_OPEN", `Cannot open ${label}: there is no decoder for its video`);
  }
  const stream = streams[best.streamIndex];
  const isCover = stream?.hasDisposition(constants.AV_DISPOSITION_ATTACHED_PIC) ?? false;
  if (stream === undefined || best.decoder === null || isCover) {
    const kinds = streams.map(({ codecpar }) => av.lib.avGetMediaTypeString(codecpar.codecType));
    const found = isCover ? "only a cover picture" : `streams [${kinds.join(", ")}]`;
    throw new FoveaError("CAMERA_NO_VIDEO", `Cannot read video from ${label}: it holds ${found}`);
  }
  for (const other of streams) {
    if (other.index !== stream.index) other.discard = constants.AVDISCARD_ALL;
  }
  return { stream, decoder: best.decoder };
}

async function openDecoder(
  av: AvLibrary,
  stream: Stream,
  decoder: Codec,
  target: AvTarget,
  threads: number,
): Promise<CodecContext> {
  const codec = new av.lib.CodecContext();
  codec.allocContext3(decoder);
  codec.parametersToContext(stream.codecpar);
  codec.pktTimebase = stream.timeBase;
  codec.threadCount = threads;
  const code = await codec.open2(decoder, null);
  if (code >= 0) return codec;
  codec.freeContext();
  throw openError(av, target, code);
}

function openError(av: AvLibrary, target: AvTarget, code: number): FoveaError {
  const hint = openHint(av, target, code as AVError);
  return new FoveaError(
    "CAMERA_OPEN",
    `Cannot open ${target.label}: ${describeAvError(av, code)}`,
    hint === null ? {} : { hint },
  );
}

function openHint(av: AvLibrary, target: AvTarget, code: AVError): string | null {
  const { constants } = av;
  switch (code) {
    case constants.AVERROR_HTTP_UNAUTHORIZED:
    case constants.AVERROR_HTTP_FORBIDDEN:
      return "Put user name and password into the URI: scheme://user:password@host/path";
    case constants.AVERROR_HTTP_NOT_FOUND:
      return "Check the path in the URI";
    case constants.AVERROR_INVALIDDATA:
      return target.demuxer === "rtsp"
        ? "The server broke off or did not speak RTSP: check address, port and path"
        : "Check that this is a video and that it is whole";
    case constants.AVERROR_EINVAL:
      return target.localPath === null
        ? null
        : "Check that it is not empty; raw video must be in a container that states its size";
    case constants.AVERROR_EACCES:
      return "Check who may read it; for a camera device, add the user to the group video";
    default:
      return null;
  }
}
