import { FoveaError } from "../core/errors.ts";
import type { CameraUri, V4l2Format } from "./camera_uri.ts";
import { DECODED_CAPS, READABLE_CAPS } from "./gst_caps.ts";
import { FILTER_NAME } from "./gst_messages.ts";
import type { CsiUri, GstUri } from "./gst_uri.ts";
import { quoteProperty, toFraction } from "./gst_words.ts";

/** The address of an IP camera. */
export interface RtspUri {
  /** The scheme. */
  readonly scheme: "rtsp";
  /** The URI; passwords are `***`. */
  readonly label: string;
  /** The whole address. */
  readonly url: URL;
}

/** A V4L2 device. */
type V4l2Uri = Extract<CameraUri, { readonly scheme: "v4l2" }>;

/** A URI that GStreamer can open. */
export type GstreamerUri = CsiUri | GstUri | V4l2Uri | RtspUri;

/** How video over RTP is coded, in the words of RFC 6184 and RFC 7798. */
export type RtpEncoding = "H264" | "H265";

/** What a pipeline depends on besides the URI. */
export interface PipelineFacts {
  /** Whether NVIDIA's elements for Jetson do the decoding and converting. */
  readonly isJetson: boolean;
  /** How RTSP carries the pictures. */
  readonly rtspTransport: "tcp" | "udp";
  /** How an RTSP camera codes its pictures. */
  readonly rtpEncoding: RtpEncoding;
}

/** Milliseconds of pictures that are kept to put packets of the network in order. */
const RTSP_LATENCY_MS = 100;

/** GStreamer's names of raw V4L2 formats. */
const RAW_FORMATS: Readonly<Partial<Record<V4l2Format, string>>> = {
  yuyv: "YUY2",
  nv12: "NV12",
  i420: "I420",
  rgb24: "RGB",
  bgr24: "BGR",
  gray8: "GRAY8",
};

/** From NVIDIA's memory, which no other program can read, to main memory. */
const TO_MAIN_MEMORY = ["nvvidconv", "!", ...take("video/x-raw,format=NV12")];

/**
 * The pipeline for a source in the words of `gst-launch-1.0`, up to where pictures are taken. On a
 * Jetson pictures are decoded and converted by its hardware.
 *
 * @throws {FoveaError} `CAMERA_URI` if an address cannot be written into a pipeline.
 */
export function buildPipeline(uri: GstreamerUri, facts: PipelineFacts): string[] {
  switch (uri.scheme) {
    case "csi":
      return captureCsi(uri);
    case "gst":
      return [...uri.words, "!", ...take(READABLE_CAPS)];
    case "v4l2":
      return captureV4l2(uri, facts.isJetson);
    case "rtsp":
      return receiveRtsp(uri, facts);
  }
}

function captureCsi({ sensor, size, fps, mode, flip }: CsiUri): string[] {
  const caps = ["video/x-raw(memory:NVMM)", "format=NV12", ...sizeAndRate(size, fps)];
  return [
    "nvarguscamerasrc",
    `sensor-id=${sensor}`,
    ...(mode === null ? [] : [`sensor-mode=${mode}`]),
    "!",
    caps.join(","),
    "!",
    "nvvidconv",
    ...(flip === null ? [] : [`flip-method=${flip}`]),
    "!",
    ...take("video/x-raw,format=NV12"),
  ];
}

function captureV4l2(uri: V4l2Uri, isJetson: boolean): string[] {
  const { label, device, size, fps, format } = uri;
  const source = ["v4l2src", quote("device", device, label), "!"];
  const asked = sizeAndRate(size, fps);
  switch (format) {
    case "mjpeg":
      return [
        ...source,
        ["image/jpeg", ...asked].join(","),
        "!",
        ...(isJetson
          ? ["nvv4l2decoder", "mjpeg=1", "!", ...TO_MAIN_MEMORY]
          : ["jpegdec", "!", ...take(READABLE_CAPS)]),
      ];
    case "h264":
      return [
        ...source,
        ["video/x-h264", ...asked].join(","),
        "!",
        ...decode("H264", isJetson),
      ];
    case null:
      return [...source, ...take([READABLE_CAPS, ...asked].join(","))];
    default:
      return [
        ...source,
        ...take(["video/x-raw", `format=${RAW_FORMATS[format]}`, ...asked].join(",")),
      ];
  }
}

function receiveRtsp(
  { label, url }: RtspUri,
  { isJetson, rtspTransport, rtpEncoding }: PipelineFacts,
): string[] {
  return [
    "rtspsrc",
    // A backslash has a meaning of its own in a pipeline; in an address it may be encoded.
    quote("location", url.href.replaceAll("\\", "%5C"), label),
    `latency=${RTSP_LATENCY_MS}`,
    `protocols=${rtspTransport}`,
    "!",
    rtpEncoding === "H264" ? "rtph264depay" : "rtph265depay",
    "!",
    ...decode(rtpEncoding, isJetson),
    "!",
    // What cannot be handed on in time is dropped: the newest picture is the one that counts.
    "queue",
    "max-size-buffers=2",
    "leaky=downstream",
  ];
}

/** From a coded stream to pictures in main memory. */
function decode(encoding: RtpEncoding, isJetson: boolean): string[] {
  const parser = encoding === "H264" ? "h264parse" : "h265parse";
  if (isJetson) {
    return [parser, "!", "nvv4l2decoder", "enable-max-performance=1", "!", ...TO_MAIN_MEMORY];
  }
  const decoder = encoding === "H264" ? "avdec_h264" : "avdec_h265";
  return [parser, "!", decoder, "!", "videoconvert", "!", ...take(DECODED_CAPS)];
}

/** The last element but the sink: says which pictures are taken, and later what they are like. */
function take(caps: string): string[] {
  return ["capsfilter", `name=${FILTER_NAME}`, `caps=${caps}`];
}

function sizeAndRate(
  size: { readonly width: number; readonly height: number } | null,
  fps: number | null,
): string[] {
  return [
    ...(size === null ? [] : [`width=${size.width}`, `height=${size.height}`]),
    ...(fps === null ? [] : [`framerate=${toFraction(fps)}`]),
  ];
}

function quote(name: string, value: string, label: string): string {
  const property = quoteProperty(name, value);
  if (property !== null) return property;
  throw new FoveaError(
    "CAMERA_URI",
    `Cannot use the camera URI ${
      JSON.stringify(label)
    } with GStreamer: it holds a quote or a backslash`,
    { hint: "Use the backend ffmpeg, or a path without them" },
  );
}
