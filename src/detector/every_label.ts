import type { DecodeParams, DetectorSpec } from "../core/detector_spec.ts";
import type { FocalSettings, FocalSums } from "../core/focal_sums.ts";
import type { InputSpec, Letterbox } from "../core/input_spec.ts";
import type { Picture } from "../core/frame.ts";
import type { Candidates, Kernels, NmsOptions, ScoreRows } from "../core/kernels.ts";
import { clearCandidates } from "./candidate_rows.ts";

/**
 * How many labels a box gets where the makers of a family measure it: average precision is a bit
 * higher where every class of a box counts, because second choices are right now and then.
 *
 * YOLOv5 to YOLO11, NanoDet and detection transformers with independent classes are measured with
 * every class, YOLOX with the best one. Models that pick the classes themselves decide it anyway.
 */
export function labelsWhenMeasured({ family }: DetectorSpec): DecodeParams["labels"] {
  return family === "yolox" ? "best" : "all";
}

/**
 * Kernels that pick every class of a row whose score reaches the threshold, not only the best one.
 * Where candidates do not fit, the best ones are kept and the others counted as overflow. Plain
 * TypeScript, meant for measuring: a row costs as many comparisons as there are classes.
 */
export function everyLabel(kernels: Kernels): Kernels {
  return new EveryLabelKernels(kernels);
}

class EveryLabelKernels implements Kernels {
  readonly backend: Kernels["backend"];
  readonly #inner: Kernels;

  constructor(inner: Kernels) {
    this.#inner = inner;
    this.backend = inner.backend;
  }

  letterboxInto(
    picture: Picture,
    memory: ArrayBufferLike,
    letterbox: Letterbox,
    input: InputSpec,
    out: Float32Array | Float16Array | Uint8Array,
  ): void {
    this.#inner.letterboxInto(picture, memory, letterbox, input, out);
  }

  compactRows(data: Float32Array, shape: ScoreRows, threshold: number, out: Candidates): void {
    const { rows, rowLength, classOffset, classCount, objectnessOffset } = shape;
    clearCandidates(out);
    for (let row = 0; row < rows; row++) {
      const start = row * rowLength;
      const objectness = objectnessOffset < 0 ? 1 : data[start + objectnessOffset]!;
      pickAll(data, start + classOffset, 1, classCount, objectness, threshold, row, out);
    }
  }

  compactColumns(
    data: Float32Array,
    offset: number,
    anchors: number,
    classCount: number,
    threshold: number,
    out: Candidates,
  ): void {
    clearCandidates(out);
    for (let anchor = 0; anchor < anchors; anchor++) {
      pickAll(data, offset + anchor, anchors, classCount, 1, threshold, anchor, out);
    }
  }

  nms(candidates: Candidates, options: NmsOptions, keep: Int32Array): number {
    return this.#inner.nms(candidates, options, keep);
  }

  focalRows(
    data: Float32Array,
    shape: ScoreRows,
    targets: Int32Array | null,
    settings: FocalSettings,
    out: FocalSums,
  ): void {
    this.#inner.focalRows(data, shape, targets, settings, out);
  }

  focalColumns(
    data: Float32Array,
    offset: number,
    anchors: number,
    classCount: number,
    targets: Int32Array | null,
    settings: FocalSettings,
    out: FocalSums,
  ): void {
    this.#inner.focalColumns(data, offset, anchors, classCount, targets, settings, out);
  }
}

/** Adds a row once for each of `classCount` scores, `step` elements apart, that is good enough. */
function pickAll(
  data: Float32Array,
  first: number,
  step: number,
  classCount: number,
  objectness: number,
  threshold: number,
  row: number,
  out: Candidates,
): void {
  for (let index = 0; index < classCount; index++) {
    if (Number.isFinite(Math.fround(objectness * data[first + index * step]!))) continue;
    out.nonFinite++;
    return;
  }
  const lowest = Math.fround(threshold);
  for (let index = 0; index < classCount; index++) {
    const score = Math.fround(objectness * data[first + index * step]!);
    if (score < lowest) continue;
    if (out.count < out.capacity) {
      write(out, out.count++, score, index, row);
      if (out.count === out.capacity) heapify(out);
      continue;
    }
    out.overflow++;
    // The weakest candidate stands first once there is no room left.
    if (score <= out.score[0]!) continue;
    write(out, 0, score, index, row);
    sink(out, 0);
  }
}

function write(out: Candidates, at: number, score: number, classIndex: number, row: number): void {
  out.score[at] = score;
  out.classIndex[at] = classIndex;
  out.anchorIndex[at] = row;
}

/** Orders full candidates as a heap: none is weaker than the one at half its place. */
function heapify(out: Candidates): void {
  for (let at = (out.count >> 1) - 1; at >= 0; at--) sink(out, at);
}

/** Moves a candidate down until none below it is weaker. */
function sink(out: Candidates, start: number): void {
  for (let at = start;;) {
    const left = 2 * at + 1;
    if (left >= out.count) return;
    const right = left + 1;
    const weakest = right < out.count && out.score[right]! < out.score[left]! ? right : left;
    if (out.score[at]! <= out.score[weakest]!) return;
    swap(out, at, weakest);
    at = weakest;
  }
}

function swap({ score, classIndex, anchorIndex }: Candidates, a: number, b: number): void {
  [score[a], score[b]] = [score[b]!, score[a]!];
  [classIndex[a], classIndex[b]] = [classIndex[b]!, classIndex[a]!];
  [anchorIndex[a], anchorIndex[b]] = [anchorIndex[b]!, anchorIndex[a]!];
}
