/** What became of a detection at IoU 0.5. */
export const OUTCOME = {
  /** It comes after the hundredth of its class in its picture. */
  uncounted: 0,
  /** It found an object. */
  hit: 1,
  /** It found nothing. */
  false: 2,
  /** It lies in a crowd. */
  ignored: 3,
} as const;

/** What became of every detection at IoU 0.5, as columns in the order of the detections. */
export interface DetectionOutcomes {
  /** One of {@linkcode OUTCOME}, `[count]`. */
  readonly kind: Uint8Array;
  /** Index of the box of the ground truth that it matched, or -1, `[count]`. */
  readonly truthIndex: Int32Array;
}
