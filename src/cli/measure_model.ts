import type { Detector } from "../pipeline/loaded_detector.ts";

/** How long one measurement of the bare model may take, in milliseconds. */
const BUDGET_MS = 1_500;
const RUNS_MIN = 3;
const RUNS_MAX = 60;

/** Runs that fit the time budget if one takes `modelMs`. */
export function runsWithin(modelMs: number): number {
  return Math.min(RUNS_MAX, Math.max(RUNS_MIN, Math.floor(BUDGET_MS / modelMs)));
}

/** The median time of the bare model in milliseconds, in about a second whatever the model. */
export async function measureModel(detector: Detector): Promise<number> {
  const firstMs = await detector.measureModelMs(RUNS_MIN);
  return await detector.measureModelMs(runsWithin(firstMs));
}
