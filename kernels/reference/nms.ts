import type { Candidates, NmsOptions } from "../../src/core/kernels.ts";

/**
 * Greedy non-maximum suppression: the oracle of `Kernels.nms`. Arguments are taken as checked.
 *
 * Boxes are visited by falling score, then by rising row. A box is dropped when its IoU with a
 * kept box of its class (any class if agnostic) is greater than the threshold. Rows with a NaN
 * score are never kept.
 *
 * Everything is computed in float32, and `IoU > threshold` is asked as `intersection > threshold *
 * union`, so that every implementation keeps the same boxes and empty boxes do no harm.
 */
export function nms(candidates: Candidates, options: NmsOptions, keep: Int32Array): number {
  const { score, classIndex, xyxyNet } = candidates;
  const threshold = Math.fround(options.iouThreshold);
  const areas = Float32Array.from({ length: candidates.count }, (_, row) => area(xyxyNet, row));
  const order = Array.from({ length: candidates.count }, (_, row) => row)
    .filter((row) => !Number.isNaN(score[row]!))
    .sort((a, b) => score[b]! - score[a]! || a - b);
  const keptByClass = new Map<number, number[]>();
  let kept = 0;
  for (const row of order) {
    if (kept === options.maxDetections) break;
    const group = options.agnostic ? 0 : classIndex[row]!;
    const rivals = keptByClass.get(group) ?? [];
    if (rivals.some((rival) => overlaps(xyxyNet, areas, row, rival, threshold))) continue;
    rivals.push(row);
    keptByClass.set(group, rivals);
    keep[kept++] = row;
  }
  return kept;
}

function overlaps(
  xyxy: Float32Array,
  areas: Float32Array,
  a: number,
  b: number,
  threshold: number,
): boolean {
  const width = extent(xyxy, a, b, 0);
  const height = extent(xyxy, a, b, 1);
  const intersection = Math.fround(width * height);
  const union = Math.fround(Math.fround(areas[a]! + areas[b]!) - intersection);
  return intersection > Math.fround(threshold * union);
}

/** How much two boxes overlap along one axis, at least 0. */
function extent(xyxy: Float32Array, a: number, b: number, axis: number): number {
  const low = larger(xyxy[4 * a + axis]!, xyxy[4 * b + axis]!);
  const high = smaller(xyxy[4 * a + 2 + axis]!, xyxy[4 * b + 2 + axis]!);
  return larger(Math.fround(high - low), 0);
}

function area(xyxy: Float32Array, row: number): number {
  const width = larger(Math.fround(xyxy[4 * row + 2]! - xyxy[4 * row]!), 0);
  const height = larger(Math.fround(xyxy[4 * row + 3]! - xyxy[4 * row + 1]!), 0);
  return Math.fround(width * height);
}

/** The larger number; the first one if either is NaN, like the SIMD instruction. */
function larger(a: number, b: number): number {
  return a < b ? b : a;
}

/** The smaller number; the first one if either is NaN, like the SIMD instruction. */
function smaller(a: number, b: number): number {
  return b < a ? b : a;
}
