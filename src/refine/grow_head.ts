import type { HeadLayer, HeadLayout } from "../core/head_layout.ts";
import { HeadWeights } from "../core/head_weights.ts";
import { insertRows } from "../onnx/grow_classes.ts";
import type { TrainingJob } from "./trainer.ts";
import { DEFAULT_RECIPE, type TrainingRecipe } from "./training_recipe.ts";
import { joinRows, type TrainingRows } from "./training_rows.ts";

/** A head with room for classes that its model does not know. */
export interface GrownHead {
  /** The head; the new classes come last, and each says what the old ones say on average. */
  readonly head: HeadWeights;
  /** What it is. */
  readonly layout: HeadLayout;
}

/**
 * The recipe for a class that is learnt from a few boxes: nothing is known that it could be pulled
 * to, so that it is pulled weakly and goes further.
 */
export const NEW_CLASS_RECIPE: TrainingRecipe = Object.freeze({
  ...DEFAULT_RECIPE,
  learningRate: 0.02,
  steps: 100,
  pull: 0.01,
});

/**
 * Appends classes to a head: on every level and anchor a row each, the mean of the rows of all other
 * classes. The old classes keep every bit. A detector serves it when it is loaded with it
 * (`loadDetector(model, { head: { weights } })`), and `exportHead` writes a model that has it.
 *
 * @param head The head.
 * @param layout What it is.
 * @param names Names of the new classes, at least one.
 * @throws {RangeError} If a name is empty or taken, the head is not of this layout, or its scores
 * come from a softmax, in which every class changes all others.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { growHead, HeadWeights } from "@fovea/fovea/refine";
 *
 * const layer = { name: "head", rows: 2, channels: 1, classRows: [0], objectnessRows: [] };
 * const level = {
 *   classLayer: 0, objectnessLayer: null, features: "f", logits: "l", objectnessFeatures: null,
 *   objectnessLogits: null, anchors: 1, anchorMajor: true, channelsLast: false,
 * };
 * const { head, layout } = growHead(
 *   new HeadWeights({
 *     model: "0".repeat(64), classNames: ["car", "van"], layers: [layer],
 *     values: [{ weight: new Float32Array([1, 3]), bias: new Float32Array([-4, -2]) }],
 *   }),
 *   { layers: [layer], levels: [level], classCount: 2, activation: "sigmoid", predictions: null },
 *   ["tractor"],
 * );
 * assertEquals([head.classNames, layout.classCount], [["car", "van", "tractor"], 3]);
 * assertEquals([...head.layer(0).weight, ...head.layer(0).bias], [1, 3, 2, -4, -2, -3]);
 * ```
 */
export function growHead(
  head: HeadWeights,
  layout: HeadLayout,
  names: readonly string[],
): GrownHead {
  checkGrowth(head, layout, names);
  const { classCount } = layout;
  const extra = names.length;
  const layers = layout.layers.map((layer) => growLayer(layer, classCount, extra));
  const values = layout.layers.map((layer, index) => {
    const { weight, bias } = head.layer(index);
    const grown = {
      weight: insertRows(weight, layer, classCount, layer.channels, extra, 0),
      bias: insertRows(bias, layer, classCount, 1, extra, 0),
    };
    for (const start of layers[index]!.classRows) {
      fillMean(grown.weight, start, layer.channels, classCount, extra);
      fillMean(grown.bias, start, 1, classCount, extra);
    }
    return grown;
  });
  const { model, version } = head;
  const classNames = [...head.classNames, ...names];
  return {
    head: new HeadWeights({ model, version: version + 1, classNames, layers, values }),
    layout: { ...layout, layers, classCount: classCount + extra },
  };
}

/** What learning new classes needs. */
export interface NewClasses {
  /** What {@linkcode growHead} gave. */
  readonly grown: GrownHead;
  /** How many classes are new. */
  readonly count: number;
  /** Rows of frames in which they are labelled. */
  readonly rows: TrainingRows;
  /** Rows of frames without them, against taking other things for them; `null` for none. */
  readonly replay: TrainingRows | null;
  /** How; {@linkcode NEW_CLASS_RECIPE} by default. */
  readonly recipe?: TrainingRecipe;
}

/**
 * The job that learns new classes: only their rows learn, so that all old scores stay bit for bit,
 * and what is replayed is background to them.
 */
export function newClassJob(wanted: NewClasses): TrainingJob {
  const { grown: { head, layout }, count, rows, replay, recipe = NEW_CLASS_RECIPE } = wanted;
  const first = layout.classCount - count;
  return {
    layout,
    start: head,
    reference: head,
    rows: replay === null ? rows : joinRows([rows, replay]),
    replay: null,
    classes: Array.from({ length: count }, (_, i) => first + i),
    objectness: false,
    recipe,
  };
}

function growLayer(layer: HeadLayer, classCount: number, extra: number): HeadLayer {
  const { rows, classRows, objectnessRows } = layer;
  // A row moves by what is inserted before it: behind each block of classes that ends before it.
  function move(row: number): number {
    return row + extra * classRows.filter((start) => start + classCount <= row).length;
  }
  return {
    ...layer,
    rows: rows + extra * classRows.length,
    classRows: classRows.map(move),
    objectnessRows: objectnessRows.map(move),
  };
}

/** Sets the rows behind a block of classes to the mean of the block. */
function fillMean(
  values: Float32Array,
  start: number,
  width: number,
  classCount: number,
  extra: number,
): void {
  for (let c = 0; c < width; c++) {
    let sum = 0;
    for (let row = start; row < start + classCount; row++) sum += values[row * width + c]!;
    for (let row = start + classCount; row < start + classCount + extra; row++) {
      values[row * width + c] = sum / classCount;
    }
  }
}

function checkGrowth(
  { classNames, layers }: HeadWeights,
  layout: HeadLayout,
  names: readonly string[],
): void {
  if (layout.activation === "softmax") {
    throw new RangeError("Cannot append classes: the head's scores come from a softmax");
  }
  const own = classNames.length === layout.classCount &&
    layers.length === layout.layers.length &&
    layers.every(({ rows, channels }, i) =>
      rows === layout.layers[i]!.rows && channels === layout.layers[i]!.channels
    );
  if (!own) throw new RangeError("Cannot append classes: the head is not of this layout");
  const all = [...classNames, ...names];
  if (names.length > 0 && !names.includes("") && new Set(names).size === names.length) {
    const taken = names.find((name) => classNames.includes(name));
    if (taken === undefined) return;
    throw new RangeError(`Cannot append class "${taken}": the head has it`);
  }
  throw new RangeError(`Cannot append classes "${names.join('", "')}" to ${all.length}`);
}
