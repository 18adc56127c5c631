import { redactPipeline } from "./gst_uri.ts";

/** The name that fovea gives the sink of its pipelines. */
export const SINK_NAME = "fovea";
/** The name of the filter before it that says which pictures are taken. */
export const FILTER_NAME = "fovea-caps";

/** Lines of what a child printed that are kept for messages. */
const KEPT_LINES_MAX = 24;
/** Characters of one line that are looked at. */
const LINE_CHARS_MAX = 8192;

/**
 * What filter and sink say they agreed to, which is the same. Any of it may be missing: where two
 * threads of a pipeline tell about themselves at once, GStreamer repeats one and drops the other.
 */
const AGREED_CAPS = new RegExp(
  `(?:GstFdSink:${SINK_NAME}\\.GstPad:sink|GstCapsFilter:${FILTER_NAME}\\.GstPad:(?:sink|src)): caps = (.+)$`,
);
const RTP_VIDEO = /caps = application\/x-rtp.*media=\(string\)video/;
const RTP_ENCODING = /encoding-name=\(string\)([\w-]+)/;
/** Elements of NVIDIA report failures by printing them, and then end as if all were well. */
const VENDOR_FAULT =
  /ARGUS_ERROR|\(Argus\) Error|Error generated|No cameras available|nvbufsurf.*(?:fail|error)/i;

/** Why a pipeline failed. */
export interface GstFault {
  /** In the words of GStreamer or of the element, without passwords. */
  readonly reason: string;
  /** What to do about it, where that is known. */
  readonly hint: string | null;
}

/** Follows what `gst-launch-1.0 -v` prints, line by line. Pure. */
export class GstMessages {
  /** Whether the pipeline is live; `null` before it says. */
  isLive: boolean | null = null;
  /** What the sink agreed to take, in GStreamer's words; `null` before it does. */
  caps: string | null = null;
  /** Whether the sink agreed to another size or format later. */
  capsChanged = false;
  /** How an RTP stream of video is coded, for example `H265`; `null` where none was seen. */
  rtpEncoding: string | null = null;
  readonly #errors: string[] = [];
  readonly #faults: string[] = [];
  #expectsDetail = 0;

  /** Takes in one line of standard output or standard error. */
  take(text: string): void {
    const line = text.slice(0, LINE_CHARS_MAX).trimEnd();
    if (line.includes("Pipeline is live")) this.isLive = true;
    else if (line.includes("Pipeline is PREROLLING")) this.isLive ??= false;
    const caps = AGREED_CAPS.exec(line)?.[1];
    if (caps !== undefined) this.#takeCaps(caps);
    if (RTP_VIDEO.test(line)) this.rtpEncoding ??= RTP_ENCODING.exec(line)?.[1] ?? null;
    this.#takeFault(line);
  }

  /** Why the pipeline failed, as far as it said; `null` if it complained about nothing. */
  explain(): GstFault | null {
    const [first, second] = [...this.#errors, ...this.#faults];
    if (first === undefined) return null;
    const all = [...this.#errors, ...this.#faults].join("\n");
    const detail = second === undefined || this.#errors.length === 0 ? "" : ` (${second})`;
    return { reason: redactPipeline(first + detail), hint: hintFor(all) };
  }

  #takeCaps(caps: string): void {
    if (this.caps === null) this.caps = caps;
    else if (layoutOf(this.caps) !== layoutOf(caps)) this.capsChanged = true;
  }

  #takeFault(line: string): void {
    const [, error] = /^(?:ERROR: from element \S+|WARNING: erroneous pipeline|ERROR): (.+)$/
      .exec(line) ?? [];
    if (error !== undefined && !/doesn't want to (preroll|play)/.test(error)) {
      keep(this.#errors, error.replace(/\.$/, ""));
    }
    // "Additional debug info:" is followed by a place in the source, then by the interesting part.
    if (line === "Additional debug info:") this.#expectsDetail = 2;
    else if (this.#expectsDetail > 0 && --this.#expectsDetail === 0 && isDetail(line)) {
      keep(this.#errors, line);
    }
    if (VENDOR_FAULT.test(line)) keep(this.#faults, line.trim());
  }
}

/** What decides how many bytes a picture has. */
function layoutOf(caps: string): string {
  return ["format", "width", "height"].map((name) =>
    new RegExp(`\\b${name}=\\(\\w+\\)([^,;]+)`).exec(caps)?.[1]?.trim()
  ).join();
}

/** Whether a line goes on with an error and is not the next message. */
function isDetail(line: string): boolean {
  return line !== "" && !/^(ERROR|WARNING|Setting|Execution|Freeing|Got EOS)\b/.test(line);
}

function keep(lines: string[], line: string): void {
  if (lines.length < KEPT_LINES_MAX) lines.push(line);
}

/** Packages of Debian and Ubuntu that bring an element. */
const PACKAGES: readonly (readonly [RegExp, string])[] = [
  [/^nv/, "nvidia-l4t-gstreamer on a Jetson (elsewhere there is none)"],
  [/^avdec_/, "gstreamer1.0-libav"],
  [/^(h264parse|h265parse|openh264|gdp)/, "gstreamer1.0-plugins-bad"],
  [/^(rtsp|rtp|v4l2|jpegdec|udp|matroska|qtdemux|avidemux)/, "gstreamer1.0-plugins-good"],
  [/^(video|audio|decodebin|playbin|rawvideoparse|uridecodebin)/, "gstreamer1.0-plugins-base"],
];

/** What to do about well-known faults. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [
    /No cameras available|Invalid camera device|camera device specified/i,
    "Check the ribbon cable and that the board is set up for this sensor (jetson-io), then restart nvargus-daemon",
  ],
  [
    /ARGUS_ERROR|\(Argus\)|Error generated/i,
    "Restart the camera service with: sudo systemctl restart nvargus-daemon",
  ],
  [/Unauthorized|\(401\)/i, "Write user and password into the URI: rtsp://user:password@host/path"],
  [/Failed to connect|Could not connect|No route to host/i, "Check address, port and network"],
  [/Not found \(404\)|\(404\)|Not Found/i, "Check the path in the URI"],
  [/busy/i, "Close the other program that uses the camera"],
  [/Permission denied/i, "Add the user to the group video"],
  [/No such file or directory|Cannot identify device/i, "Check the path and that it is plugged in"],
  [
    /memory:NVMM/,
    "Bring the pictures to main memory: end the pipeline with nvvidconv ! video/x-raw,format=NV12",
  ],
  [
    /not-negotiated|can't handle caps|could not link/i,
    "Ask for a format, size and rate that the camera has, or convert with videoconvert",
  ],
  [/syntax error/i, "Try the pipeline with gst-launch-1.0 in a shell"],
];

function hintFor(text: string): string | null {
  const element = /no element "([^"]+)"/.exec(text)?.[1];
  if (element !== undefined) {
    const known = PACKAGES.find(([pattern]) => pattern.test(element))?.[1];
    return known === undefined
      ? `Install the GStreamer plugin that has ${element}`
      : `Install the package ${known}`;
  }
  return HINTS.find(([pattern]) => pattern.test(text))?.[1] ?? null;
}
