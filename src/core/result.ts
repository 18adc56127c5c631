import type { Detection } from "./detections.ts";
import type { MonitorReport } from "./monitor_report.ts";
import type { TrackedObject } from "./track.ts";

/**
 * What is known about the stream behind a result.
 *
 * - `live`: pictures arrive and change.
 * - `stale`: no new picture for longer than the source's period allows, or the inference of this one
 *   was ended because it took too long.
 * - `frozen`: pictures arrive, but they have been the same for a while.
 * - `black`: pictures arrive, but they are black.
 * - `blind`: the stream is lost; fovea is trying to get it back.
 */
export type StreamState = "live" | "stale" | "frozen" | "black" | "blind";

/** Time spent on one frame per stage, in milliseconds; stages that did not run are 0. */
export interface StageTimings {
  /** Demuxing and decoding, on the camera's native threads. */
  readonly decode: number;
  /** Pixel format, letterbox and normalisation. */
  readonly preprocess: number;
  /** The engine's run. */
  readonly infer: number;
  /** Thresholding, compaction and box decoding. */
  readonly decodeOutputs: number;
  /** Non-maximum suppression and mapping to source pixels. */
  readonly nms: number;
  /** What the monitor takes out of picture and outputs; in the worker, 0 without a monitor. */
  readonly monitor: number;
  /** Tracking, in the main isolate and not part of `total`. */
  readonly track: number;
  /** From the start of preprocessing to the finished detections, in the worker. */
  readonly total: number;
}

/** The stages of {@linkcode StageTimings} in the order they run. */
export const STAGES: readonly (keyof StageTimings)[] = [
  "decode",
  "preprocess",
  "infer",
  "decodeOutputs",
  "nms",
  "monitor",
  "track",
  "total",
];

/**
 * Everything fovea knows about one moment of a stream: plain data, valid forever.
 *
 * A result of `kind: "frame"` belongs to a picture that was really captured. A lost, stale or
 * recovered stream is told by `kind: "state"`, which carries no detections; no picture is ever
 * made up for it.
 */
export interface FrameResult {
  /** Whether this belongs to a picture or only tells a change of state. */
  readonly kind: "frame" | "state";
  /** Position of the picture in the stream from 0; for `state`, of the last picture (-1: none). */
  readonly seq: number;
  /** Presentation time of that picture, in milliseconds from the start of the stream. */
  readonly ptsMs: number;
  /** Age of the picture when the result was finished, in milliseconds since capture. */
  readonly ageMs: number;
  /** Pictures lost to load or to the source so far, counted from the start. */
  readonly dropped: number;
  /** How often the source was reconnected so far. */
  readonly epoch: number;
  /** What is known about the stream. */
  readonly state: StreamState;
  /** Why the state is what it is, where it is not `live`; else `null`. */
  readonly stateReason: string | null;
  /** Width of the source picture in pixels; 0 where there never was one. */
  readonly width: number;
  /** Height of the source picture in pixels; 0 where there never was one. */
  readonly height: number;
  /** What was found, best score first, in source pixels. */
  readonly detections: readonly Detection[];
  /**
   * Tracks that were found in this picture, by id; also by a detection too weak to be reported.
   * Empty where no tracker runs.
   */
  readonly tracks: readonly TrackedObject[];
  /** How well the detector is doing; `null` where no monitor runs. */
  readonly monitor: MonitorReport | null;
  /** Candidates left out because the model's score or box was NaN or infinite. */
  readonly nonFinite: number;
  /** The engine that really ran. */
  readonly engine: string;
  /** The execution provider that really ran. */
  readonly provider: string;
  /** Version of the classification head that was served; 0 is the one in the model file. */
  readonly headVersion: number;
  /** Where the time went. */
  readonly timingsMs: StageTimings;
}
