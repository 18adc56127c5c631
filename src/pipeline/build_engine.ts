import type { Clock } from "../core/clock.ts";
import { FoveaError } from "../core/errors.ts";
import type { TensorRtEvent } from "./detector_event.ts";
import type { AsideCache } from "./engine_folder.ts";
import type { LoadRequest } from "./protocol.ts";
import type { WorkerLane } from "./worker_lane.ts";

/** Time between two words on a build, in milliseconds. */
const TELL_EVERY_MS = 5_000;

/** An engine that is to be built. */
export interface BuildJob {
  /** The cache that it is built in. */
  readonly aside: AsideCache;
  /** Makes the worker that builds it. */
  readonly makeLane: () => WorkerLane;
  /** What that worker is loaded with, building in this cache. */
  readonly makeRequest: (cacheFolder: string) => LoadRequest;
  /** Size of the model, in bytes. */
  readonly modelBytes: number;
  /** What it may take, in milliseconds; `null` where nothing is known. */
  readonly estimateMs: number | null;
  /** Where time comes from. */
  readonly clock: Clock;
  /** Is told how long it takes. */
  readonly tell: (event: TensorRtEvent) => void;
}

/**
 * Builds the engine of a model in a worker of its own, which is gone afterwards, and puts it in its
 * place as a whole. Loading the model is what builds it.
 *
 * @param signal Ends the worker; what TensorRT was doing then goes on until it is done, and is
 * thrown away.
 * @returns What it took, in milliseconds.
 * @throws {FoveaError} What loading throws; nothing is left behind then.
 */
export async function buildEngine(job: BuildJob, signal: AbortSignal): Promise<number> {
  const { aside, clock, modelBytes } = job;
  const beganMs = clock.nowMs();
  const stop = new AbortController();
  const lane = job.makeLane();
  const abandon = (): void => lane.abandon();
  signal.addEventListener("abort", abandon, { once: true });
  const telling = tellProgress(job, beganMs, AbortSignal.any([signal, stop.signal]));
  try {
    signal.throwIfAborted();
    await lane.load(job.makeRequest(aside.cacheFolder));
    const buildMs = Math.round(clock.nowMs() - beganMs);
    // Only then has everything been written.
    await lane[Symbol.asyncDispose]();
    signal.throwIfAborted();
    await aside.commit({ format: 1, modelBytes, buildMs, verdict: null });
    return buildMs;
  } catch (error) {
    signal.throwIfAborted();
    throw FoveaError.from(error, "ENGINE_FAILED", "Cannot build the engine");
  } finally {
    signal.removeEventListener("abort", abandon);
    stop.abort();
    await telling;
    await lane[Symbol.asyncDispose]().catch(() => {});
    await aside[Symbol.asyncDispose]();
  }
}

async function tellProgress(
  { clock, estimateMs, tell }: BuildJob,
  beganMs: number,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    tell({ kind: "tensorrt-building", elapsedMs: clock.nowMs() - beganMs, estimateMs });
    await clock.wait(TELL_EVERY_MS, signal);
  }
}
