import type { DecodeParams, DetectorSpec } from "../core/detector_spec.ts";
import type { Candidates, Kernels, ScoreRows } from "../core/kernels.ts";
import type { OutputView } from "../core/ports.ts";
import type { OutputAdapter } from "./adapter.ts";
import { type AnchorGrid, makeAnchorGrid } from "./anchor_grid.ts";
import { checkSomeFinite, dropNonFiniteBoxes, writeCentreBox } from "./candidate_rows.ts";
import { FloatOutput } from "./float_output.ts";
import { rowScores, type ScoreMap } from "./score_map.ts";
import { numberOption, numbersOption, outputName, wordOption } from "./spec_options.ts";

/**
 * YOLOX: `predictions` is `[1, rows, 5 + classes]`; the score is objectness times class. With
 * `boxes: "grid"` the first four numbers are `cx = (x + column) * stride`, `cy = (y + row) *
 * stride`, `w = exp(w) * stride`, `h = exp(h) * stride`; with `"pixels"` the graph did that.
 * Source: Ge et al. 2021, "YOLOX", and its `decode_outputs`.
 */
export class YoloxAdapter implements OutputAdapter {
  readonly rows: number;
  readonly #predictions: FloatOutput;
  readonly #scoreRows: ScoreRows;
  readonly #grid: AnchorGrid | null;

  /** Needs the output `predictions` and the options `rows`, `boxes` and `strides`. */
  constructor(spec: DetectorSpec) {
    this.rows = numberOption(spec, "rows");
    const rowLength = 5 + spec.classNames.length;
    this.#predictions = new FloatOutput(outputName(spec, "predictions"), [1, this.rows, rowLength]);
    this.#scoreRows = {
      rows: this.rows,
      rowLength,
      classOffset: 5,
      classCount: spec.classNames.length,
      objectnessOffset: 4,
    };
    const raw = wordOption(spec, "boxes", ["grid", "pixels"]) === "grid";
    const { width, height } = spec.input;
    this.#grid = raw ? makeAnchorGrid(width, height, numbersOption(spec, "strides")) : null;
    if (this.#grid !== null && this.#grid.stride.length !== this.rows) {
      throw new TypeError(
        `Cannot decode yolox: strides give ${this.#grid.stride.length} rows, not ${this.rows}`,
      );
    }
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
      const at = anchor * this.#scoreRows.rowLength;
      const [x, y, w, h] = [data[at]!, data[at + 1]!, data[at + 2]!, data[at + 3]!];
      if (this.#grid === null) {
        writeCentreBox(out, i, x, y, w, h);
      } else {
        const stride = this.#grid.stride[anchor]!;
        const centreX = (x + this.#grid.column[anchor]!) * stride;
        const centreY = (y + this.#grid.row[anchor]!) * stride;
        writeCentreBox(out, i, centreX, centreY, Math.exp(w) * stride, Math.exp(h) * stride);
      }
    }
  }
}
