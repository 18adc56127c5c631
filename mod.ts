/**
 * fovea streams camera frames through an ONNX object detector on the machine next to the camera.
 *
 * @module
 */
export { type Clock, ManualClock } from "./src/core/clock.ts";
export { type Detection, type Detections, listDetections } from "./src/core/detections.ts";
export { FoveaError, type FoveaErrorCode } from "./src/core/errors.ts";
export type { FoveaErrorJson, FoveaErrorOptions } from "./src/core/errors.ts";
