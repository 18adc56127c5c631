import { FoveaError } from "../core/errors.ts";
import { POOL_FRAMES_MAX } from "../core/frame_pool.ts";
import type { Camera } from "../core/ports.ts";
import type { Degradation } from "../degrade/degradation.ts";
import { Degrader } from "../degrade/degrader.ts";
import { DegradedCamera } from "./degraded_camera.ts";

/** Settings of {@linkcode degradeCamera}. */
export interface DegradeOptions {
  /** Degraded pictures that may be out at once, 1 to 64; 8 by default. */
  readonly poolFrames?: number;
  /** Seed of the noise of `dark` and `noise`, a whole number to 2^32 - 1; 0 by default. */
  readonly seed?: number;
}

/**
 * Puts bad weather, or a bad lens, in front of a camera: from a chosen frame on its pictures come
 * degraded. The camera belongs to the result and is disposed with it.
 *
 * Frames are counted from 0 as they are delivered, whatever their `seq`. Those before the first
 * degradation begins are the camera's own, untouched. Degraded ones are `bgr24` in the camera's
 * arena, on lease from a pool of their own; where all its leases are out, a file waits for one to
 * come back and a source that plays in real time drops and counts, as with the camera's own.
 *
 * Everything else is the camera's: numbers, times, epochs, changes of state, the end. In particular
 * `black` and `frozen` speak of what the camera saw, not of what was made of it: a night so dark
 * that the picture is black is not told as `black`, and is for the detector and the monitor to
 * find out.
 *
 * Where the camera knows the truth about its frames, so does the result: `geom` moves the boxes,
 * see {@linkcode degradeBoxes}.
 *
 * The work is done in the calling isolate, some milliseconds for each picture of 768×432. `dirt`
 * takes a third of a microsecond for each pixel once, before the first frame.
 *
 * @param degradations What is done, in order; see {@linkcode parseDegradation}.
 * @throws {FoveaError} `USAGE` for an unknown degradation or option; the camera is then still
 * the caller's.
 *
 * @example Fog from the 150th frame of a clip on
 * ```ts ignore
 * import { degradeCamera, openCamera } from "@fovea/fovea/camera";
 *
 * await using camera = degradeCamera(await openCamera("clip.mp4"), [
 *   { kind: "fog", severity: 3, fromFrame: 150 },
 * ]);
 * ```
 */
export function degradeCamera(
  camera: Camera,
  degradations: readonly Degradation[],
  options: DegradeOptions = {},
): Camera {
  for (const key of Object.keys(options)) {
    if (key !== "poolFrames" && key !== "seed") {
      throw new FoveaError("USAGE", `Cannot use the degrade option ${key}: it is unknown`, {
        hint: "Use poolFrames, seed",
      });
    }
  }
  const { poolFrames = 8, seed = 0 } = options;
  if (!Number.isInteger(poolFrames) || poolFrames < 1 || poolFrames > POOL_FRAMES_MAX) {
    throw new FoveaError("USAGE", `Cannot use ${poolFrames} for the degrade option poolFrames`, {
      hint: `Use a whole number from 1 to ${POOL_FRAMES_MAX}`,
    });
  }
  const degrader = new Degrader(degradations, { seed });
  return new DegradedCamera(camera, degradations, degrader, poolFrames);
}
