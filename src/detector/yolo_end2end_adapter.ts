import type { DecodeParams, DetectorSpec } from "../core/detector_spec.ts";
import type { Candidates, Kernels } from "../core/kernels.ts";
import type { OutputView } from "../core/ports.ts";
import type { OutputAdapter } from "./adapter.ts";
import {
  checkSomeFinite,
  clearCandidates,
  dropNonFiniteBoxes,
  pushPicked,
} from "./candidate_rows.ts";
import { FloatOutput } from "./float_output.ts";
import { pickedScores, type ScoreMap } from "./score_map.ts";
import { numberOption, outputName } from "./spec_options.ts";

const ROW_LENGTH = 6;

/**
 * Ultralytics' end-to-end head (YOLOv10, YOLO26) and exports with built-in suppression:
 * `predictions` is `[1, rows, 6]`, each row `x1 y1 x2 y2 score class` in network pixels. Unused
 * rows have score 0; with `openRows` there are none, and every picture gives as many rows as it has
 * boxes, up to `rows`.
 */
export class YoloEnd2endAdapter implements OutputAdapter {
  readonly rows: number;
  readonly #predictions: FloatOutput;

  /** Needs the output `predictions` and the option `rows`. */
  constructor(spec: DetectorSpec) {
    this.rows = numberOption(spec, "rows");
    const rows = spec.options["openRows"] === true ? -1 : this.rows;
    this.#predictions = new FloatOutput(outputName(spec, "predictions"), [1, rows, ROW_LENGTH]);
  }

  decodeInto(outputs: OutputView, _kernels: Kernels, params: DecodeParams, out: Candidates): void {
    const data = this.#predictions.read(outputs);
    const threshold = Math.fround(params.confidence);
    const rows = data.length / ROW_LENGTH;
    clearCandidates(out);
    for (let row = 0; row < rows; row++) {
      const at = ROW_LENGTH * row;
      const score = data[at + 4]!;
      if (!Number.isFinite(score)) out.nonFinite++;
      else if (score >= threshold) pushPicked(out, score, Math.round(data[at + 5]!), row);
    }
    if (rows > 0) checkSomeFinite(out, rows);
    this.boxesInto(outputs, out);
    dropNonFiniteBoxes(out);
  }

  scores(outputs: OutputView): ScoreMap {
    const data = this.#predictions.read(outputs);
    return pickedScores(data, 4, ROW_LENGTH, data, 5, data.length / ROW_LENGTH);
  }

  boxesInto(outputs: OutputView, out: Candidates): void {
    const data = this.#predictions.read(outputs);
    for (let i = 0; i < out.count; i++) {
      const at = ROW_LENGTH * out.anchorIndex[i]!;
      for (let corner = 0; corner < 4; corner++) out.xyxyNet[4 * i + corner] = data[at + corner]!;
    }
  }
}
