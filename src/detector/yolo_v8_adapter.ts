import type { DecodeParams, DetectorSpec } from "../core/detector_spec.ts";
import type { Candidates, Kernels, ScoreRows } from "../core/kernels.ts";
import type { OutputView } from "../core/ports.ts";
import type { OutputAdapter } from "./adapter.ts";
import {
  checkSomeFinite,
  dropNonFiniteBoxes,
  writeCentreBox,
  writeCorners,
} from "./candidate_rows.ts";
import { FloatOutput } from "./float_output.ts";
import { activateScores, logitOf } from "./logits.ts";
import type { ScoreMap } from "./score_map.ts";
import { numberOption, outputName, wordOption } from "./spec_options.ts";

/**
 * Ultralytics v8, v9, 11, 12 and the like: `predictions` is `[1, 4 + classes, rows]`
 * (`layout: "columns"`) or `[1, rows, 4 + classes]` (`"rows"`), boxes as centre and size in network
 * pixels, or as corners (`boxes: "corners"`, what end-to-end heads pick from), scores as
 * probabilities (`scores: "probability"`) or logits (`"logit"`).
 */
export class YoloV8Adapter implements OutputAdapter {
  readonly rows: number;
  readonly #predictions: FloatOutput;
  readonly #columns: boolean;
  readonly #logits: boolean;
  readonly #corners: boolean;
  readonly #classCount: number;
  readonly #scoreRows: ScoreRows;

  /** Needs the output `predictions` and the options `rows`, `layout` and `scores`. */
  constructor(spec: DetectorSpec) {
    this.rows = numberOption(spec, "rows");
    this.#classCount = spec.classNames.length;
    this.#columns = wordOption(spec, "layout", ["columns", "rows"]) === "columns";
    this.#logits = wordOption(spec, "scores", ["probability", "logit"]) === "logit";
    this.#corners = spec.options.boxes === "corners";
    const channels = 4 + this.#classCount;
    this.#predictions = new FloatOutput(
      outputName(spec, "predictions"),
      this.#columns ? [1, channels, this.rows] : [1, this.rows, channels],
    );
    this.#scoreRows = {
      rows: this.rows,
      rowLength: channels,
      classOffset: 4,
      classCount: this.#classCount,
      objectnessOffset: -1,
    };
  }

  decodeInto(outputs: OutputView, kernels: Kernels, params: DecodeParams, out: Candidates): void {
    const data = this.#predictions.read(outputs);
    const threshold = this.#logits ? logitOf(params.confidence) : params.confidence;
    if (this.#columns) {
      kernels.compactColumns(data, 4 * this.rows, this.rows, this.#classCount, threshold, out);
    } else {
      kernels.compactRows(data, this.#scoreRows, threshold, out);
    }
    checkSomeFinite(out, this.rows);
    if (this.#logits) activateScores(out);
    this.boxesInto(outputs, out);
    dropNonFiniteBoxes(out);
  }

  scores(outputs: OutputView): ScoreMap {
    const channels = this.#scoreRows.rowLength;
    return {
      data: this.#predictions.read(outputs),
      rows: this.rows,
      columns: this.#classCount,
      offset: this.#columns ? 4 * this.rows : 4,
      rowStep: this.#columns ? 1 : channels,
      columnStep: this.#columns ? this.rows : 1,
      objectnessOffset: null,
      picked: null,
      activation: this.#logits ? "sigmoid" : "none",
      softmaxColumns: this.#classCount,
    };
  }

  boxesInto(outputs: OutputView, out: Candidates): void {
    const data = this.#predictions.read(outputs);
    const step = this.#columns ? this.rows : 1;
    const stride = this.#columns ? 1 : this.#scoreRows.rowLength;
    for (let i = 0; i < out.count; i++) {
      const at = out.anchorIndex[i]! * stride;
      const [a, b, c, d] = [
        data[at]!,
        data[at + step]!,
        data[at + 2 * step]!,
        data[at + 3 * step]!,
      ];
      if (this.#corners) writeCorners(out, i, a, b, c, d);
      else writeCentreBox(out, i, a, b, c, d);
    }
  }
}
