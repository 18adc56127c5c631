/**
 * Evaluation of detections (COCO's metrics, precision and recall, calibration, confusion) and of
 * tracks (CLEAR MOT and identity figures).
 *
 * @module
 */
export { evaluateDetections } from "./evaluate_detections.ts";
export type { ClassEvaluation, EvaluateOptions, Evaluation } from "./evaluate_detections.ts";
export { type CocoMetrics, METRIC_NAMES } from "./coco_metrics.ts";
export type { HitCounts, OperatingPoint } from "./operating_point.ts";
export type { Calibration, ReliabilityBin } from "./calibration.ts";
export type { ConfusionMatrix } from "./confusion.ts";
export { type DetectionOutcomes, OUTCOME } from "./outcomes.ts";
export { parseAnnotations } from "./parse_annotations.ts";
export { type CocoDetection, parseDetections, type ScoredBoxes } from "./parse_detections.ts";
export type { CocoFileOptions, CocoSource } from "./coco_file.ts";
export { selectTruth } from "./ground_truth.ts";
export type { GroundTruth, TruthBoxes, TruthCategory } from "./ground_truth.ts";
export type { TruthImage, TruthSelection } from "./ground_truth.ts";
export { findWorstImages } from "./worst_images.ts";
export type { BoxPx, JudgedBox, JudgedImage } from "./worst_images.ts";
export { renderReport, type ReportOptions } from "./report/report_page.ts";
export type { ReportPicture } from "./report/picture_figure.ts";
export { TrackEvaluator, type TrackEvaluatorOptions } from "./track_metrics.ts";
export type { TrackedBox, TrackSummary, TrackTruth } from "./track_metrics.ts";
export { evaluateTracks, type TrackEvaluation } from "./evaluate_tracks.ts";
export { type Agreement, type AgreementRule, AgreementTally } from "./agreement.ts";
export { combineTrackCounts, type TrackCounts, type TrackScores } from "./track_scores.ts";
