import { detectBoard } from "../board/detect_board.ts";
import type { Clock } from "../core/clock.ts";
import { FoveaError } from "../core/errors.ts";
import type { CameraSettings } from "./camera_options.ts";
import { buildPipeline, type GstreamerUri, type RtpEncoding } from "./gst_pipeline.ts";
import { GST_LAUNCH } from "./gst_process.ts";
import { openGstSource, OtherRtpEncoding } from "./gst_source.ts";
import type { OpenSource, PictureSource } from "./picture_source.ts";

/**
 * How a GStreamer source is opened, the first time and after each loss.
 *
 * @param program What runs pipelines; tests put another program there.
 */
export function openWithGstreamer(
  uri: GstreamerUri,
  settings: CameraSettings,
  clock: Clock,
  program: string = GST_LAUNCH,
): OpenSource {
  // What an RTSP camera sends is found out once, and kept for the next time.
  let rtpEncoding: RtpEncoding = "H264";

  async function open(signal: AbortSignal): Promise<PictureSource> {
    const facts = { isJetson: isJetson(uri), rtspTransport: settings.rtspTransport, rtpEncoding };
    const request = {
      label: uri.label,
      words: buildPipeline(uri, facts),
      kind: uri.scheme === "gst" ? null : "live" as const,
      rtpEncoding: uri.scheme === "rtsp" ? rtpEncoding : null,
      program,
    };
    return await openGstSource(request, settings, clock, signal);
  }

  return async (signal) => {
    await checkMayRun(program, uri.label);
    for (let isSecond = false;; isSecond = true) {
      try {
        return await open(signal);
      } catch (error) {
        if (!(error instanceof OtherRtpEncoding)) throw error;
        if (isSecond || !isSupported(error.encoding)) throw unsupported(error.encoding, uri.label);
        rtpEncoding = error.encoding;
      }
    }
  };
}

/** Cameras on the ribbon connector are a Jetson's, and pipelines of others know what they want. */
function isJetson({ scheme, label }: GstreamerUri): boolean {
  if (scheme === "csi" || scheme === "gst") return scheme === "csi";
  try {
    return detectBoard().soc !== null;
  } catch (cause) {
    const { message, hint } = FoveaError.from(cause, "CAMERA_OPEN", "Cannot look at the machine");
    throw new FoveaError("CAMERA_OPEN", `Cannot open ${label}: ${message}`, {
      cause,
      ...(hint === null ? {} : { hint }),
    });
  }
}

async function checkMayRun(program: string, label: string): Promise<void> {
  const { state } = await Deno.permissions.query({ name: "run", command: program });
  if (state === "granted") return;
  // A program that is missing cannot be granted: tell that instead.
  throw new FoveaError(
    "CAMERA_OPEN",
    `Cannot open ${label}: running ${program} is not allowed`,
    {
      hint:
        `Run with --allow-run=${program}, after installing the package gstreamer1.0-tools where it is missing`,
    },
  );
}

function isSupported(encoding: string): encoding is RtpEncoding {
  return encoding === "H264" || encoding === "H265";
}

function unsupported(encoding: string, label: string): FoveaError {
  return new FoveaError("CAMERA_OPEN", `Cannot open ${label}: it sends ${encoding}`, {
    hint: "Use the backend ffmpeg, or set the camera to H.264 or H.265",
  });
}
