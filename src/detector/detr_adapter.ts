import type { DecodeParams, DetectorSpec } from "../core/detector_spec.ts";
import type { Candidates, Kernels, ScoreRows } from "../core/kernels.ts";
import type { OutputView } from "../core/ports.ts";
import type { OutputAdapter } from "./adapter.ts";
import {
  checkSomeFinite,
  clearCandidates,
  dropNonFiniteBoxes,
  pushCandidate,
  pushPicked,
  writeCentreBox,
} from "./candidate_rows.ts";
import { FloatOutput } from "./float_output.ts";
import { activateScores, logitOf } from "./logits.ts";
import { pickedScores, rowScores, type ScoreMap } from "./score_map.ts";
import { numberOption, outputName, wordOption } from "./spec_options.ts";

/** Where scores and boxes of a query stand, and how they are meant. */
type DetrFormat = "pair" | "joined" | "listed" | "picked";

/**
 * Detection transformers; no suppression is needed. Four formats:
 *
 * - `pair`: `logits [1, rows, channels]` and `boxes [1, rows, 4]` as centre and size in 0–1
 *   (DETR, Deformable DETR, RT-DETR, D-FINE, RF-DETR);
 * - `joined`: `predictions [1, rows, 4 + classes]`, boxes as centre and size in 0–1, then
 *   probabilities (Ultralytics' RT-DETR before 2026);
 * - `listed`: `predictions [1, rows, 6]`, a box as before, its score and its class (Ultralytics'
 *   RT-DETR since);
 * - `picked`: `labels [1, rows]`, `boxes [1, rows, 4]` as corners in network pixels, or as shares of
 *   the input where `boxes` says `relative`, and `scores [1, rows]` (deployed RT-DETR and D-FINE).
 *
 * The `activation` of `pair` is `sigmoid`, `softmax` (the last channel means "no object") or
 * `none`; channels past the class names are ignored as classes.
 */
export class DetrAdapter implements OutputAdapter {
  readonly rows: number;
  readonly #format: DetrFormat;
  readonly #activation: "sigmoid" | "softmax" | "none";
  readonly #scores: FloatOutput;
  readonly #boxes: FloatOutput;
  readonly #labels: FloatOutput | null;
  readonly #scoreRows: ScoreRows;
  readonly #boxLength: number;
  readonly #width: number;
  readonly #height: number;
  /** Network pixels in one unit of picked corners. */
  readonly #unitX: number;
  readonly #unitY: number;

