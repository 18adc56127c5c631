import type { WorldSettings } from "../world/world_options.ts";
import { type CsiUri, type GstUri, parseCsi, parseGst } from "./gst_uri.ts";
import { parseSynthetic } from "./synthetic_uri.ts";
import { labelOf, parseFps, parseSize, redact, refuseUri, splitQuery } from "./uri_parts.ts";

/** Most characters of a URI. */
const URI_CHARS_MAX = 4096;

/** Pixel formats a V4L2 device can be asked for. */
const V4L2_FORMATS: readonly V4l2Format[] = [
  "mjpeg",
  "h264",
  "yuyv",
  "nv12",
  "i420",
  "rgb24",
  "bgr24",
  "gray8",
];

/** A pixel or stream format that a V4L2 device can be asked for. */
export type V4l2Format =
  | "mjpeg"
  | "h264"
  | "yuyv"
  | "nv12"
  | "i420"
  | "rgb24"
  | "bgr24"
  | "gray8";

/** A camera URI, taken apart. `label` is what may be shown: passwords are `***`. */
export type CameraUri =
  | { readonly scheme: "file"; readonly label: string; readonly path: string }
  | { readonly scheme: "rtsp" | "http"; readonly label: string; readonly url: URL }
  | {
    readonly scheme: "v4l2";
    readonly label: string;
    /** Path of the device. */
    readonly device: string;
    /** Picture size to ask for in pixels; `null` leaves it to the device. */
    readonly size: { readonly width: number; readonly height: number } | null;
    /** Frames per second to ask for; `null` leaves it to the device. */
    readonly fps: number | null;
    /** Format to ask for; `null` leaves it to the device. */
    readonly format: V4l2Format | null;
  }
  | CsiUri
  | GstUri
  | {
    readonly scheme: "images";
    readonly label: string;
    /** Path of the folder. */
    readonly folder: string;
    /** Pictures per second; `null` where none was given. */
    readonly fps: number | null;
  }
  | {
    readonly scheme: "synthetic";
    readonly label: string;
    /** What the world is to be. */
    readonly world: WorldSettings;
  };

/**
 * Takes a camera URI apart; reads nothing.
 *
 * | URI | source |
 * |---|---|
 * | `clip.mp4`, `/data/clip.mp4`, `file:///data/clip.mp4` | a video file, or one image |
 * | `rtsp://user:password@host:554/path`, `rtsps://…` | an IP camera |
 * | `http://host/stream.mjpg`, `https://host/live.m3u8` | MJPEG, HLS, or a file or image over HTTP |
 * | `v4l2:/dev/video0?size=1280x720&fps=30&format=mjpeg` | a local camera on Linux |
 * | `csi:0?size=1920x1080&fps=30&flip=2` | a camera on the ribbon connector of a Jetson |
 * | `gst:videotestsrc is-live=true ! video/x-raw,width=640` | what a GStreamer pipeline gives |
 * | `images:photos?fps=2` | the images of a folder, by name |
 * | `synthetic:street?seed=1&weather=fog:3@150` | a drawn street with known truth |
 *
 * @throws {FoveaError} `CAMERA_URI` for anything else; the message never shows a password.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseCameraUri } from "@fovea/fovea/camera";
 *
 * assertEquals(parseCameraUri("rtsp://me:secret@cam.local/1").label, "rtsp://me:***@cam.local/1");
 * ```
 */
export function parseCameraUri(uri: string | URL): CameraUri {
  const text = String(uri);
  if (text === "") throw refuseUri(text, "it is empty");
  if (text.length > URI_CHARS_MAX) {
    throw refuseUri("", `it has more than ${URI_CHARS_MAX} characters`);
  }
  // deno-lint-ignore no-control-regex -- they are what must not get to native code
  if (/[\u0000-\u001f\u007f]/.test(text)) throw refuseUri(text, "it holds control characters");
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(text)?.[1]?.toLowerCase();
  switch (scheme) {
    case undefined:
      return { scheme: "file", label: text, path: text };
    case "file":
      return parseFile(text);
    case "rtsp":
    case "rtsps":
      return parseNetwork(text, "rtsp");
    case "http":
    case "https":
      return parseNetwork(text, "http");
    case "v4l2":
      return parseV4l2(text);
    case "images":
      return parseImages(text);
    case "synthetic":
      return { scheme: "synthetic", label: labelOf(text), world: parseSynthetic(text) };
    case "csi":
      return parseCsi(text);
    case "gst":
      return parseGst(text);
    default:
      throw refuseUri(
        text,
        `the scheme ${scheme}: is unknown`,
        `For a file of that name, write ./${redact(text)}`,
      );
  }
}

function parseFile(text: string): CameraUri {
  const rest = text.slice("file:".length);
  if (/[?#]/.test(rest)) {
    throw refuseUri(
      text,
      "a file: URI takes no query and no fragment",
      "Write ? as %3F and # as %23",
    );
  }
  const host = /^\/\/([^/]*)/.exec(rest)?.[1] ?? "";
  if (host !== "" && host !== "localhost") throw refuseUri(text, `${host} is another machine`);
  const path = decode(text, rest.replace(/^\/\/[^/]*/, ""));
  if (path === "") throw refuseUri(text, "it names no file");
  return { scheme: "file", label: path, path };
}

function parseNetwork(text: string, scheme: "rtsp" | "http"): CameraUri {
  if (!/^[a-z]+:\/\//i.test(text)) throw refuseUri(text, "// is missing after the scheme");
  const url = URL.parse(text);
  if (url === null || url.hostname === "") throw refuseUri(text, "host or port cannot be read");
  if (url.hash !== "") throw refuseUri(text, "it has a fragment", "Write # as %23");
  // Without a password the host may be followed by a port, which is none; only what comes after
  // it may hold one, for example after a ? or / in it that should have been encoded.
  const end = url.href.slice(url.protocol.length + 2).search(/[/?]|$/) + url.protocol.length + 2;
  const label = url.password === ""
    ? url.href.slice(0, end) + redact(url.href.slice(end))
    : redact(url.href);
  return { scheme, label, url };
}

function parseV4l2(text: string): CameraUri {
  const { path, query } = splitQuery(text, "v4l2:", ["size", "fps", "format"]);
  const device = path.replace(/^\/\/(?=\/)/, "");
  if (!/^\/[^/]/.test(device)) {
    throw refuseUri(text, "the device needs a whole path", "Write v4l2:/dev/video0");
  }
  const format = query.get("format") ?? null;
  if (format !== null && !isV4l2Format(format)) {
    throw refuseUri(text, `the format ${format} is unknown`, `Use ${V4L2_FORMATS.join(", ")}`);
  }
  const size = query.get("size") ?? null;
  return {
    scheme: "v4l2",
    label: redact(text),
    device,
    size: size === null ? null : parseSize(text, size),
    fps: parseFps(text, query),
    format,
  };
}

function parseImages(text: string): CameraUri {
  const { path, query } = splitQuery(text, "images:", ["fps"]);
  if (path === "") throw refuseUri(text, "it names no folder");
  return { scheme: "images", label: redact(text), folder: path, fps: parseFps(text, query) };
}

function isV4l2Format(name: string): name is V4l2Format {
  return (V4L2_FORMATS as readonly string[]).includes(name);
}

function decode(text: string, path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw refuseUri(text, "a % is not followed by two hexadecimal digits", "Write % as %25");
  }
}
