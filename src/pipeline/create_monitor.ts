import type { Camera, CameraInfo } from "../core/ports.ts";
import { Monitor } from "../monitor/monitor.ts";
import type { MonitorOptions } from "../monitor/monitor_options.ts";
import type { Detector } from "./loaded_detector.ts";

/**
 * Makes a monitor of a detector at a camera, for `perceive(camera, detector, { monitor })`. Keep it
 * to ask it for hard examples, to give it labels, or to go on with it after the camera was opened
 * anew.
 *
 * @throws {FoveaError} `USAGE` for a bad option, `STATE_FOREIGN` if a calibration or state belongs
 * to another model or camera.
 */
export function createMonitor(
  camera: Camera,
  detector: Detector,
  options: MonitorOptions = {},
): Monitor {
  return new Monitor({
    modelSha256: detector.model.sha256,
    camera: nameCamera(camera.info),
    classNames: detector.spec.classNames,
    fps: camera.info.fps,
  }, options);
}

/**
 * What a calibration calls a camera: the URI of a live one. A recording has no name of its own, so
 * it goes by the size of its pictures; a made world by what does not change in it.
 */
export function nameCamera({ uri, kind, width, height }: CameraInfo): string {
  if (uri.startsWith("synthetic:")) return nameWorld(uri);
  return kind === "file" ? `recording ${width}×${height}` : uri;
}

/** A world without what happens in it and how long it lasts. */
function nameWorld(uri: string): string {
  const [name, query = ""] = uri.split("?");
  const lasting = query.split("&").filter((pair) => /^(seed|size|density)=/.test(pair)).sort();
  return [name, ...lasting].join(" ");
}
