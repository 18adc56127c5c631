import type { Frame } from "../core/frame.ts";
import type { StreamState } from "../core/result.ts";
import type { AnchorFacts } from "./anchor_facts.ts";
import type { ImageFacts } from "./image_look.ts";
import type { FrameTargets, ScoredBox } from "./target_box.ts";

/** All that a {@linkcode Monitor} is told about one picture. */
export interface FrameObservation {
  /** Position in the stream; must grow. */
  readonly seq: number;
  /** Presentation time in milliseconds. */
  readonly ptsMs: number;
  /** Reconnections before it; a new one begins new tracks. */
  readonly epoch: number;
  /** What is known about the stream at it. */
  readonly state: StreamState;
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
  /** Detections after suppression, down to a score of 0.05, in source pixels. */
  readonly detections: readonly ScoredBox[];
  /** The loss of all anchors; `null` where the model's outputs were not to be trusted. */
  readonly anchors: AnchorFacts | null;
  /**
   * Logarithm of the best class score of some rows of the model, the same rows every frame; `null`
   * where rows have no place of their own or the outputs were not to be trusted.
   */
  readonly background: Float32Array | null;
  /** What the picture looks like. */
  readonly image: ImageFacts;
  /** What another detector says, where one looked. */
  readonly teacher: FrameTargets | null;
  /** The pixels, on loan until the call returns; `null` where nobody keeps them. */
  readonly frame: Frame | null;
}
