/**
 * Cameras behind one URI.
 *
 * @module
 */
export { openCamera, openImages } from "./open_camera.ts";
export { selectFrames } from "./selected_frames.ts";
export type { CameraBackend, CameraOptions, ReconnectOptions } from "./camera_options.ts";
export { degradeCamera, type DegradeOptions } from "./degrade_camera.ts";
export {
  type Degradation,
  type DegradationKind,
  type DegradationSeverity,
  parseDegradation,
} from "../degrade/degradation.ts";
export { type CameraUri, parseCameraUri, type V4l2Format } from "./camera_uri.ts";
export type { CsiUri, GstUri } from "./gst_uri.ts";
export { formatPolicy, type FramePolicy, parsePolicy, STRIDE_MAX } from "../core/frame_policy.ts";
export { compareNames } from "./natural_order.ts";
export type { Clock } from "../core/clock.ts";
export type { Arena, Frame, Picture, Plane } from "../core/frame.ts";
export type { Camera, CameraEvent, CameraInfo } from "../core/ports.ts";
export type { FrameTruth, TrueObject, TruthSource } from "../core/frame_truth.ts";
export type { StreamState } from "../core/result.ts";
export { pictureBytes, type PlaneSize, planeSizes } from "../core/pixel_format.ts";
export type { ColorMatrix, ColorRange, PixelFormat } from "../core/pixel_format.ts";
