import type { FoveaError } from "../core/errors.ts";
import type { Agreement } from "../evaluate/agreement.ts";

/**
 * What becomes of an engine that TensorRT builds while another provider serves.
 *
 * - `tensorrt-building`: it is being built; told every few seconds.
 * - `tensorrt-judging`: it is built, and compared with the provider that serves.
 * - `tensorrt-ready`: it serves, from the next picture on.
 * - `tensorrt-refused`: it differs too much from the model and is not used; the other provider goes
 *   on.
 * - `tensorrt-failed`: it cannot be built, loaded or run; the other provider goes on.
 */
export type TensorRtEvent =
  | {
    readonly kind: "tensorrt-building";
    /** Time it has taken so far, in milliseconds. */
    readonly elapsedMs: number;
    /** Time that it may take in all, after earlier builds; `null` where there were none. */
    readonly estimateMs: number | null;
  }
  | {
    readonly kind: "tensorrt-judging";
    /** How far it agrees with the provider that serves, so far. */
    readonly figures: Agreement;
    /** Pictures that are needed. */
    readonly picturesMin: number;
    /** Firm detections of the provider that serves that are needed. */
    readonly objectsMin: number;
  }
  | {
    readonly kind: "tensorrt-ready";
    /** How far it agrees with the provider that served. */
    readonly figures: Agreement;
    /** What building took, in milliseconds; `null` where it was built before. */
    readonly buildMs: number | null;
    /** Why that is not remembered for the next start; `null` where it is, or where nothing is kept. */
    readonly recordFault: FoveaError | null;
  }
  | {
    readonly kind: "tensorrt-refused";
    /** Why, in words. */
    readonly reason: string;
    /** How far it agrees with the provider that serves. */
    readonly figures: Agreement;
    /** The folder that keeps the engine and its refusal; `null` where nothing is kept. */
    readonly folder: string | null;
    /** Why that is not remembered for the next start; `null` where it is, or where nothing is kept. */
    readonly recordFault: FoveaError | null;
  }
  | {
    readonly kind: "tensorrt-failed";
    /** What went wrong. */
    readonly error: FoveaError;
  };

/**
 * What happens to a detector while it is loaded: what becomes of TensorRT's engine, or that a worker
 * which gave no answer in time (`runTimeoutMs`) was replaced by another one.
 */
export type DetectorEvent =
  | TensorRtEvent
  | {
    readonly kind: "worker-replaced";
    /** What the picture that it was at failed with: `ENGINE_TIMEOUT`. */
    readonly error: FoveaError;
  };
