/**
 * Tells how well a detector is doing and when it has quietly changed.
 *
 * {@linkcode Monitor} watches one detector at one camera: losses that say what they rest on, drift
 * signals, alarms, and what may have happened. `perceive(camera, detector, { monitor: true })` feeds
 * it; a program may as well feed it frames of its own.
 *
 * Drift detectors watch a loss, a score, or any other number of a frame. All of them are a {@linkcode DriftDetector}. None is best:
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

export { Monitor } from "./monitor.ts";
export type { LabelSource, MonitorOptions, MonitorSource } from "./monitor_options.ts";
export type { BackgroundRange, BackgroundState } from "./background_watch.ts";
export type { MonitorEvent } from "./monitor_event.ts";
export type { FrameObservation } from "./frame_observation.ts";
export type { AnchorFacts } from "./anchor_facts.ts";
export { anchorSignal } from "./anchor_facts.ts";
export type {
  ConfidenceInterval,
  DriftReport,
  EvidencedLoss,
  EvidenceKind,
  Health,
  LevelReport,
  LossFigures,
  LossShare,
  MonitorAlarm,
  MonitorReport,
  SignalReport,
} from "../core/monitor_report.ts";
export type { StreamState } from "../core/result.ts";

// What a frame should hold, and the loss against it
export type { FrameTargets, ScoredBox, TargetBox } from "./target_box.ts";
export { matchObjects, objectLoss, objectTermLoss } from "./object_loss.ts";
export type { ObjectLoss, ObjectMatches, ObjectTerm } from "./object_loss.ts";
export { Consensus, CONSENSUS_DEFAULTS, type ConsensusOptions } from "./consensus.ts";
export { expectedLoss } from "./expected_loss.ts";
export { type FrameLabels, labelFrames } from "./frame_labels.ts";
export type {
  GroundTruth,
  TruthBoxes,
  TruthCategory,
  TruthImage,
} from "../evaluate/ground_truth.ts";
export { type FrameLoss, lossOver, type WindowLoss } from "./loss_window.ts";
export type { HardExample } from "./hard_examples.ts";
export type { RgbCrop } from "./crop.ts";

// What is usual, and what is not
export type { Calibration, SignalCalibration } from "./calibration.ts";
export { formatCalibration, parseCalibration } from "./calibration_file.ts";
export type { MonitorSubject, StoredCalibration } from "./calibration_file.ts";
export { formatMonitorState, parseMonitorState } from "./monitor_state.ts";
export type { LoggedAlarm, MonitorState } from "./monitor_state.ts";
export type { SignalFrames, WatchState } from "./drift_watch.ts";
export type { SignalState } from "./drift_signal.ts";
export type { HealthState } from "./health.ts";
export type { LoggedFrame, TargetSource } from "./frame_log.ts";
export type { ScoreEvidence } from "./expected_loss.ts";
export { type ImageFacts, lookAt } from "./image_look.ts";
export { suspect, type Suspicion, type SuspicionName } from "./suspicion.ts";
export type { LookAverage } from "./suspicion.ts";
export type { Arena, Frame, Picture, Plane } from "../core/frame.ts";
export type { ColorMatrix, ColorRange, PixelFormat } from "../core/pixel_format.ts";
export type { Xyxy } from "../core/xyxy.ts";
