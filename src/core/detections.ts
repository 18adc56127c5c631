/**
 * Detections of one picture as columns, best score first. Owned by the receiver, never reused.
 */
export interface Detections {
  /** Number of detections. */
  readonly count: number;
  /** Corners, `[count, 4]` float32, `x1 y1 x2 y2` in source pixels, inside the picture. */
  readonly xyxyPx: Float32Array;
  /** Score, `[count]` float32, a probability in 0–1. */
  readonly score: Float32Array;
  /** Class, `[count]` int32, index into the detector's class names. */
  readonly classIndex: Int32Array;
  /** Row of the model's output, `[count]` int32: anchor point or query. */
  readonly anchorIndex: Int32Array;
}

/** One detection as a plain object, as it stands in results and NDJSON. */
export interface Detection {
  /** Index into the detector's class names. */
  readonly classIndex: number;
  /** Name of the class. */
  readonly className: string;
  /** Probability in 0–1. */
  readonly score: number;
  /** Corners `[x1, y1, x2, y2]` in source pixels. */
  readonly xyxyPx: readonly [number, number, number, number];
  /** Which track it belongs to; absent where no tracker runs or it is not sure yet. */
  readonly trackId?: number;
}

/**
 * Turns columns into plain objects with class names and, where `trackIds` are given, one for each
 * row and 0 for none, with those.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { listDetections } from "@fovea/fovea";
 *
 * const columns = {
 *   count: 1,
 *   xyxyPx: new Float32Array([1, 2, 3, 4]),
 *   score: new Float32Array([0.5]),
 *   classIndex: new Int32Array([1]),
 *   anchorIndex: new Int32Array([7]),
 * };
 * assertEquals(listDetections(columns, ["person", "car"]), [
 *   { classIndex: 1, className: "car", score: 0.5, xyxyPx: [1, 2, 3, 4] },
 * ]);
 * ```
 */
export function listDetections(
  columns: Detections,
  classNames: readonly string[],
  trackIds?: ArrayLike<number>,
): Detection[] {
  return Array.from({ length: columns.count }, (_, i): Detection => {
    const classIndex = columns.classIndex[i]!;
    const trackId = trackIds?.[i] ?? 0;
    const [x1, y1, x2, y2] = columns.xyxyPx.subarray(4 * i, 4 * i + 4);
    return {
      classIndex,
      className: classNames[classIndex] ?? `class ${classIndex}`,
      score: columns.score[i]!,
      xyxyPx: [x1!, y1!, x2!, y2!],
      ...(trackId === 0 ? {} : { trackId }),
    };
  });
}
