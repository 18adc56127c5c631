/**
 * Tells when a detector has quietly changed: drift detectors for a loss, a score, or any other
 * number of a frame.
 *
 * All of them are a {@linkcode DriftDetector}. None is best:
 *
 * | detector | needs | sees soon | does not see |
 * |---|---|---|---|
 * | {@linkcode Cusum} | a clean stream to warm up on | small lasting rises | a change of spread, rises within the slack |
 * | {@linkcode EwmaChart} | a clean stream to warm up on | rises of half a deviation and more | a change of spread |
 * | {@linkcode PageHinkley} | slack and threshold in the values' unit | jumps | slow ramps, a change of spread |
 * | {@linkcode Adwin} | the range of values | small changes that last | a change of spread, sparse spikes |
 * | {@linkcode Kswin} | nothing | changes of shape and spread | ramps longer than its window, small changes |
 *
 * Those with a reference never adapt to a lasting drift and report it again and again; the others
 * take it for normal in the end. Bounds and limits are for independent values: frames of a camera
 * resemble their neighbours, so that alarms are more frequent than they say.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { type DriftDetector, PageHinkley } from "@fovea/fovea/monitor";
 *
 * const detector: DriftDetector = new PageHinkley({ warmup: 10, slack: 0.01, threshold: 2 });
 * const losses = [...Array(20).fill(0.1), ...Array(5).fill(1.1)];
 * assertEquals(losses.findIndex((loss) => detector.observe(loss) === "drift"), 22);
 * ```
 *
 * @module
 */
export type {
  DriftDetector,
  DriftDetectorKind,
  DriftDirection,
  DriftSnapshot,
  DriftState,
} from "./drift_detector.ts";
export { Cusum, type CusumOptions, type CusumState } from "./cusum.ts";
export { PageHinkley, type PageHinkleyOptions, type PageHinkleyState } from "./page_hinkley.ts";
export { EwmaChart, type EwmaChartOptions, type EwmaChartState } from "./ewma_chart.ts";
export { Adwin, type AdwinOptions, type AdwinState } from "./adwin.ts";
export { Kswin, type KswinOptions, type KswinState } from "./kswin.ts";
export { restoreDriftDetector } from "./drift_snapshot.ts";
export type { ReferenceState } from "./reference_statistics.ts";
export type { BucketState, HistogramState } from "./exponential_histogram.ts";
