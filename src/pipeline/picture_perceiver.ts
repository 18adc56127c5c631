import type { StagedHead } from "./head_slots.ts";
import type { AttachRequest, InferReply, InferRequest } from "./protocol.ts";

/** Turns pictures into detections on the thread it lives on. */
export interface PicturePerceiver extends AsyncDisposable {
  /** Takes pictures of an arena from now on, in place of an earlier one of the same number. */
  attach(request: AttachRequest): Promise<void>;
  /** Forgets an arena. */
  detach(arenaId: number): void;
  /**
   * Runs one picture.
   *
   * @param onRead Called as soon as the picture's pixels are no longer needed.
   * @throws {FoveaError} `PIXEL_FORMAT`, `LIMIT`, `ENGINE_FAILED`, `ENGINE_TIMEOUT`, `OUTPUT_SHAPE`,
   * `OUTPUT_NOT_FINITE`, `GPU_MEMORY`, `GPU_FAILED`.
   */
  infer(request: InferRequest, onRead: () => void): Promise<InferReply>;
  /**
   * Makes a head ready to be served.
   *
   * @throws {TypeError} If no head is exposed.
   */
  stageHead(head: StagedHead): void;
  /** Serves the head that is ready, and tells the milliseconds that took. */
  commitHead(): number;
  /** Times the bare model on a grey picture; milliseconds per run. */
  measure(runs: number): Promise<number[]>;
}
