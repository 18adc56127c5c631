import type { Candidates, ScoreRows } from "../../src/core/kernels.ts";

/**
 * Picks the rows of `[rows, rowLength]` whose best score reaches `threshold`: the oracle of
 * `Kernels.compactRows`. Arguments are taken as checked.
 *
 * Scores are products in float32, `objectness * class`, so that every implementation picks the
 * same rows. A row with any NaN or infinite score is broken: it is counted and left out.
 */
export function compactRows(
  data: Float32Array,
  shape: ScoreRows,
  threshold: number,
  out: Candidates,
): void {
  const { rows, rowLength, classOffset, classCount, objectnessOffset } = shape;
  clear(out);
  for (let row = 0; row < rows; row++) {
    const start = row * rowLength;
    const objectness = objectnessOffset < 0 ? 1 : data[start + objectnessOffset]!;
    pickBest(data, start + classOffset, 1, classCount, objectness, threshold, row, out);
  }
}

/**
 * The same for scores stored class by class, `[classCount, anchors]` from element `offset`: the
 * oracle of `Kernels.compactColumns`.
 */
export function compactColumns(
  data: Float32Array,
  offset: number,
  anchors: number,
  classCount: number,
  threshold: number,
  out: Candidates,
): void {
  clear(out);
  for (let anchor = 0; anchor < anchors; anchor++) {
    pickBest(data, offset + anchor, anchors, classCount, 1, threshold, anchor, out);
  }
}

function clear(out: Candidates): void {
  out.count = 0;
  out.overflow = 0;
  out.nonFinite = 0;
}

/** Adds a row to `out` if its best of `classCount` scores, `step` elements apart, is good enough. */
function pickBest(
  data: Float32Array,
  first: number,
  step: number,
  classCount: number,
  objectness: number,
  threshold: number,
  row: number,
  out: Candidates,
): void {
  let best = -Infinity;
  let bestClass = 0;
  for (let index = 0; index < classCount; index++) {
    const score = Math.fround(objectness * data[first + index * step]!);
    if (!Number.isFinite(score)) {
      out.nonFinite++;
      return;
    }
    if (score > best) {
      best = score;
      bestClass = index;
    }
  }
  if (!(best >= Math.fround(threshold))) return;
  if (out.count === out.capacity) {
    out.overflow++;
    return;
  }
  out.score[out.count] = best;
  out.classIndex[out.count] = bestClass;
  out.anchorIndex[out.count] = row;
  out.count++;
}
