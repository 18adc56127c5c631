import type { Clock } from "../core/clock.ts";
import { FoveaError } from "../core/errors.ts";
import type { Camera, Sink, Tracker } from "../core/ports.ts";
import type { FrameResult } from "../core/result.ts";
import { systemClock } from "../native/system_clock.ts";
import type { TrackerOptions } from "../track/tracker_options.ts";
import type { Monitor } from "../monitor/monitor.ts";
import type { MonitorOptions } from "../monitor/monitor_options.ts";
import type { TeacherChoice } from "./choose_monitor.ts";
import { type Detector, LoadedDetector } from "./loaded_detector.ts";
import { PerceptionLoop } from "./perception_loop.ts";
import type { Refiner } from "./refining/refiner.ts";
import type { TapOptions } from "./tap_options.ts";

/** How the loop runs. Unknown keys are refused. */
export interface PerceiveOptions {
  /** Ends the loop early; what was begun is finished first. */
  readonly signal?: AbortSignal;
  /** Ends the loop after this many pictures, at least 1. */
  readonly maxFrames?: number;
  /** Ends the loop after this time in milliseconds, greater than 0. */
  readonly durationMs?: number;
  /** Get every result, in order, before it is yielded. The caller disposes them. */
  readonly sinks?: readonly Sink[];
  /**
   * Gives objects ids that last from picture to picture: `true` for a `ByteTracker` as it comes,
   * its options, or a tracker of one's own, which may go on from an earlier run of the same camera.
   * Detections then carry `trackId` and results carry `tracks`; which detections are reported stays
   * the same. Not tracked by default.
   */
  readonly track?: boolean | TrackerOptions | Tracker;
  /** Takes features, logits and boxes of chosen rows out of the head. */
  readonly tap?: TapOptions;
  /**
   * Watches how well the detector is doing: `true` for a `Monitor` as it comes, its options, or one
   * from `createMonitor()`, which may go on from an earlier run. Results then carry `monitor`. Not
   * watched by default.
   */
  readonly monitor?: boolean | MonitorOptions | Monitor;
  /** Another detector whose word the monitor takes on every few pictures. */
  readonly teacher?: TeacherChoice | null;
  /**
   * Refines the detector while it runs, see `Refiner`; needs a monitor, and takes the place of `tap`.
   */
  readonly refine?: Refiner | null;
  /** Time for `ageMs` and `durationMs`; the machine's clock by default. */
  readonly clock?: Clock;
}

/**
 * Streams a camera through a detector: one {@linkcode FrameResult} for every picture that was
 * really captured, in the order of capture, whatever the number of workers.
 *
 * A file is decoded and inferred ahead of the reader, by a few frames. A live source is asked for
 * its newest picture when the reader asks, so that a slow reader gets fewer results, never older
 * ones. Leaving the loop early (`break`, an error, `signal`) waits for what was begun and leaves
 * nothing behind; camera, detector and sinks stay open and are the caller's to dispose.
 *
 * A picture whose inference takes longer than the detector's `runTimeoutMs` is lost: its result is of
 * kind `state`, with the state `stale` and the reason, and the stream goes on. The third in a row
 * throws `ENGINE_TIMEOUT`.
 *
 * @throws {FoveaError} Whatever the camera, the detector or a sink throws.
 */
export async function* perceive(
  camera: Camera,
  detector: Detector,
  options: PerceiveOptions = {},
): AsyncGenerator<FrameResult, void, undefined> {
  checkOptions(options);
  if (!(detector instanceof LoadedDetector)) {
    throw new TypeError("Cannot perceive: the detector must come from loadDetector()");
  }
  if (options.tap !== undefined) checkTappable(detector);
  if (options.refine?.isFor(detector) === false) {
    throw new TypeError("Cannot perceive: the refiner was made for another detector");
  }
  const loop = new PerceptionLoop(camera, detector, {
    ...options,
    clock: options.clock ?? systemClock,
  });
  try {
    for (;;) {
      const result = await loop.next();
      if (result === null) return;
      yield result;
    }
  } finally {
    await loop.close();
  }
}

function checkTappable({ headLayout, tapRefusal }: LoadedDetector): void {
  if (tapRefusal !== null) throw tapRefusal;
  if (headLayout !== null) return;
  throw new FoveaError("HEAD_UNSUPPORTED", "Cannot tap the head: it is not exposed", {
    hint: "Load the detector with { head: true }",
  });
}

function checkOptions(options: PerceiveOptions): void {
  const known = [
    "signal",
    "maxFrames",
    "durationMs",
    "sinks",
    "track",
    "tap",
    "monitor",
    "teacher",
    "refine",
    "clock",
  ];
  const unknown = Object.keys(options).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    throw new FoveaError("USAGE", `Cannot use option "${unknown}": it is unknown`, {
      hint: `Use one of ${known.join(", ")}`,
    });
  }
  const { maxFrames, durationMs, refine = null, tap, monitor = false } = options;
  if (refine !== null && (tap !== undefined || monitor === false)) {
    throw new FoveaError(
      "USAGE",
      tap !== undefined
        ? "Cannot refine and tap at once: the refiner taps"
        : "Cannot refine: nobody monitors",
      { hint: tap !== undefined ? "Leave tap out" : "Set monitor: true beside refine" },
    );
  }
  if (maxFrames !== undefined && !(Number.isInteger(maxFrames) && maxFrames >= 1)) {
    throw new FoveaError("USAGE", `Cannot stop after ${maxFrames} frames: at least 1 is needed`);
  }
  if (durationMs !== undefined && !(durationMs > 0)) {
    throw new FoveaError("USAGE", `Cannot stop after ${durationMs} ms: more than 0 is needed`);
  }
}
