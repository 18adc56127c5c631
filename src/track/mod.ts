/**
 * Follows objects from picture to picture.
 *
 * @module
 */
export { ByteTracker } from "./byte_tracker.ts";
export type { ClassRule, TrackerOptions } from "./tracker_options.ts";
export { FILTER_STEP_MS, KalmanBoxFilter } from "./kalman_box_filter.ts";
export { AssignmentSolver } from "../core/assignment.ts";
export type { PictureMoment, Track, TrackedObject } from "../core/track.ts";
export type { Tracker } from "../core/ports.ts";
export type { Detections } from "../core/detections.ts";
