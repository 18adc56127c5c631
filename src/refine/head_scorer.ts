import { candidatesBytes, candidatesView } from "../core/candidates.ts";
import type { Detections } from "../core/detections.ts";
import type { DecodeParams, DetectorSpec } from "../core/detector_spec.ts";
import type { HeadLayout } from "../core/head_layout.ts";
import type { HeadWeights, LayerValues } from "../core/head_weights.ts";
import type { Candidates } from "../core/kernels.ts";
import type { FrameTap } from "../core/tap.ts";
import { rowLogit } from "../detector/apply_head.ts";
import { finishDetections } from "../detector/finish_detections.ts";
import { logitOf, sigmoid } from "../detector/logits.ts";
import { ReferenceKernels } from "../native/reference_kernels.ts";

/** How detections are picked; what `run` does by default, down to weaker scores. */
export interface HeadScorerOptions {
  /** Lowest score, above 0 to 1; 0.05. */
  readonly confidence?: number;
  /** IoU above which the weaker of two boxes is dropped, 0–1; 0.45. */
  readonly iouThreshold?: number;
  /** Most detections of a frame, whole, from 1; 300. */
  readonly maxDetections?: number;
  /**
   * Whether a row is reported for its `best` class or for `all` that reach the score; `all` for
   * end-to-end models, which do so themselves, else `best`.
   */
  readonly labels?: DecodeParams["labels"];
}

/**
 * Tells what a detector would have found in a tapped frame with another head, without running the
 * model again. Only what differs between both heads is computed: with a few classes learnt that is
 * far less than a run, so that many heads can be compared in one pass over the pictures.
 *
 * Scores are those of the detector that adopts the head up to rounding, within 1e-5.
 */
export class HeadScorer {
  readonly #layout: HeadLayout;
  readonly #spec: DetectorSpec;
  readonly #params: DecodeParams;
  readonly #kernels = new ReferenceKernels();
  /** The last comparison of each head: frame after frame comes with the same heads. */
  readonly #compared = new WeakMap<HeadWeights, HeadChanges>();
  #candidates: Candidates;
  #keep: Int32Array;

  /**
   * Prepares for a detector.
   *
   * @throws {RangeError} If scores come from a softmax, or an option is out of range.
   */
  constructor(spec: DetectorSpec, layout: HeadLayout, options: HeadScorerOptions = {}) {
    const { confidence = 0.05, iouThreshold = 0.45, maxDetections = 300 } = options;
    const sound = confidence > 0 && confidence <= 1 && iouThreshold >= 0 && iouThreshold <= 1 &&
      Number.isInteger(maxDetections) && maxDetections >= 1;
    if (!sound) throw new RangeError(`Cannot score by ${JSON.stringify(options)}`);
    if (layout.activation === "softmax") {
      throw new RangeError("Cannot score heads whose scores come from a softmax");
    }
    this.#spec = spec;
    this.#layout = layout;
    this.#params = {
      confidence,
      iouThreshold,
      maxDetections,
      agnosticNms: false,
      labels: options.labels ?? (spec.family === "yolo-end2end" ? "all" : "best"),
      classFilter: null,
    };
    [this.#candidates, this.#keep] = makeRoom(1024);
  }

  /**
   * What would have been found.
   *
   * @param tap All rows of a frame.
   * @param tapped The head that ran when it was tapped.
   * @param head The head in question.
   * @returns Fresh columns, best score first, in source pixels.
   * @throws {RangeError} If the heads are not of this detector.
   */
  detect(tap: FrameTap, tapped: HeadWeights, head: HeadWeights): Detections {
    const changes = this.#changesOf(tapped, head);
    const lowest = logitOf(this.#params.confidence);
    this.#candidates.count = 0;
    for (let row = 0; row < tap.count; row++) {
      if (!isFiniteBox(tap.xyxyNet, row)) continue;
      const objectness = objectnessOf(tap, changes, row);
      // The product of two probabilities is below either of them.
      if (objectness !== null && !(objectness >= lowest)) continue;
      this.#pick(tap, changes, row, objectness === null ? 1 : sigmoid(objectness), lowest);
    }
    return finishDetections(
      this.#candidates,
      this.#kernels,
      this.#params,
      this.#spec,
      tap.letterbox,
      this.#keep,
    );
  }

  #changesOf(tapped: HeadWeights, head: HeadWeights): HeadChanges {
    const before = this.#compared.get(head);
    if (before !== undefined && before.tapped === tapped.hash) return before;
    const changes = compareHeads(this.#layout, tapped, head);
    this.#compared.set(head, changes);
    return changes;
  }

  #pick(tap: FrameTap, changes: HeadChanges, row: number, factor: number, lowest: number): void {
    const { classCount } = this.#layout;
    const all = this.#params.labels === "all";
    let best = -Infinity;
    let bestClass = -1;
    for (let c = 0; c < classCount; c++) {
      const value = changes.isChanged[c] === 1
        ? changedLogit(tap, changes, row, c)
        : tap.logits[row * classCount + c]!;
      if (!(value >= lowest)) continue;
      if (all) this.#add(tap, row, c, factor * sigmoid(value));
      else if (value > best) [best, bestClass] = [value, c];
    }
    if (!all && bestClass >= 0) this.#add(tap, row, bestClass, factor * sigmoid(best));
  }

