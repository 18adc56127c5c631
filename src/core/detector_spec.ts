import type { InputSpec } from "./input_spec.ts";

/** The output layouts fovea can decode; each has one adapter. */
export type DetectorFamily =
  | "yolo-end2end"
  | "yolo-v8"
  | "yolo-v5"
  | "yolox"
  | "detr"
  | "nanodet";

/** One thing that was found out about a model, and where it comes from. */
export interface Finding {
  /** What it is about, for example `family`, `classes`, `input.channels`. */
  readonly about: string;
  /** What was found, as text. */
  readonly value: string;
  /** Where it comes from; `assumed` is a guess that a flag or a manifest can correct. */
  readonly source: "flag" | "manifest" | "metadata" | "names" | "shapes" | "graph" | "assumed";
  /** Why, in one sentence. */
  readonly why: string;
}

/** Everything needed to feed and decode a detector: plain data that may cross isolates. */
export interface DetectorSpec {
  /** Output layout. */
  readonly family: DetectorFamily;
  /** The picture input. */
  readonly input: InputSpec;
  /** Small extra inputs that get constant values (for example `orig_target_sizes`). */
  readonly extraInputs: readonly ExtraInput[];
  /** Outputs that are decoded, by role (`predictions`, or `logits` and `boxes`, …). */
  readonly outputs: Readonly<Record<string, string>>;
  /** Class names in the model's order. */
  readonly classNames: readonly string[];
  /** Family-specific facts (strides, whether boxes are already decoded, activation, …). */
  readonly options: Readonly<Record<string, number | string | boolean | readonly number[]>>;
  /** Whether non-maximum suppression must run. */
  readonly needsNms: boolean;
  /** How all of this was found out. */
  readonly findings: readonly Finding[];
}

/** An input besides the picture, with the constant it is fed. */
export interface ExtraInput {
  /** Name in the graph. */
  readonly name: string;
  /** Element type. */
  readonly type: "float32" | "int32" | "int64";
  /** Shape. */
  readonly dims: readonly number[];
  /** Values in row-major order. */
  readonly values: readonly number[];
}

/** Lowest score that is reported where neither a program nor a manifest says it. */
export const CONFIDENCE_DEFAULT = 0.25;

/** How detections are picked from what a model says. */
export interface DecodeParams {
  /** Lowest score to report, 0–1. */
  readonly confidence: number;
  /** IoU above which the weaker of two boxes is dropped, 0–1. */
  readonly iouThreshold: number;
  /** Whether boxes of different classes suppress each other. */
  readonly agnosticNms: boolean;
  /** Most detections per frame. */
  readonly maxDetections: number;
  /** Whether a box is reported for its best class, or for every class that reaches the score. */
  readonly labels: "best" | "all";
  /** Classes to report, as indices; `null` for all. */
  readonly classFilter: readonly number[] | null;
}
