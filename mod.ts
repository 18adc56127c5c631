/**
 * fovea streams camera frames through an ONNX object detector on the machine next to the camera.
 *
 * @example Detections of every frame of a clip
 * ```ts ignore
 * import { loadDetector, openCamera, perceive } from "@fovea/fovea";
 *
 * await using camera = await openCamera("clip.mp4");
 * await using detector = await loadDetector("detector.onnx");
 * for await (const result of perceive(camera, detector)) {
 *   for (const found of result.detections) {
 *     console.log(result.seq, found.className, found.score.toFixed(2), found.xyxyPx);
 *   }
 * }
 * ```
 *
 * @module
 */

// The loop
export { loadDetector } from "./src/pipeline/load_detector.ts";
export { SHIPPED_DETECTOR } from "./src/pipeline/shipped_detector.ts";
export type { DetectorOptions } from "./src/pipeline/detector_options.ts";
export type { Detector } from "./src/pipeline/loaded_detector.ts";
export type { DetectorEvent, TensorRtEvent } from "./src/pipeline/detector_event.ts";
export type { TensorRtBuild } from "./src/pipeline/start_plan.ts";
export type { Agreement } from "./src/evaluate/agreement.ts";
export { perceive, type PerceiveOptions } from "./src/pipeline/perceive.ts";
export { type FrameResult, STAGES, type StageTimings } from "./src/core/result.ts";
export type { StreamState } from "./src/core/result.ts";
export { type Detection, type Detections, listDetections } from "./src/core/detections.ts";
export { RunStats, type RunSummary } from "./src/pipeline/run_stats.ts";
export type { Quantiles } from "./src/pipeline/latency_histogram.ts";

// Cameras
export { openCamera } from "./src/camera/open_camera.ts";
export type { CameraOptions, ReconnectOptions } from "./src/camera/camera_options.ts";
export { degradeCamera, type DegradeOptions } from "./src/camera/degrade_camera.ts";
export type { Degradation, DegradationKind } from "./src/degrade/degradation.ts";
export { type DegradationSeverity, parseDegradation } from "./src/degrade/degradation.ts";
export type { Camera, CameraEvent, CameraInfo } from "./src/core/ports.ts";
export type { FrameTruth, TrueObject, TruthSource } from "./src/core/frame_truth.ts";
export type { Arena, Frame, Picture, Plane } from "./src/core/frame.ts";
export type { ColorMatrix, ColorRange, PixelFormat } from "./src/core/pixel_format.ts";

// Detectors
export { type Manifest, parseManifest } from "./src/detector/manifest.ts";
export type {
  FamilyOptions,
  InputStatement,
  PerChannel,
  Scaling,
  SpecOverrides,
} from "./src/detector/overrides.ts";
export type {
  DetectorFamily,
  DetectorSpec,
  ExtraInput,
  Finding,
} from "./src/core/detector_spec.ts";
export type { InputSpec, Letterbox, LetterboxRule } from "./src/core/input_spec.ts";
export type { GraphOptimization } from "./src/engine/engine_options.ts";
export type { EngineName } from "./src/engine/engine_names.ts";
export type { CudaOptions, ShapeProfile, TensorRtOptions } from "./src/engine/provider_options.ts";

// Heads
export { type HeadParts, HeadWeights, type LayerValues } from "./src/core/head_weights.ts";
export { readHead, writeHead } from "./src/core/head_file.ts";
export { readHeadFile, writeHeadFile } from "./src/pipeline/head_store.ts";
export { exportHead } from "./src/pipeline/export_head.ts";
export type { ExportCheck, ExportReport, ExportRequest } from "./src/pipeline/export_head.ts";
export type { Comparison } from "./src/pipeline/compare_models.ts";
export type { HeadLayer, HeadLayout, HeadLevel, RawPredictions } from "./src/core/head_layout.ts";

export type { HeadSwap } from "./src/pipeline/loaded_detector.ts";
export { GovernedTraining, governTraining } from "./src/pipeline/govern_training.ts";
export type { GovernTrainingOptions } from "./src/pipeline/govern_training.ts";
export type { HeadOptions } from "./src/pipeline/head_options.ts";
export type { HeadForm } from "./src/onnx/head_surgery.ts";
export { type HeadCell, HeadGrid, type HeadGridLevel } from "./src/detector/head_grid.ts";
export type { FrameToTap, TapOptions } from "./src/pipeline/tap_options.ts";
export { type FrameTap, TAP_REASONS } from "./src/core/tap.ts";
export type { TapReason, TapRequest, TapRule } from "./src/core/tap.ts";

// Sinks
export { openSink, type SinkOptions } from "./src/sink/open_sink.ts";
export { ndjsonSink, type NdjsonSinkOptions } from "./src/sink/ndjson_sink.ts";
export { callbackSink } from "./src/sink/callback_sink.ts";
export type { CallbackSinkOptions, ResultCallback } from "./src/sink/callback_sink.ts";
export { fanOut } from "./src/sink/fan_out.ts";
export type { Sink } from "./src/core/ports.ts";

// Tracks
export { ByteTracker } from "./src/track/byte_tracker.ts";
export type { ClassRule, TrackerOptions } from "./src/track/tracker_options.ts";
export type { PictureMoment, Track, TrackedObject } from "./src/core/track.ts";
export type { Tracker } from "./src/core/ports.ts";

// Monitor
export { createMonitor } from "./src/pipeline/create_monitor.ts";
export type { TeacherChoice } from "./src/pipeline/choose_monitor.ts";
export { Monitor } from "./src/monitor/monitor.ts";
export type { LabelSource, MonitorOptions } from "./src/monitor/monitor_options.ts";
export type { MonitorEvent } from "./src/monitor/monitor_event.ts";
export type {
  ConfidenceInterval,
  EvidencedLoss,
  EvidenceKind,
  Health,
  LevelReport,
  LossFigures,
  LossShare,
  MonitorAlarm,
  MonitorReport,
  SignalReport,
} from "./src/core/monitor_report.ts";

// Refining
export {
  type Candidate,
  LONE_RECIPE,
  type NewClass,
  REFINING_RECIPE,
} from "./src/pipeline/refining/train_candidates.ts";
export {
  refineDetector,
  type RefinedStep,
  type RefineFrames,
  type Refinement,
  type RefineOptions,
  type RefineProgress,
} from "./src/pipeline/refining/refine_detector.ts";
export type { FrameLabeller, FrameSet, PictureSize } from "./src/pipeline/refining/frame_set.ts";
export { growDetector, type GrownDetector } from "./src/pipeline/refining/grow_detector.ts";
export { Refiner, type RefinerOptions } from "./src/pipeline/refining/refiner.ts";
export type { RefineEvent } from "./src/pipeline/refining/refine_event.ts";
export type { LiveNeeds } from "./src/pipeline/refining/live_evidence.ts";
export { Probation, type ProbationVerdict } from "./src/pipeline/refining/probation.ts";

// Errors and time
export { FoveaError, type FoveaErrorCode } from "./src/core/errors.ts";
export type { FoveaErrorJson, FoveaErrorOptions } from "./src/core/errors.ts";
export { type Clock, ManualClock } from "./src/core/clock.ts";
