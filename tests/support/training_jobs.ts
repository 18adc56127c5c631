// Training jobs of chance numbers, the same ones as tests/golden/trainer_golden.py draws.
import type { HeadLayer, HeadLayout, HeadLevel } from "../../src/core/head_layout.ts";
import { HeadWeights } from "../../src/core/head_weights.ts";
import { DEFAULT_RECIPE, type TrainingJob, type TrainingRows } from "../../src/refine/mod.ts";
import { emptyRows } from "../../src/refine/training_rows.ts";

/** A head in few words. */
export interface HeadSketch {
  readonly classCount: number;
  readonly layers: readonly Omit<HeadLayer, "name">[];
  readonly levels: readonly {
    readonly classLayer: number;
    readonly objectnessLayer: number | null;
    readonly anchors: number;
  }[];
}

/** What a job is drawn from. */
export interface JobSketch {
  readonly seed: number;
  readonly head: HeadSketch;
  readonly rows: number;
  readonly replay: number;
  readonly classes: readonly number[];
  readonly objectness: boolean;
  readonly scale: number;
  readonly bias: number;
  readonly recipe: Partial<TrainingJob["recipe"]>;
}

/** Numbers in 0–1 by a linear congruential generator. */
export function drawFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Two levels, each with a layer for classes and one for objectness. */
export const JOINT_HEAD: HeadSketch = {
  classCount: 5,
  layers: [
    { rows: 5, channels: 6, classRows: [0], objectnessRows: [] },
    { rows: 1, channels: 4, classRows: [], objectnessRows: [0] },
    { rows: 5, channels: 8, classRows: [0], objectnessRows: [] },
    { rows: 1, channels: 8, classRows: [], objectnessRows: [0] },
  ],
  levels: [
    { classLayer: 0, objectnessLayer: 1, anchors: 1 },
    { classLayer: 2, objectnessLayer: 3, anchors: 1 },
  ],
};

/** Two levels without objectness. */
export const PLAIN_HEAD: HeadSketch = {
  classCount: 5,
  layers: [
    { rows: 5, channels: 6, classRows: [0], objectnessRows: [] },
    { rows: 5, channels: 9, classRows: [0], objectnessRows: [] },
  ],
  levels: [
    { classLayer: 0, objectnessLayer: null, anchors: 1 },
    { classLayer: 1, objectnessLayer: null, anchors: 1 },
  ],
};

/** The head of a YOLOX-nano: three levels, 80 classes and objectness, 64 channels each. */
const FULL_HEAD: HeadSketch = {
  classCount: 80,
  layers: [0, 1, 2].flatMap(() => [
    { rows: 80, channels: 64, classRows: [0], objectnessRows: [] },
    { rows: 1, channels: 64, classRows: [], objectnessRows: [0] },
  ]),
  levels: [0, 2, 4].map((classLayer) => ({
    classLayer,
    objectnessLayer: classLayer + 1,
    anchors: 1,
  })),
};

/** A job of the usual size: rows of eight labelled frames, and a full bank of replay rows. */
export function drawFullJob(steps: number): TrainingJob {
  const size = { head: FULL_HEAD, rows: 375, replay: 2_700 };
  return drawJob({ ...size, scale: 0.2, bias: -4, recipe: { steps } });
}

/** Draws a job; what is not given is a joint head with all classes. */
export function drawJob(sketch: Partial<JobSketch> = {}): TrainingJob {
  const { seed = 1, head = JOINT_HEAD, rows = 50, replay = 50, scale = 1, bias = -1.5 } = sketch;
  const next = drawFrom(seed);
  const layout = layOut(head);
  const values = head.layers.map((layer) => ({
    weight: Float32Array.from({ length: layer.rows * layer.channels }, () => near(next, 0, scale)),
    bias: Float32Array.from({ length: layer.rows }, () => near(next, bias, 0.5)),
  }));
  const start = new HeadWeights({
    model: "0".repeat(64),
    classNames: Array.from({ length: head.classCount }, (_, i) => `class ${i}`),
    layers: layout.layers,
    values,
  });
  return {
    layout,
    start,
    reference: start,
    rows: drawRows(next, head, rows),
    replay: replay === 0 ? null : drawRows(next, head, replay),
    classes: sketch.classes ?? Array.from({ length: head.classCount }, (_, i) => i),
    objectness: sketch.objectness ?? true,
    recipe: { ...DEFAULT_RECIPE, steps: 30, ...sketch.recipe },
  };
}

function near(next: () => number, middle: number, spread: number): number {
  return Math.fround(middle + spread * (2 * next() - 1));
}

function drawRows(next: () => number, head: HeadSketch, count: number): TrainingRows {
  const { layers, levels } = head;
  const channels = Math.max(...levels.map(({ classLayer }) => layers[classLayer]!.channels));
  const objectness = levels.flatMap(({ objectnessLayer }) =>
    objectnessLayer === null ? [] : [layers[objectnessLayer]!.channels]
  );
  const others = Math.max(0, ...objectness);
  const rows = emptyRows(count, channels, others === 0 ? null : others);
  for (let row = 0; row < count; row++) {
    rows.level[row] = Math.floor(next() * levels.length);
    rows.anchor[row] = Math.floor(next() * levels[rows.level[row]!]!.anchors);
    for (let c = 0; c < channels; c++) rows.features[row * channels + c] = near(next, 0, 1.5);
    for (let c = 0; c < others; c++) {
      rows.objectnessFeatures![row * others + c] = near(next, 0, 1.5);
    }
    rows.target[row] = next() < 0.4 ? Math.floor(next() * head.classCount) : -1;
    rows.weight[row] = near(next, 1, 0.75);
  }
  return rows;
}

function layOut({ classCount, layers, levels }: HeadSketch): HeadLayout {
  return {
    layers: layers.map((layer, i) => ({ name: `layer ${i}`, ...layer })),
    levels: levels.map((level, i): HeadLevel => ({
      ...level,
      features: `features ${i}`,
      logits: `logits ${i}`,
      objectnessFeatures: level.objectnessLayer === null ? null : `objectness features ${i}`,
      objectnessLogits: level.objectnessLayer === null ? null : `objectness ${i}`,
      anchorMajor: true,
      channelsLast: false,
    })),
    classCount,
    activation: "sigmoid",
    predictions: null,
  };
}
