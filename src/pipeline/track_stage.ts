import type { Detections } from "../core/detections.ts";
import type { Tracker } from "../core/ports.ts";
import type { PictureMoment } from "../core/track.ts";
import { ByteTracker } from "../track/byte_tracker.ts";
import type { TrackerOptions } from "../track/tracker_options.ts";
import type { Sighting } from "./describe_result.ts";

/** Lowest score that begins a track where the tracker's options do not say it. */
const NEW_TRACK_SCORE_MIN = 0.25;

/** What a loop is told about tracking. */
export type TrackChoice = boolean | TrackerOptions | Tracker;

/**
 * The tracker a choice stands for; `null` for none.
 *
 * @param confidence Lowest score that is reported, 0–1: what is reported for long gets an id, so
 * tracks begin there, but not below 0.25.
 * @throws {FoveaError} `USAGE` if an option is unknown or out of range.
 * @throws {TypeError} If the choice is nothing of all that.
 */
export function chooseTracker(choice: TrackChoice, confidence: number): Tracker | null {
  if (choice === false) return null;
  const options = choice === true ? {} : choice;
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`Cannot track with ${options}: use true, options or a tracker`);
  }
  if (isTracker(options)) return options;
  return new ByteTracker({ newTrackScore: newTrackScoreOf(confidence), ...options });
}

/** Score from which on tracks begin where detections are reported from `confidence` on. */
export function newTrackScoreOf(confidence: number): number {
  return Math.max(confidence, NEW_TRACK_SCORE_MIN);
}

function isTracker(choice: TrackerOptions | Tracker): choice is Tracker {
  return "update" in choice && typeof choice.update === "function";
}

/**
 * Runs a tracker, if there is one, on what the detector found, and parts what is reported from what
 * only the tracker needs: weak detections that tell it where a half hidden object went.
 */
export class TrackStage {
  /** Lowest score that lanes have to send back. */
  readonly confidence: number;
  readonly #tracker: Tracker | null;
  readonly #reportedMin: number;

  /**
   * Reports detections from `reportedMin` on.
   *
   * @throws {RangeError} If the tracker's lowest score is not in 0–1.
   */
  constructor(tracker: Tracker | null, reportedMin: number) {
    const scoreMin = tracker?.scoreMin ?? 1;
    if (!(scoreMin >= 0 && scoreMin <= 1)) {
      throw new RangeError(`Cannot track detections from a score of ${scoreMin} on: use 0 to 1`);
    }
    this.#tracker = tracker;
    this.#reportedMin = reportedMin;
    this.confidence = Math.min(reportedMin, scoreMin);
  }

  /** Takes the detections of the next picture in order, best first. */
  run(detections: Detections, moment: PictureMoment): Sighting {
    const reported = { ...detections, count: this.#countReported(detections) };
    const trackIds = new Int32Array(reported.count);
    if (this.#tracker === null) return { reported, trackIds, tracks: [], trackMs: 0 };
    const startMs = performance.now();
    const tracks = this.#tracker.update(detections, moment);
    const trackMs = performance.now() - startMs;
    for (const { trackId, detectionRow } of tracks) {
      if (detectionRow >= 0 && detectionRow < reported.count) trackIds[detectionRow] = trackId;
    }
    return { reported, trackIds, tracks, trackMs };
  }

  #countReported({ count, score }: Detections): number {
    // Scores are float32; lanes compare them with the rounded threshold too.
    const least = Math.fround(this.#reportedMin);
    let reported = 0;
    while (reported < count && score[reported]! >= least) reported++;
    return reported;
  }
}
