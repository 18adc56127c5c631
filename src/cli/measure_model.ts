import type { Detector } from "../pipeline/loaded_detector.ts";

/** How long one measurement of the bare model may take, in milliseconds. */
const BUDGET_MS = 1_500;
const RUNS_MIN = 3;
const RUNS_MAX = 60;

/** Runs that fit the time budget if one takes `modelMs`. */
export function runsWithin(modelMs: number): number {
  return Math.min(RUNS_MAX, Math.max(RUNS_MIN, Math.floor(BUDGET_MS / modelMs)));
}

/**
 * The median time of the bare model in milliseconds, in about a second whatever the model, as the
 * only item; nothing where `signal` aborted first. A model that is slower than that is run one by
 * one, so that nobody waits for more than one run.
 */
export async function measureModel(
  detector: Pick<Detector, "measureModelMs">,
  signal: AbortSignal,
): Promise<number[]> {
  if (signal.aborted) return [];
  const firstMs = await detector.measureModelMs(1);
  const runs = runsWithin(firstMs);
  if (firstMs * runs <= BUDGET_MS) {
    return signal.aborted ? [] : [await detector.measureModelMs(runs)];
  }
  const times = [firstMs];
  while (times.length < runs) {
    if (signal.aborted) return [];
    times.push(await detector.measureModelMs(1));
  }
  return [times.sort((a, b) => a - b)[times.length >> 1]!];
}
