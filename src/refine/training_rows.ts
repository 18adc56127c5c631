import type { TappedFeatures } from "../detector/apply_head.ts";

/**
 * Rows of tapped features that a head learns from, as columns.
 *
 * A row is one prediction of the model in one frame: what its class layer and its objectness layer
 * read there, and what it should have said.
 */
export interface TrainingRows extends TappedFeatures {
  /** Class that each row should name, `[count]` int32, an index of the head; -1 for background. */
  readonly target: Int32Array;
  /** How much each row counts, `[count]` float32, from 0; 1 for what an operator labelled. */
  readonly weight: Float32Array;
}
