/**
 * The numbers of COCO's detection task.
 *
 * Source: https://cocodataset.org/#detection-eval, "Metrics".
 */

/** Overlaps at which a detection counts as found: 0.5 to 0.95, ten of them. */
export const IOU_THRESHOLDS: readonly number[] = spread(0.5, 0.95, 10);

/** Recalls at which precision is read off: 0 to 1, a hundred and one of them. */
export const RECALL_POINTS: readonly number[] = spread(0, 1, 101);

/** Most detections of a class in a picture that count, for `AR1`, `AR10` and all other metrics. */
export const MAX_DETECTIONS: readonly [1, 10, 100] = [1, 10, 100];

/** Areas of objects in square pixels, both ends included. */
export const AREA_RANGES: readonly {
  readonly name: "all" | "small" | "medium" | "large";
  readonly min: number;
  readonly max: number;
}[] = [
  { name: "all", min: 0, max: 1e5 ** 2 },
  { name: "small", min: 0, max: 32 ** 2 },
  { name: "medium", min: 32 ** 2, max: 96 ** 2 },
  { name: "large", min: 96 ** 2, max: 1e5 ** 2 },
];

/** Indices into {@linkcode AREA_RANGES}. */
export const AREA = { all: 0, small: 1, medium: 2, large: 3 } as const;

/** Index of the threshold at which precision, recall, calibration and confusion are taken: 0.5. */
export const IOU_50 = 0;
/** Index of the threshold 0.75. */
export const IOU_75 = 5;

/**
 * Evenly spaced numbers, rounded as NumPy's `linspace` rounds them: a recall that is a bit off
 * would be read off at the next detection.
 */
function spread(from: number, to: number, count: number): number[] {
  const step = (to - from) / (count - 1);
  return Array.from({ length: count }, (_, i) => i === count - 1 ? to : from + i * step);
}
