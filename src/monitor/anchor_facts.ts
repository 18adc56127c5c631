/**
 * The loss of all anchors of one frame against the detector's own detections, as sums: what can only
 * be computed where the model's outputs lie. Plain data.
 */
export interface AnchorFacts {
  /** Anchors that own detections were assigned to. */
  readonly positives: number;
  /** Cross-entropy of positives and negatives, in nats. */
  readonly crossEntropy: number;
  /** Part of it that easy negatives (p < 0.1) hold. */
  readonly easyCrossEntropy: number;
  /** Focal loss of the same, `gamma` = 2. */
  readonly focalLoss: number;
  /** Part of it that easy negatives hold. */
  readonly easyFocalLoss: number;
  /** Scores left out because they are NaN or infinite. */
  readonly nonFinite: number;
}

/** S2 of a frame: cross-entropy of all anchors over `max(1, positives)`, in nats.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { anchorSignal } from "@fovea/fovea/monitor";
 *
 * const facts = {
 *   positives: 4,
 *   crossEntropy: 10,
 *   easyCrossEntropy: 6,
 *   focalLoss: 1,
 *   easyFocalLoss: 0,
 *   nonFinite: 0,
 * };
 * assertEquals(anchorSignal(facts), 2.5);
 * ```
 */
export function anchorSignal({ crossEntropy, positives }: AnchorFacts): number {
  return crossEntropy / Math.max(1, positives);
}

/** S2 of a frame; what it was before where the frame says nothing, or no number. */
export function anchorSignalAfter(before: number, facts: AnchorFacts | null): number {
  const signal = facts === null ? NaN : anchorSignal(facts);
  return Number.isFinite(signal) ? signal : before;
}
