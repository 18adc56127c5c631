import type { Clock } from "../core/clock.ts";
import { FoveaError } from "../core/errors.ts";
import type { Camera } from "../core/ports.ts";
import { SharedArena } from "../native/arena.ts";
import { systemClock } from "../native/system_clock.ts";
import { type CameraOptions, type CameraSettings, checkCameraOptions } from "./camera_options.ts";
import { parseCameraUri } from "./camera_uri.ts";
import { chooseSource } from "./choose_source.ts";
import { openImageSource } from "./image_source.ts";
import type { OpenSource, SourceFacts } from "./picture_source.ts";
import { SourceCamera } from "./source_camera.ts";

/**
 * Opens a camera: a video file, a folder of images, an RTSP or HTTP stream, a V4L2 device, a CSI
 * camera of a Jetson, or a GStreamer pipeline. See {@linkcode parseCameraUri} for the URIs and
 * {@linkcode CameraOptions} for the settings.
 *
 * Files drop nothing unless the policy says so, and decode a few frames ahead. Live sources are
 * always drained: the newest frame is kept, older ones are counted as dropped, and a lost source
 * is opened anew with growing waits. No frame is ever made up: what happens between the frames is
 * told by events of kind `state`.
 *
 * Pictures come as they are coded, in the format of the source; see `Frame.picture`.
 *
 * @throws {FoveaError} `CAMERA_URI` or `USAGE` for a bad URI or option; `CAMERA_OPEN` if the
 * source cannot be opened; `CAMERA_NO_VIDEO` if it holds no video.
 * @throws The reason of `options.signal` if that aborts while opening.
 *
 * @example Frames of a file
 * ```ts ignore
 * import { openCamera } from "@fovea/fovea/camera";
 *
 * await using camera = await openCamera("clip.mp4");
 * for (;;) {
 *   const event = await camera.next();
 *   if (event.kind === "end") break;
 *   if (event.kind !== "frame") continue;
 *   using frame = event.frame;
 *   console.log(frame.seq, frame.ptsMs, frame.picture.width, frame.picture.height);
 * }
 * ```
 */
export async function openCamera(uri: string | URL, options: CameraOptions = {}): Promise<Camera> {
  const settings = checkCameraOptions(options);
  const parsed = parseCameraUri(uri);
  const { clock = systemClock, signal = null } = options;
  const reopen = chooseSource(parsed, settings, clock);
  return await openSource(parsed.label, reopen, settings, clock, signal);
}

/**
 * Opens image files as the frames of one camera, in the order they are given; `seq` is the place in
 * the list. Otherwise like {@linkcode openCamera} on a folder of images.
 *
 * @param paths Paths of the files, at least one: jpg, png, bmp or webp, whatever they are called.
 * @throws {RangeError} If there are none.
 * @throws {FoveaError} As `openCamera`; an image that cannot be decoded ends the stream with
 * `CAMERA_LOST`, and `CAMERA_OPEN` if it is the first.
 *
 * @example
 * ```ts ignore
 * import { openImages } from "@fovea/fovea/camera";
 *
 * await using camera = await openImages(["photos/b.jpg", "photos/a.jpg"]);
 * ```
 */
export async function openImages(
  paths: readonly string[],
  options: CameraOptions = {},
): Promise<Camera> {
  if (paths.length === 0) throw new RangeError("Cannot open images: there are none");
  const settings = checkCameraOptions(options);
  const { clock = systemClock, signal = null } = options;
  const label = paths.length === 1 ? paths[0]! : `${paths.length} images from ${paths[0]}`;
  const open = () => openImageSource(paths, null, clock);
  return await openSource(label, open, settings, clock, signal);
}

async function openSource(
  label: string,
  reopen: OpenSource,
  settings: CameraSettings,
  clock: Clock,
  signal: AbortSignal | null,
): Promise<Camera> {
  signal?.throwIfAborted();
  const source = await reopen(signal ?? new AbortController().signal);
  try {
    checkPolicy(settings, label, source.facts);
    return new SourceCamera({
      source,
      label,
      reopen,
      arena: new SharedArena(),
      settings,
      clock,
      signal,
    });
  } catch (error) {
    await source[Symbol.asyncDispose]();
    throw error;
  }
}

/** Refuses policies that the source cannot follow. */
function checkPolicy(settings: CameraSettings, label: string, facts: SourceFacts): void {
  if (facts.kind === "live") return;
  const policy = settings.policy?.kind ?? "next";
  const newestOnly = policy === "latest" || policy === "adaptive";
  if (newestOnly && settings.paced === false) {
    throw new FoveaError(
      "USAGE",
      `Cannot read ${label} with the policy ${policy} and paced: false: nearly all of it would be dropped`,
      { hint: "Use next or every:N to read a file as fast as it goes" },
    );
  }
  if ((newestOnly || settings.paced === true) && facts.fps === null) {
    throw new FoveaError("USAGE", `Cannot play ${label} in real time: its frame rate is unknown`, {
      hint: "For a folder of images, write images:<folder>?fps=10",
    });
  }
}
