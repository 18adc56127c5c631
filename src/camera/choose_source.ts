import { FoveaError } from "../core/errors.ts";
import type { Clock } from "../core/clock.ts";
import { explainAccess } from "./access_error.ts";
import { openAvSource } from "./av_source.ts";
import { type AvUri, buildAvTarget } from "./av_target.ts";
import type { CameraSettings } from "./camera_options.ts";
import type { CameraUri } from "./camera_uri.ts";
import { isImageName, listImages } from "./image_folder.ts";
import { openImageSource } from "./image_source.ts";
import { openWithGstreamer } from "./gst_open.ts";
import type { OpenSource } from "./picture_source.ts";
import { openWorldSource } from "./world_source.ts";

/** Default ports, needed to ask for the right permission. */
const PORTS: Readonly<Record<string, number>> = {
  "rtsp:": 554,
  "rtsps:": 322,
  "http:": 80,
  "https:": 443,
};

/** How a source of this kind is opened, the first time and after each loss. */
export function chooseSource(uri: CameraUri, settings: CameraSettings, clock: Clock): OpenSource {
  checkBackend(uri, settings);
  const { label } = uri;
  switch (uri.scheme) {
    case "images":
      return async () => openImageSource(await listImages(uri.folder), uri.fps, clock);
    case "synthetic":
      return async (signal) => await openWorldSource(uri.world, label, clock, signal);
    case "file":
      return async (signal) => {
        const info = await statFile(uri.path, label);
        if (isImageName(uri.path)) {
          return await openImageSource([uri.path], null, clock);
        }
        return await openAvSource(
          buildAvTarget(uri, settings, info.isFile),
          settings,
          clock,
          signal,
        );
      };
    case "rtsp":
    case "http":
      return checkedFirst(label, openNetwork(uri, settings, clock), {
        name: "net",
        host: `${uri.url.hostname}:${uri.url.port || PORTS[uri.url.protocol]}`,
      });
    case "v4l2":
      return checkedFirst(
        label,
        settings.backend === "gstreamer"
          ? openWithGstreamer(uri, settings, clock)
          : openAv(uri, settings, clock),
        { name: "read", path: uri.device },
      );
    case "csi":
    case "gst":
      return openWithGstreamer(uri, settings, clock);
  }
}

function openNetwork(
  uri: Extract<CameraUri, { readonly url: URL }>,
  settings: CameraSettings,
  clock: Clock,
): OpenSource {
  const { scheme, label, url } = uri;
  return scheme === "rtsp" && settings.backend === "gstreamer"
    ? openWithGstreamer({ scheme, label, url }, settings, clock)
    : openAv(uri, settings, clock);
}

function openAv(uri: AvUri, settings: CameraSettings, clock: Clock): OpenSource {
  return (signal) => openAvSource(buildAvTarget(uri, settings, false), settings, clock, signal);
}

/** Refuses a backend that cannot open such a source. */
function checkBackend({ scheme, label }: CameraUri, { backend }: CameraSettings): void {
  const onlyGstreamer = scheme === "csi" || scheme === "gst";
  const both = scheme === "rtsp" || scheme === "v4l2";
  if (backend === null || both || backend === (onlyGstreamer ? "gstreamer" : "ffmpeg")) return;
  throw new FoveaError("USAGE", `Cannot open ${label} with the backend ${backend}`, {
    hint: onlyGstreamer
      ? `Leave the backend out: ${scheme}: sources are opened by GStreamer`
      : "Use it for rtsp: and v4l2: sources, or write a pipeline: gst:filesrc location=…",
  });
}

/** Native libraries and other programs do not ask Deno for permission, so this does. */
function checkedFirst(
  label: string,
  open: OpenSource,
  permission: Deno.NetPermissionDescriptor | Deno.ReadPermissionDescriptor,
): OpenSource {
  return async (signal) => {
    const { state } = await Deno.permissions.query(permission);
    if (state !== "granted") {
      const what = permission.name === "net" ? permission.host : permission.path;
      throw new FoveaError(
        "CAMERA_OPEN",
        `Cannot open ${label}: ${permission.name} access is not allowed`,
        {
          hint: `Run with --allow-${permission.name}=${what}`,
        },
      );
    }
    return await open(signal);
  };
}

/** What stands at a path; FFmpeg would tell less about what is wrong with it. */
async function statFile(path: string, label: string): Promise<Deno.FileInfo> {
  let info: Deno.FileInfo;
  try {
    info = await Deno.stat(path);
  } catch (cause) {
    throw explainAccess(cause, label);
  }
  if (!info.isDirectory) return info;
  throw new FoveaError("CAMERA_OPEN", `Cannot open ${label}: it is a folder`, {
    hint: `For the images in it, write images:${label}`,
  });
}