  /** Needs the options `rows`, `format`, `activation` and `channels`, and the format's outputs. */
  constructor(spec: DetectorSpec) {
    this.rows = numberOption(spec, "rows");
    this.#format = wordOption(spec, "format", ["pair", "joined", "listed", "picked"]);
    this.#activation = wordOption(spec, "activation", ["sigmoid", "softmax", "none"]);
    const channels = numberOption(spec, "channels");
    this.#width = spec.input.width;
    this.#height = spec.input.height;
    const joined = this.#format === "joined" || this.#format === "listed";
    this.#boxLength = joined ? channels : 4;
    this.#scoreRows = {
      rows: this.rows,
      rowLength: channels,
      classOffset: joined ? 4 : 0,
      classCount: spec.classNames.length,
      objectnessOffset: -1,
    };
    const picked = this.#format === "picked";
    const relative = picked && spec.options["boxes"] === "relative";
    this.#unitX = relative ? this.#width : 1;
    this.#unitY = relative ? this.#height : 1;
    const scores = joined ? "predictions" : picked ? "scores" : "logits";
    this.#scores = new FloatOutput(
      outputName(spec, scores),
      picked ? [1, this.rows] : [1, this.rows, channels],
    );
    this.#boxes = joined
      ? this.#scores
      : new FloatOutput(outputName(spec, "boxes"), [1, this.rows, 4]);
    this.#labels = picked ? new FloatOutput(outputName(spec, "labels"), [1, this.rows]) : null;
  }

  decodeInto(outputs: OutputView, kernels: Kernels, params: DecodeParams, out: Candidates): void {
    const scores = this.#scores.read(outputs);
    // Both shapes are checked before anything is computed.
    this.#boxes.read(outputs);
    if (this.#labels !== null) {
      this.#pick(scores, 0, 1, this.#labels.read(outputs), 0, params.confidence, out);
    } else if (this.#format === "listed") {
      this.#pick(scores, 4, this.#boxLength, scores, 5, params.confidence, out);
    } else if (this.#activation === "softmax") {
      this.#pickSoftmax(scores, params.confidence, out);
    } else {
      const logits = this.#activation === "sigmoid";
      const threshold = logits ? logitOf(params.confidence) : params.confidence;
      kernels.compactRows(scores, this.#scoreRows, threshold, out);
      if (logits) activateScores(out);
    }
    checkSomeFinite(out, this.rows);
    this.boxesInto(outputs, out);
    dropNonFiniteBoxes(out);
  }

  scores(outputs: OutputView): ScoreMap {
    const data = this.#scores.read(outputs);
    if (this.#labels !== null) {
      return pickedScores(data, 0, 1, this.#labels.read(outputs), 0, this.rows);
    }
    if (this.#format === "listed") {
      return pickedScores(data, 4, this.#boxLength, data, 5, this.rows);
    }
    return { ...rowScores(data, this.#scoreRows), activation: this.#activation };
  }

  /** Takes classes that the model picked; scores and labels stand `step` elements apart. */
  #pick(
    scores: Float32Array,
    scoreAt: number,
    step: number,
    labels: Float32Array,
    labelAt: number,
    confidence: number,
    out: Candidates,
  ): void {
    const threshold = Math.fround(confidence);
    clearCandidates(out);
    for (let row = 0; row < this.rows; row++) {
      const score = scores[scoreAt + row * step]!;
      if (!Number.isFinite(score)) out.nonFinite++;
      else if (score >= threshold) pushPicked(out, score, labels[labelAt + row * step]!, row);
    }
  }

  /** Probabilities over all channels, the best class among the named ones. */
  #pickSoftmax(logits: Float32Array, confidence: number, out: Candidates): void {
    const { rowLength, classCount } = this.#scoreRows;
    const threshold = Math.fround(confidence);
    clearCandidates(out);
    for (let row = 0; row < this.rows; row++) {
      const at = row * rowLength;
      let best = 0;
      let largest = -Infinity;
      for (let channel = 0; channel < rowLength; channel++) {
        const logit = logits[at + channel]!;
        if (channel < classCount && logit > logits[at + best]!) best = channel;
        largest = Math.max(largest, logit);
      }
      let sum = 0;
      for (let channel = 0; channel < rowLength; channel++) {
        sum += Math.exp(logits[at + channel]! - largest);
      }
      const score = Math.fround(Math.exp(logits[at + best]! - largest) / sum);
      if (!Number.isFinite(score)) out.nonFinite++;
      else if (score >= threshold) pushCandidate(out, score, best, row);
    }
  }

  boxesInto(outputs: OutputView, out: Candidates): void {
    const boxes = this.#boxes.read(outputs);
    for (let i = 0; i < out.count; i++) {
      const at = out.anchorIndex[i]! * this.#boxLength;
      if (this.#format === "picked") {
        for (let corner = 0; corner < 4; corner++) {
          const unit = corner % 2 === 0 ? this.#unitX : this.#unitY;
          out.xyxyNet[4 * i + corner] = boxes[at + corner]! * unit;
        }
      } else {
        writeCentreBox(
          out,
          i,
          boxes[at]! * this.#width,
          boxes[at + 1]! * this.#height,
          boxes[at + 2]! * this.#width,
          boxes[at + 3]! * this.#height,
        );
      }
    }
  }
}
