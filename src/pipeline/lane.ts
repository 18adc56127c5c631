import type { Arena, Frame } from "../core/frame.ts";
import type { InferReply } from "./protocol.ts";

/** One place where pictures are inferred, one at a time, in the order they were handed in. */
export interface Lane extends AsyncDisposable {
  /** Pictures that were handed in and have no result yet. */
  readonly inFlight: number;
  /**
   * Runs one frame and picks detections from `confidence`, 0–1, on. The lease is disposed as soon
   * as the pixels are no longer needed, whatever happens.
   */
  infer(frame: Frame, confidence: number): Promise<InferReply>;
  /** Milliseconds of each of `runs` bare runs of the model. */
  measure(runs: number): Promise<readonly number[]>;
  /** Gives this lane's region of an arena back, when its camera goes. */
  detach(arena: Arena): Promise<void>;
}
