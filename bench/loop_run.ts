import {
  type Detector,
  openCamera,
  perceive,
  type PerceiveOptions,
  type StageTimings,
} from "@fovea/fovea";

/** What one run of the loop over a clip gave. */
export interface LoopRun {
  /** Results per second of wall time, from the first request to the last result. */
  readonly fps: number;
  /** Number of results. */
  readonly frames: number;
  /** Detections in all results. */
  readonly detections: number;
  /** Time between one result and the next, in milliseconds. */
  readonly gapMs: readonly number[];
  /** Stages of each frame, in milliseconds. */
  readonly timingsMs: readonly StageTimings[];
}

/**
 * Runs the loop over the first `maxFrames` frames of a clip; opening the clip is not counted.
 *
 * @param options What the loop does besides detecting; nothing by default.
 */
export async function runLoop(
  clip: string,
  detector: Detector,
  maxFrames: number,
  options: Pick<PerceiveOptions, "monitor"> = {},
): Promise<LoopRun> {
  await using camera = await openCamera(clip);
  const timingsMs: StageTimings[] = [];
  const gapMs: number[] = [];
  let detections = 0;
  const startedMs = performance.now();
  let lastMs = startedMs;
  for await (const result of perceive(camera, detector, { ...options, maxFrames })) {
    if (result.kind !== "frame") continue;
    const nowMs = performance.now();
    gapMs.push(nowMs - lastMs);
    lastMs = nowMs;
    timingsMs.push(result.timingsMs);
    detections += result.detections.length;
  }
  const frames = timingsMs.length;
  return { fps: frames / ((lastMs - startedMs) / 1000), frames, detections, gapMs, timingsMs };
}
