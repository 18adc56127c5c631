import { splitPipeline } from "./gst_words.ts";
import { parseFps, parseSize, parseWhole, refuseUri, splitQuery } from "./uri_parts.ts";

/** A camera on the ribbon connector (CSI) of a Jetson, read through its image processor. */
export interface CsiUri {
  /** The scheme. */
  readonly scheme: "csi";
  /** The URI. */
  readonly label: string;
  /** Number of the camera, from 0. */
  readonly sensor: number;
  /** Picture size to ask for in pixels; `null` leaves it to the camera. */
  readonly size: { readonly width: number; readonly height: number } | null;
  /** Frames per second to ask for; `null` leaves it to the camera. */
  readonly fps: number | null;
  /** Mode of the sensor, from 0; `null` takes the one that fits size and rate best. */
  readonly mode: number | null;
  /** How pictures are turned, 0 to 7, as `flip-method` of `nvvidconv` counts; `null` for not. */
  readonly flip: number | null;
}

/** What a GStreamer pipeline gives. */
export interface GstUri {
  /** The scheme. */
  readonly scheme: "gst";
  /** The URI; passwords are `***`. */
  readonly label: string;
  /** The pipeline, cut into words. */
  readonly words: readonly string[];
}

const SENSOR_MAX = 15;
const MODE_MAX = 31;
const FLIP_MAX = 7;

/**
 * Reads `csi:0?size=1920x1080&fps=30&mode=2&flip=2`.
 *
 * @throws {FoveaError} `CAMERA_URI`.
 */
export function parseCsi(text: string): CsiUri {
  const { path, query } = splitQuery(text, "csi:", ["size", "fps", "mode", "flip"]);
  const sensor = /^(?:\/\/)?(\d{1,3})$/.exec(path)?.[1];
  if (sensor === undefined || Number(sensor) > SENSOR_MAX) {
    throw refuseUri(
      text,
      `${path === "" ? "nothing" : path} is no number of a camera`,
      `Write csi:0 for the first camera, up to csi:${SENSOR_MAX}`,
    );
  }
  const size = query.get("size");
  return {
    scheme: "csi",
    label: text,
    sensor: Number(sensor),
    size: size === undefined ? null : parseSize(text, size),
    fps: parseFps(text, query),
    mode: parseWhole(text, query, "mode", [0, MODE_MAX]),
    flip: parseWhole(text, query, "flip", [0, FLIP_MAX]),
  };
}

/**
 * Reads `gst:` and a pipeline as `gst-launch-1.0` takes it, without a sink.
 *
 * @throws {FoveaError} `CAMERA_URI` if it is empty, ends in `!` or a quote is open.
 */
export function parseGst(text: string): GstUri {
  const label = redactPipeline(text);
  const words = splitPipeline(text.slice("gst:".length));
  if (words === null) throw refuseUri(label, "a quote in the pipeline is not closed");
  if (words.length === 0) {
    throw refuseUri(label, "it names no pipeline", "Write gst:v4l2src ! videoconvert");
  }
  if (words[0] === "!" || words.at(-1) === "!") {
    throw refuseUri(
      label,
      "the pipeline begins or ends in !",
      "Leave the sink out: pictures are taken where the pipeline ends",
    );
  }
  return { scheme: "gst", label, words };
}

/**
 * Replaces what may be a password in a pipeline, or in what GStreamer prints about one, by `***`:
 * the login of an address, and values of properties that sound like secrets.
 */
export function redactPipeline(text: string): string {
  return text
    .replace(/([a-z][a-z0-9+.-]*:\/\/[^\s"':/@]*:)[^"]*@/gi, "$1***@")
    .replace(/:[^\s":]*@/g, ":***@")
    .replace(
      /([\w-]*(?:pass|pwd|pw\b|token|secret|key|auth)[\w-]*\s*=\s*)(?:"[^"]*"?|'[^']*'?|[^\s,;&]+)/gi,
      "$1***",
    );
}