  #add(tap: FrameTap, row: number, classIndex: number, score: number): void {
    if (!(score >= this.#params.confidence)) return;
    const at = this.#candidates.count;
    if (at === this.#candidates.capacity) this.#grow();
    const { xyxyNet } = this.#candidates;
    for (let corner = 0; corner < 4; corner++) {
      xyxyNet[4 * at + corner] = tap.xyxyNet[4 * row + corner]!;
    }
    this.#candidates.score[at] = score;
    this.#candidates.classIndex[at] = classIndex;
    this.#candidates.anchorIndex[at] = tap.row[row]!;
    this.#candidates.count = at + 1;
  }

  /** Room for every candidate is found in the first busy frames and kept. */
  #grow(): void {
    const old = this.#candidates;
    [this.#candidates, this.#keep] = makeRoom(2 * old.capacity);
    this.#candidates.xyxyNet.set(old.xyxyNet);
    this.#candidates.score.set(old.score);
    this.#candidates.classIndex.set(old.classIndex);
    this.#candidates.anchorIndex.set(old.anchorIndex);
    this.#candidates.count = old.count;
  }
}

function makeRoom(capacity: number): [Candidates, Int32Array] {
  const buffer = new ArrayBuffer(candidatesBytes(capacity));
  return [candidatesView(buffer, 0, capacity), new Int32Array(capacity)];
}

/** Where a head differs from the one that was tapped. */
interface HeadChanges {
  readonly layout: HeadLayout;
  /** Hash of that one. */
  readonly tapped: string;
  /** 1 for each class with a row that differs. */
  readonly isChanged: Uint8Array;
  readonly isObjectnessChanged: boolean;
  readonly layers: readonly LayerValues[];
}

function compareHeads(layout: HeadLayout, tapped: HeadWeights, head: HeadWeights): HeadChanges {
  const own = [tapped, head].every(({ layers, classNames }) =>
    classNames.length === layout.classCount && layers.length === layout.layers.length &&
    layers.every(({ rows, channels }, i) =>
      rows === layout.layers[i]!.rows && channels === layout.layers[i]!.channels
    )
  );
  if (!own) throw new RangeError("Cannot score the head: its layers are not those of the layout");
  const layers = layout.layers.map((_, i) => head.layer(i));
  const isChanged = new Uint8Array(layout.classCount);
  let isObjectnessChanged = false;
  for (const [i, { classRows, objectnessRows, channels }] of layout.layers.entries()) {
    const old = tapped.layer(i);
    for (const first of classRows) {
      for (let c = 0; c < layout.classCount; c++) {
        if (differs(old, layers[i]!, first + c, channels)) isChanged[c] = 1;
      }
    }
    isObjectnessChanged ||= objectnessRows.some((row) => differs(old, layers[i]!, row, channels));
  }
  return { layout, tapped: tapped.hash, isChanged, isObjectnessChanged, layers };
}

function differs(a: LayerValues, b: LayerValues, row: number, channels: number): boolean {
  if (a.bias[row] !== b.bias[row]) return true;
  const end = (row + 1) * channels;
  for (let at = row * channels; at < end; at++) if (a.weight[at] !== b.weight[at]) return true;
  return false;
}

/** The objectness logit of a row; `null` where there is none. */
function objectnessOf(tap: FrameTap, changes: HeadChanges, row: number): number | null {
  if (tap.objectness === null || tap.objectnessFeatures === null) return null;
  if (!changes.isObjectnessChanged) return tap.objectness[row]!;
  const { layout: { layers, levels } } = changes;
  const index = levels[tap.level[row]!]!.objectnessLayer!;
  const { objectnessRows, channels } = layers[index]!;
  return rowLogit(
    changes.layers[index]!,
    objectnessRows[tap.anchor[row]!]!,
    channels,
    tap.objectnessFeatures,
    row * tap.objectnessChannels,
  );
}

function changedLogit(tap: FrameTap, changes: HeadChanges, row: number, c: number): number {
  const { layout: { layers, levels } } = changes;
  const index = levels[tap.level[row]!]!.classLayer;
  const { classRows, channels } = layers[index]!;
  return rowLogit(
    changes.layers[index]!,
    classRows[tap.anchor[row]!]! + c,
    channels,
    tap.features,
    row * tap.channels,
  );
}

function isFiniteBox(xyxy: Float32Array, row: number): boolean {
  const at = 4 * row;
  return Number.isFinite(xyxy[at]! + xyxy[at + 1]! + xyxy[at + 2]! + xyxy[at + 3]!);
}
