import type { DecodeParams, DetectorSpec } from "../core/detector_spec.ts";
import type { Candidates, Kernels, ScoreRows } from "../core/kernels.ts";
import type { OutputView } from "../core/ports.ts";
import type { OutputAdapter } from "./adapter.ts";
import { type AnchorGrid, makeAnchorGrid } from "./anchor_grid.ts";
import { checkSomeFinite, dropNonFiniteBoxes } from "./candidate_rows.ts";
import { FloatOutput } from "./float_output.ts";
import { rowScores, type ScoreMap } from "./score_map.ts";
import { numberOption, numbersOption, outputName } from "./spec_options.ts";

/**
 * NanoDet (generalised focal loss): `predictions` is `[1, rows, classes + 4 * (regMax + 1)]`,
 * scores as probabilities, then one distribution over 0…regMax per side in the order left, top,
 * right, bottom. A side's distance is the mean of its softmax times the stride, measured from
 * `(column + centreOffset) * stride`: offset 0 in NanoDet-Plus, 0.5 in NanoDet. Boxes are clipped
 * to the network input.
 * Source: Li et al. 2020, "Generalized Focal Loss", eq. 6, and NanoDet's `get_bboxes`.
 */
export class NanodetAdapter implements OutputAdapter {
  readonly rows: number;
  readonly #predictions: FloatOutput;
  readonly #scoreRows: ScoreRows;
  readonly #grid: AnchorGrid;
  readonly #bins: number;
  readonly #centreOffset: number;
  readonly #width: number;
  readonly #height: number;

  /** Needs `predictions` and the options `rows`, `strides`, `regMax` and `centreOffset`. */
  constructor(spec: DetectorSpec) {
    this.rows = numberOption(spec, "rows");
    this.#bins = numberOption(spec, "regMax") + 1;
    this.#centreOffset = numberOption(spec, "centreOffset");
    this.#width = spec.input.width;
    this.#height = spec.input.height;
    this.#grid = makeAnchorGrid(this.#width, this.#height, numbersOption(spec, "strides"));
    if (this.#grid.stride.length !== this.rows) {
      throw new TypeError(
        `Cannot decode nanodet: strides give ${this.#grid.stride.length} rows, not ${this.rows}`,
      );
    }
    const classCount = spec.classNames.length;
    const rowLength = classCount + 4 * this.#bins;
    this.#predictions = new FloatOutput(outputName(spec, "predictions"), [1, this.rows, rowLength]);
    this.#scoreRows = {
      rows: this.rows,
      rowLength,
      classOffset: 0,
      classCount,
      objectnessOffset: -1,
    };
  }

  decodeInto(outputs: OutputView, kernels: Kernels, params: DecodeParams, out: Candidates): void {
    const data = this.#predictions.read(outputs);
    kernels.compactRows(data, this.#scoreRows, params.confidence, out);
    checkSomeFinite(out, this.rows);
    this.boxesInto(outputs, out);
    dropNonFiniteBoxes(out);
  }

  scores(outputs: OutputView): ScoreMap {
    return rowScores(this.#predictions.read(outputs), this.#scoreRows);
  }

  boxesInto(outputs: OutputView, out: Candidates): void {
    const data = this.#predictions.read(outputs);
    for (let i = 0; i < out.count; i++) {
      const anchor = out.anchorIndex[i]!;
      const stride = this.#grid.stride[anchor]!;
      const x = (this.#grid.column[anchor]! + this.#centreOffset) * stride;
      const y = (this.#grid.row[anchor]! + this.#centreOffset) * stride;
      const at = anchor * this.#scoreRows.rowLength + this.#scoreRows.classCount;
      const left = expectedBin(data, at, this.#bins) * stride;
      const top = expectedBin(data, at + this.#bins, this.#bins) * stride;
      const right = expectedBin(data, at + 2 * this.#bins, this.#bins) * stride;
      const bottom = expectedBin(data, at + 3 * this.#bins, this.#bins) * stride;
      out.xyxyNet[4 * i] = Math.max(x - left, 0);
      out.xyxyNet[4 * i + 1] = Math.max(y - top, 0);
      out.xyxyNet[4 * i + 2] = Math.min(x + right, this.#width);
      out.xyxyNet[4 * i + 3] = Math.min(y + bottom, this.#height);
    }
  }
}

/** Mean of the softmax over `bins` logits from element `at`: `sum(k * e^z_k) / sum(e^z_k)`. */
function expectedBin(data: Float32Array, at: number, bins: number): number {
  let largest = -Infinity;
  for (let bin = 0; bin < bins; bin++) largest = Math.max(largest, data[at + bin]!);
  let sum = 0;
  let weighted = 0;
  for (let bin = 0; bin < bins; bin++) {
    const weight = Math.exp(data[at + bin]! - largest);
    sum += weight;
    weighted += bin * weight;
  }
  return weighted / sum;
}
