import type { Arena, Frame } from "../core/frame.ts";
import type { CalibrationFrames } from "./calibration_frames.ts";
import type { InferWish, Lane } from "./lane.ts";
import type { InferReply, LoadReply } from "./protocol.ts";

/** The lanes that serve a detector; others may take their place between two pictures. */
export class LaneSet implements AsyncDisposable {
  #lanes: readonly Lane[];
  #reply: LoadReply;
  /** Lanes that finish what was handed to them, and free themselves. */
  readonly #leaving = new Set<Promise<void>>();
  /** Keeps some pictures with what was found in them; `null` where nobody asks. */
  sampler: CalibrationFrames | null = null;

  /** Takes over the lanes, all loaded alike. */
  constructor(lanes: readonly Lane[], reply: LoadReply) {
    this.#lanes = lanes;
    this.#reply = reply;
  }

  /** The lanes that serve now. */
  get lanes(): readonly Lane[] {
    return this.#lanes;
  }

  /** What they told when they were loaded. */
  get reply(): LoadReply {
    return this.#reply;
  }

  /** Runs one picture on the lane with the fewest; the lease is taken over. */
  infer(frame: Frame, wanted: InferWish): Promise<InferReply> {
    const lane = this.#lanes.reduce((best, other) => other.inFlight < best.inFlight ? other : best);
    const keep = this.sampler?.offer(frame, wanted.confidence) ?? null;
    const reply = lane.infer(frame, wanted);
    if (keep !== null) reply.then(keep, () => keep(null));
    return reply;
  }

  /**
   * Lets other lanes serve from the next picture on. Those that served finish the pictures that were
   * handed to them, and are freed.
   */
  serve(lanes: readonly Lane[], reply: LoadReply): void {
    const leaving = this.#lanes;
    this.#lanes = lanes;
    this.#reply = reply;
    const left = freeAll(leaving);
    this.#leaving.add(left);
    left.then(() => this.#leaving.delete(left));
  }

  /** Lets go of a camera's memory. */
  async detach(arena: Arena): Promise<void> {
    await Promise.all([...this.#lanes.map((lane) => lane.detach(arena)), ...this.#leaving]);
  }

  /** Frees every lane. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([freeAll(this.#lanes), ...this.#leaving]);
  }
}

/** Frees lanes; one that fails does not keep the others. */
async function freeAll(lanes: readonly Lane[]): Promise<void> {
  await Promise.allSettled(lanes.map((lane) => lane[Symbol.asyncDispose]()));
}
