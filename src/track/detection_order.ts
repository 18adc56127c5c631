import { boxIou } from "../core/box_overlap.ts";
import type { Detections } from "../core/detections.ts";

/** IoU from which boxes of two classes are one object that the detector cannot name. */
const DOUBLE_IOU_MIN = 0.9;

/**
 * Checks that detections can be tracked.
 *
 * @throws {RangeError} Naming the first detection whose score is not in 0–1, whose corners are not
 * finite or turned around, or whose class is negative.
 */
export function checkDetections(detections: Detections): void {
  const { count, xyxyPx, score, classIndex } = detections;
  for (let row = 0; row < count; row++) {
    const [x1, y1] = [xyxyPx[4 * row]!, xyxyPx[4 * row + 1]!];
    const [x2, y2] = [xyxyPx[4 * row + 2]!, xyxyPx[4 * row + 3]!];
    // Written so that NaN is refused too.
    const hasBox = x2 >= x1 && y2 >= y1 && x1 > -Infinity && y1 > -Infinity && x2 < Infinity &&
      y2 < Infinity;
    if (!hasBox) {
      throw new RangeError(
        `Cannot track detection ${row}: its box is [${x1}, ${y1}, ${x2}, ${y2}]`,
      );
    }
    if (!(score[row]! >= 0 && score[row]! <= 1)) {
      throw new RangeError(`Cannot track detection ${row}: its score is ${score[row]}`);
    }
    if (!(classIndex[row]! >= 0)) {
      throw new RangeError(`Cannot track detection ${row}: its class is ${classIndex[row]}`);
    }
  }
}

/**
 * Writes the rows with a score of at least `scoreMin` into `rows`, best first, in an order that
 * depends on the detections only and not on how they were handed in.
 */
export function orderDetections(detections: Detections, scoreMin: number, rows: number[]): void {
  rows.length = 0;
  let sorted = true;
  for (let row = 0; row < detections.count; row++) {
    if (detections.score[row]! < scoreMin) continue;
    const before = rows.at(-1);
    sorted &&= before === undefined || compareRows(detections, before, row) <= 0;
    rows.push(row);
  }
  // Detectors hand them in best first, so there is mostly nothing to do.
  if (!sorted) rows.sort((a, b) => compareRows(detections, a, b));
}

/**
 * Takes out of `rows`, which are best first, those that lie on a better one of another class:
 * suppression within classes leaves two boxes where a detector wavers between two names.
 */
export function dropDoubles(detections: Detections, rows: number[]): void {
  const { xyxyPx, classIndex } = detections;
  let kept = 0;
  for (const row of rows) {
    let isDouble = false;
    for (let i = 0; i < kept && !isDouble; i++) {
      const better = rows[i]!;
      isDouble = classIndex[better] !== classIndex[row] &&
        boxIou(xyxyPx, 4 * better, xyxyPx, 4 * row) >= DOUBLE_IOU_MIN;
    }
    if (!isDouble) rows[kept++] = row;
  }
  rows.length = kept;
}

function compareRows(detections: Detections, a: number, b: number): number {
  const { score, xyxyPx, classIndex } = detections;
  if (score[a] !== score[b]) return score[b]! - score[a]!;
  for (let corner = 0; corner < 4; corner++) {
    const difference = xyxyPx[4 * a + corner]! - xyxyPx[4 * b + corner]!;
    if (difference !== 0) return difference;
  }
  return classIndex[a]! - classIndex[b]!;
}
