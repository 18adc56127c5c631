import type { DecodeParams, DetectorSpec } from "../core/detector_spec.ts";
import type { Candidates, Kernels, ScoreRows } from "../core/kernels.ts";
import type { OutputView } from "../core/ports.ts";
import type { OutputAdapter } from "./adapter.ts";
import { checkSomeFinite, dropNonFiniteBoxes, writeCentreBox } from "./candidate_rows.ts";
import { FloatOutput } from "./float_output.ts";
import { rowScores, type ScoreMap } from "./score_map.ts";
import { numberOption, outputName } from "./spec_options.ts";

/**
 * YOLOv5 and YOLOv7 with the decoding in the graph: `predictions` is `[1, rows, 5 + classes]`, each
 * row `cx cy w h objectness scores…` in network pixels; the score is objectness times class.
 */
export class YoloV5Adapter implements OutputAdapter {
  readonly rows: number;
  readonly #predictions: FloatOutput;
  readonly #scoreRows: ScoreRows;

  /** Needs the output `predictions` and the option `rows`. */
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
      const at = out.anchorIndex[i]! * this.#scoreRows.rowLength;
      writeCentreBox(out, i, data[at]!, data[at + 1]!, data[at + 2]!, data[at + 3]!);
    }
  }
}
