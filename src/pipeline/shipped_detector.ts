/**
 * `file:` URL of the detector that comes with fovea, `models/fovea-street.onnx`: cars, vans,
 * bicycles and pedestrians of `synthetic:street`. It was trained on that drawn street only and is
 * there to try fovea with nothing at hand, and to measure fovea by; on pictures of a real camera
 * what it finds means nothing.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { SHIPPED_DETECTOR } from "@fovea/fovea";
 *
 * assert(SHIPPED_DETECTOR.endsWith("/models/fovea-street.onnx"));
 * ```
 */
export const SHIPPED_DETECTOR: string =
  new URL("../../models/fovea-street.onnx", import.meta.url).href;
