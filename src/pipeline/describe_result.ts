import { type Detections, listDetections } from "../core/detections.ts";
import type { DetectorSpec } from "../core/detector_spec.ts";
import type { Frame } from "../core/frame.ts";
import type { MonitorReport } from "../core/monitor_report.ts";
import type { FrameResult, StageTimings, StreamState } from "../core/result.ts";
import { listTracked, type Track } from "../core/track.ts";
import type { InferReply } from "./protocol.ts";

/** What is kept of a frame after its lease went to a worker. */
export interface FrameFacts {
  /** Position in the stream. */
  readonly seq: number;
  /** Reconnects before it. */
  readonly epoch: number;
  /** Presentation time in milliseconds. */
  readonly ptsMs: number;
  /** Time of capture in milliseconds on the loop's clock. */
  readonly capturedMs: number;
  /** What decoding took in milliseconds. */
  readonly decodeMs: number;
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
}

/** Who found what is in a result. */
export interface Finder {
  /** How the model is fed and decoded. */
  readonly spec: DetectorSpec;
  /** The engine that really runs. */
  readonly engine: string;
  /** The provider that really runs. */
  readonly provider: string;
  /** The head that is served; `null` where none is exposed. */
  readonly head: { readonly version: number } | null;
}

/** State of the stream at a result. */
export interface StreamFacts {
  /** What is known about the stream. */
  readonly state: StreamState;
  /** Why, where it is not `live`. */
  readonly reason: string | null;
  /** Frames lost so far. */
  readonly dropped: number;
}

/** What is reported of a picture, with its tracks. */
export interface Sighting {
  /** Detections to report. */
  readonly reported: Detections;
  /** The track of each, 0 for none. */
  readonly trackIds: Int32Array;
  /** All tracks at this picture. */
  readonly tracks: readonly Track[];
  /** What tracking took, in milliseconds. */
  readonly trackMs: number;
}

const NO_TIMINGS: StageTimings = {
  decode: 0,
  preprocess: 0,
  infer: 0,
  decodeOutputs: 0,
  nms: 0,
  monitor: 0,
  track: 0,
  total: 0,
};

/** Notes what outlives the lease of a frame. */
export function factsOf(frame: Frame): FrameFacts {
  const { seq, epoch, ptsMs, capturedMs, decodeMs, picture: { width, height } } = frame;
  return { seq, epoch, ptsMs, capturedMs, decodeMs, width, height };
}

/** The result of a picture at the time `nowMs`. */
export function describeFrame(
  facts: FrameFacts,
  stream: StreamFacts,
  reply: InferReply,
  found: Sighting & { readonly monitor: MonitorReport | null },
  finder: Finder,
  nowMs: number,
): FrameResult {
  const { reported, trackIds, tracks, trackMs, monitor } = found;
  const { classNames } = finder.spec;
  return {
    kind: "frame",
    ...placeOf(facts, nowMs),
    dropped: stream.dropped,
    epoch: facts.epoch,
    state: stream.state,
    stateReason: stream.reason,
    width: facts.width,
    height: facts.height,
    detections: listDetections(reported, classNames, trackIds),
    tracks: listTracked(tracks, classNames),
    monitor,
    nonFinite: reply.nonFinite,
    engine: finder.engine,
    provider: finder.provider,
    headVersion: reply.headVersion,
    timingsMs: { decode: facts.decodeMs, ...reply.timingsMs, track: trackMs },
  };
}

/** The result that tells a change of state; `last` is the last picture before it, if any. */
export function describeState(
  last: FrameFacts | null,
  stream: StreamFacts,
  epoch: number,
  monitor: MonitorReport | null,
  finder: Finder,
  nowMs: number,
): FrameResult {
  return {
    kind: "state",
    ...placeOf(last, nowMs),
    dropped: stream.dropped,
    epoch,
    state: stream.state,
    stateReason: stream.reason,
    width: last?.width ?? 0,
    height: last?.height ?? 0,
    detections: [],
    tracks: [],
    monitor,
    nonFinite: 0,
    engine: finder.engine,
    provider: finder.provider,
    headVersion: finder.head?.version ?? 0,
    timingsMs: NO_TIMINGS,
  };
}

function placeOf(
  facts: FrameFacts | null,
  nowMs: number,
): Pick<FrameResult, "seq" | "ptsMs" | "ageMs"> {
  if (facts === null) return { seq: -1, ptsMs: 0, ageMs: 0 };
  return { seq: facts.seq, ptsMs: facts.ptsMs, ageMs: Math.max(0, nowMs - facts.capturedMs) };
}
