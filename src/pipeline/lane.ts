import type { Arena, Frame } from "../core/frame.ts";
import type { StagedHead } from "./head_slots.ts";
import type { InferReply, InferRequest } from "./protocol.ts";

/** What is wanted of a picture. */
export type InferWish = Pick<InferRequest, "confidence" | "monitored" | "tap">;

/** One place where pictures are inferred, one at a time, in the order they were handed in. */
export interface Lane extends AsyncDisposable {
  /** Pictures that were handed in and have no result yet. */
  readonly inFlight: number;
  /**
   * Runs one frame. The lease is disposed as soon as the pixels are no longer needed, whatever
   * happens.
   */
  infer(frame: Frame, wanted: InferWish): Promise<InferReply>;
  /** Gets the next head ready behind the pictures that were handed in. */
  stageHead(head: StagedHead): Promise<void>;
  /**
   * Serves the head that is ready: pictures handed in before run with the old one, all later ones
   * with the new one. Resolves to the milliseconds that changing over took.
   */
  commitHead(): Promise<number>;
  /** Milliseconds of each of `runs` bare runs of the model. */
  measure(runs: number): Promise<readonly number[]>;
  /** Gives this lane's region of an arena back, when its camera goes. */
  detach(arena: Arena): Promise<void>;
}
