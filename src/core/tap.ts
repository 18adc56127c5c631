import type { Letterbox } from "./input_spec.ts";

/**
 * Which rows of a frame are tapped, by rules; what one rule picked, the next ones leave out. A rule
 * that is not given picks nothing.
 */
export interface TapRule {
  /**
   * Boxes `[n, 4]`, `x1 y1 x2 y2` in source pixels: every row whose anchor point lies in a box and
   * within `nearStrides` of its centre, or the nearest row where there is none. These are the rows
   * that {@linkcode assignAnchors} may give to targets with these boxes.
   */
  readonly nearPx?: Float32Array;
  /** How far from a box's centre, in strides on each axis, above 0; 2.5 by default. */
  readonly nearStrides?: number;
  /** Every row whose best class has at least this score, 0–1. */
  readonly scoreMin?: number;
  /** How many of the rows with the highest scores, whole, from 0. */
  readonly hardest?: number;
  /** How many rows drawn at random, whole, from 0. */
  readonly random?: number;
  /** Changes what is drawn; a whole number, 0 by default. The same frame gives the same draw. */
  readonly seed?: number;
}

/** Asks for features, logits and boxes of some rows of a frame. */
export interface TapRequest {
  /** Rows by number, from 0, in any order; or the rules that pick them. */
  readonly rows: Int32Array | TapRule;
}

/** Why a row was tapped, by its code in {@linkcode FrameTap.reason}. */
export const TAP_REASONS = ["asked", "near", "score", "hardest", "random"] as const;

/** Why a row was tapped. */
export type TapReason = typeof TAP_REASONS[number];

/**
 * What a head saw and said in some rows of one frame, as columns. Owned by the receiver.
 *
 * A row is one prediction of the model: a cell of a level, one of its anchors, or a query.
 */
export interface FrameTap {
  /** Position of the frame in its stream. */
  readonly seq: number;
  /** Version of the head that ran. */
  readonly headVersion: number;
  /** Number of rows. */
  readonly count: number;
  /** Row of the model, `[count]` int32, from 0. */
  readonly row: Int32Array;
  /** Why it was tapped, `[count]` uint8, an index into {@linkcode TAP_REASONS}. */
  readonly reason: Uint8Array;
  /** Level of the head, `[count]` uint8, from 0, the order of the model's rows. */
  readonly level: Uint8Array;
  /** Anchor within its cell, `[count]` uint8; 0 where there is one a cell. */
  readonly anchor: Uint8Array;
  /** Anchor point, `[count, 2]` float32, `x y` in network pixels; NaN for queries. */
  readonly pointXy: Float32Array;
  /** Side of the cell, `[count]` float32, in network pixels; NaN for queries. */
  readonly stride: Float32Array;
  /** Predicted box, `[count, 4]` float32, `x1 y1 x2 y2` in network pixels, not clipped. */
  readonly xyxyNet: Float32Array;
  /** Score of the best class, `[count]` float32, 0–1; NaN where the model said no number. */
  readonly score: Float32Array;
  /** Best class, `[count]` int32; -1 where the model said no number. */
  readonly classIndex: Int32Array;
  /** Channels of a row in `features`. */
  readonly channels: number;
  /** What the class layer read, `[count, channels]` float32; narrower levels end in zeros. */
  readonly features: Float32Array;
  /** Class logits, `[count, classes]` float32. */
  readonly logits: Float32Array;
  /** Channels of a row in `objectnessFeatures`; 0 where there is no objectness. */
  readonly objectnessChannels: number;
  /** What the objectness layer read, `[count, objectnessChannels]`; `null` without objectness. */
  readonly objectnessFeatures: Float32Array | null;
  /** Objectness logits, `[count]` float32; `null` without objectness. */
  readonly objectness: Float32Array | null;
  /** How the picture lies in the network input. */
  readonly letterbox: Letterbox;
}
