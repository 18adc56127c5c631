import type { DecodeParams, DetectorSpec } from "../core/detector_spec.ts";
import type { Detections } from "../core/detections.ts";
import type { Letterbox } from "../core/input_spec.ts";
import type { Candidates, Kernels } from "../core/kernels.ts";
import { toSourceInto } from "../preprocess/letterbox.ts";
import { moveCandidate } from "./candidate_rows.ts";

/**
 * Turns a frame's candidates into detections: drops classes that are not asked for, suppresses
 * overlaps where the family needs it, keeps the best `params.maxDetections`, maps boxes to source
 * pixels, clips them to the picture and drops those that are empty then.
 *
 * @param candidates The frame's candidates; their rows are reordered.
 * @param letterbox How this frame was fitted into the network input.
 * @param keep Room for the kept rows, at least `min(capacity, maxDetections)` int32, overwritten.
 * With wasm kernels it must lie in the kernels' memory.
 * @returns Fresh columns that belong to the caller, best score first.
 */
export function finishDetections(
  candidates: Candidates,
  kernels: Kernels,
  params: DecodeParams,
  spec: DetectorSpec,
  letterbox: Letterbox,
  keep: Int32Array,
): Detections {
  if (params.classFilter !== null) filterClasses(candidates, params.classFilter);
  const kept = suppress(candidates, kernels, params, spec, keep);
  return gatherDetections(candidates, letterbox, keep, kept);
}

/**
 * Writes the rows of the candidates that are worth keeping into `keep`, best first, and returns how
 * many: after suppression where the family needs it, else simply the best.
 */
export function suppress(
  candidates: Candidates,
  kernels: Kernels,
  params: Pick<DecodeParams, "iouThreshold" | "agnosticNms" | "maxDetections">,
  spec: Pick<DetectorSpec, "needsNms">,
  keep: Int32Array,
): number {
  const limit = Math.min(params.maxDetections, keep.length);
  if (!spec.needsNms) return sortInto(candidates, limit, keep);
  return kernels.nms(candidates, {
    iouThreshold: params.iouThreshold,
    agnostic: params.agnosticNms,
    maxDetections: limit,
  }, keep);
}

/** Leaves out candidates below `confidence`. */
export function dropBelow(candidates: Candidates, confidence: number): void {
  const threshold = Math.fround(confidence);
  let kept = 0;
  for (let i = 0; i < candidates.count; i++) {
    if (candidates.score[i]! >= threshold) moveCandidate(candidates, i, kept++);
  }
  candidates.count = kept;
}

/**
 * The same for candidates that were filtered, suppressed and sorted already.
 *
 * @param kept Candidates, best score first.
 * @returns Fresh columns that belong to the caller.
 */
export function finishKept(kept: Candidates, letterbox: Letterbox): Detections {
  return gatherDetections(kept, letterbox, null, kept.count);
}

function filterClasses(candidates: Candidates, wanted: readonly number[]): void {
  let kept = 0;
  for (let i = 0; i < candidates.count; i++) {
    if (wanted.includes(candidates.classIndex[i]!)) moveCandidate(candidates, i, kept++);
  }
  candidates.count = kept;
}

/** Writes the best rows into `keep`, best first, equal scores in row order; returns how many. */
function sortInto(candidates: Candidates, limit: number, keep: Int32Array): number {
  const { score } = candidates;
  let kept = 0;
  for (let row = 0; row < candidates.count; row++) {
    let at = kept;
    while (at > 0 && score[keep[at - 1]!]! < score[row]!) at--;
    if (at >= limit) continue;
    kept = Math.min(kept + 1, limit);
    keep.copyWithin(at + 1, at, kept - 1);
    keep[at] = row;
  }
  return kept;
}

/** Fresh columns of the kept candidates in source pixels; those that are empty there are dropped. */
export function gatherDetections(
  candidates: Candidates,
  letterbox: Letterbox,
  keep: Int32Array | null,
  kept: number,
): Detections {
  const rowOf = (i: number): number => keep === null ? i : keep[i]!;
  const xyxyPx = new Float32Array(4 * kept);
  for (let i = 0; i < kept; i++) {
    const from = 4 * rowOf(i);
    for (let corner = 0; corner < 4; corner++) {
      xyxyPx[4 * i + corner] = candidates.xyxyNet[from + corner]!;
    }
  }
  toSourceInto(letterbox, xyxyPx, kept);
  const score = new Float32Array(kept);
  const classIndex = new Int32Array(kept);
  const anchorIndex = new Int32Array(kept);
  let count = 0;
  for (let i = 0; i < kept; i++) {
    const at = 4 * i;
    if (!(xyxyPx[at + 2]! > xyxyPx[at]! && xyxyPx[at + 3]! > xyxyPx[at + 1]!)) continue;
    xyxyPx.copyWithin(4 * count, at, at + 4);
    const row = rowOf(i);
    score[count] = candidates.score[row]!;
    classIndex[count] = candidates.classIndex[row]!;
    anchorIndex[count] = candidates.anchorIndex[row]!;
    count++;
  }
  return {
    count,
    xyxyPx: xyxyPx.slice(0, 4 * count),
    score: score.slice(0, count),
    classIndex: classIndex.slice(0, count),
    anchorIndex: anchorIndex.slice(0, count),
  };
}
