import {
  compactColumns as referenceCompactColumns,
  compactRows as referenceCompactRows,
} from "../../kernels/reference/compact.ts";
import {
  focalColumns as referenceFocalColumns,
  focalRows as referenceFocalRows,
} from "../../kernels/reference/focal.ts";
import { letterboxInto as referenceLetterboxInto } from "../../kernels/reference/letterbox.ts";
import { nms as referenceNms } from "../../kernels/reference/nms.ts";
import type { FocalSettings, FocalSums } from "../core/focal_sums.ts";
import type { Picture } from "../core/frame.ts";
import type { InputSpec, Letterbox } from "../core/input_spec.ts";
import type { Candidates, Kernels, NmsOptions, ScoreRows } from "../core/kernels.ts";
import { checkFocalColumns, checkFocalRows } from "./focal_arguments.ts";
import {
  checkColumnArguments,
  checkLetterboxArguments,
  checkNmsArguments,
  checkRowArguments,
} from "./kernel_arguments.ts";

/**
 * The kernels in plain TypeScript: the oracle of the test suite, and a slow fallback that a user
 * may ask for by name. Views may lie in any memory.
 */
export class ReferenceKernels implements Kernels {
  readonly backend = "typescript";

  letterboxInto(
    picture: Picture,
    memory: ArrayBufferLike,
    letterbox: Letterbox,
    input: InputSpec,
    out: Float32Array | Float16Array | Uint8Array,
  ): void {
    checkLetterboxArguments(picture, memory, letterbox, input, out);
    referenceLetterboxInto(picture, memory, letterbox, input, out);
  }

  compactRows(data: Float32Array, shape: ScoreRows, threshold: number, out: Candidates): void {
    checkRowArguments(data, shape, threshold);
    referenceCompactRows(data, shape, threshold, out);
  }

  compactColumns(
    data: Float32Array,
    offset: number,
    anchors: number,
    classCount: number,
    threshold: number,
    out: Candidates,
  ): void {
    checkColumnArguments(data, offset, anchors, classCount, threshold);
    referenceCompactColumns(data, offset, anchors, classCount, threshold, out);
  }

  nms(candidates: Candidates, options: NmsOptions, keep: Int32Array): number {
    checkNmsArguments(candidates, options, keep);
    return referenceNms(candidates, options, keep);
  }

  focalRows(
    data: Float32Array,
    shape: ScoreRows,
    targets: Int32Array | null,
    settings: FocalSettings,
    out: FocalSums,
  ): void {
    checkFocalRows(data, shape, targets, settings, out);
    referenceFocalRows(data, shape, targets, settings, out);
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
    checkFocalColumns(data, offset, anchors, classCount, targets, settings, out);
    referenceFocalColumns(data, offset, anchors, classCount, targets, settings, out);
  }
}
