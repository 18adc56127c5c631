import type { CameraSettings } from "./camera_options.ts";
import type { CameraUri, V4l2Format } from "./camera_uri.ts";

/** What FFmpeg is told to open. */
export interface AvTarget {
  /** The address as FFmpeg takes it. */
  readonly url: string;
  /** What may be shown of it. */
  readonly label: string;
  /** The demuxer to use; `null` lets FFmpeg find out. */
  readonly demuxer: string | null;
  /** Options of demuxer and protocol. */
  readonly options: Readonly<Record<string, string>>;
  /** Whether it is live; `null` if only the opened stream tells. */
  readonly live: boolean | null;
  /** Path of a local regular file, whose reads do not block; else `null`. */
  readonly localPath: string | null;
}

/** A URI that FFmpeg opens: all but image folders, drawn worlds and what only GStreamer can. */
export type AvUri = Exclude<
  CameraUri,
  { readonly scheme: "images" | "synthetic" | "csi" | "gst" }
>;

/** FFmpeg's names of V4L2 formats, where they differ from ours. */
const AV_V4L2_FORMATS: Readonly<Partial<Record<V4l2Format, string>>> = {
  yuyv: "yuyv422",
  i420: "yuv420p",
  gray8: "gray",
};

/** Microseconds of stream that FFmpeg may look at to find out what comes over HTTP. */
const HTTP_ANALYZE_US = 1_000_000;

/**
 * Builds what FFmpeg is told for a URI. Each kind of source may only use the protocols it needs:
 * a playlist from the network cannot make FFmpeg read local files.
 *
 * @param isRegularFile Whether a `file` is one; a pipe or a device can keep its reader waiting.
 */
export function buildAvTarget(
  uri: AvUri,
  settings: CameraSettings,
  isRegularFile: boolean,
): AvTarget {
  const { label } = uri;
  switch (uri.scheme) {
    case "file":
      return {
        // The prefix keeps a colon in the name from being read as a protocol.
        url: `file:${uri.path}`,
        label,
        demuxer: null,
        options: { protocol_whitelist: "file,crypto,data" },
        live: false,
        localPath: isRegularFile ? uri.path : null,
      };
    case "rtsp":
      return {
        url: uri.url.href,
        label,
        demuxer: "rtsp",
        options: {
          protocol_whitelist: "rtsp,rtsps,rtp,tcp,udp,tls",
          rtsp_transport: settings.rtspTransport,
          allowed_media_types: "video",
        },
        live: true,
        localPath: null,
      };
    case "http":
      return {
        url: uri.url.href,
        label,
        demuxer: null,
        options: {
          protocol_whitelist: "http,https,httpproxy,tcp,tls,crypto,data",
          analyzeduration: String(HTTP_ANALYZE_US),
        },
        live: null,
        localPath: null,
      };
    case "v4l2": {
      const options: Record<string, string> = {};
      if (uri.size !== null) options.video_size = `${uri.size.width}x${uri.size.height}`;
      if (uri.fps !== null) options.framerate = String(uri.fps);
      if (uri.format !== null) options.input_format = AV_V4L2_FORMATS[uri.format] ?? uri.format;
      return {
        url: uri.device,
        label,
        demuxer: "video4linux2",
        options,
        live: true,
        localPath: null,
      };
    }
  }
}
