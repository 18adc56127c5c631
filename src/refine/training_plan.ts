import type { HeadLayout } from "../core/head_layout.ts";
import type { HeadWeights, LayerValues } from "../core/head_weights.ts";
import type { TrainingKernels } from "../core/training_kernels.ts";
import type { TrainingJob } from "./trainer.ts";
import type { TrainingRows } from "./training_rows.ts";

/** Rows of one layer that are computed together: the learning classes of an anchor, or objectness. */
export interface ParameterBlock {
  /** Layer of the head. */
  readonly layer: number;
  /** Rows of the layer, one an output. */
  readonly rows: readonly number[];
  /** Channels the layer reads. */
  readonly channels: number;
  /** Number of outputs, rounded up to a multiple of four. */
  readonly width: number;
  /** Whether they change. */
  readonly learns: boolean;
  /** Where they start in the parameters; `[channels + 1, width]`, the biases last. */
  readonly start: number;
  /** How many numbers they are. */
  readonly length: number;
}

/** Rows that the same layers read, in memory of the kernels. */
export interface RowGroup {
  /** Number of rows. */
  readonly count: number;
  /** What the class layer makes. */
  readonly classBlock: ParameterBlock;
  /** What the objectness layer makes; `null` without objectness. */
  readonly objectnessBlock: ParameterBlock | null;
  /** `[count, channels]` of the class layer. */
  readonly features: Float32Array;
  /** `[count, channels]` of the objectness layer; `null` without objectness. */
  readonly objectnessFeatures: Float32Array | null;
  /** Position of the target among the learning classes, `[count]`; -1 for none. */
  readonly targets: Int32Array;
  /** Weights of the rows, `[count]`. */
  readonly weights: Float32Array;
}

/** What a job comes to: its rows grouped by the layers that read them, and what learns. */
export interface TrainingPlan {
  /** All blocks; those that learn come first. */
  readonly blocks: readonly ParameterBlock[];
  /** How many numbers learn; they are the first ones. */
  readonly learning: number;
  /** How many numbers there are. */
  readonly numbers: number;
  /** Rows to learn from. */
  readonly groups: readonly RowGroup[];
  /** Rows against forgetting. */
  readonly replayGroups: readonly RowGroup[];
  /** Rows whose target learns. */
  readonly positives: number;
  /** Replay rows with a target. */
  readonly replayPositives: number;
}

/** Groups the rows of a job and lays out its parameters, once for all steps. */
export function planTraining(job: TrainingJob, kernels: TrainingKernels): TrainingPlan {
  const { layout, rows, replay, classes } = job;
  const blocks = new BlockTable(job);
  const positions = new Int32Array(layout.classCount).fill(-1);
  for (const [position, index] of classes.entries()) positions[index] = position;
  const groups = groupRows(rows, layout, blocks, positions, kernels);
  const replayGroups = replay === null ? [] : groupRows(replay, layout, blocks, positions, kernels);
  return {
    blocks: blocks.list,
    learning: blocks.learning,
    numbers: blocks.numbers,
    groups,
    replayGroups,
    positives: groups.reduce((sum, { targets }) => sum + countTargets(targets), 0),
    replayPositives: replay === null ? 0 : countTargets(replay.target),
  };
}

/** Copies the numbers of a head into parameters. */
export function packParameters(
  head: HeadWeights,
  { blocks }: TrainingPlan,
  out: Float32Array,
): void {
  for (const { layer, rows, channels, width, start } of blocks) {
    const { weight, bias } = head.layer(layer);
    for (const [o, row] of rows.entries()) {
      for (let c = 0; c < channels; c++) {
        out[start + c * width + o] = weight[row * channels + c]!;
      }
      out[start + channels * width + o] = bias[row]!;
    }
  }
}

/** The numbers of a head in which only what learns is replaced. */
export function unpackParameters(
  head: HeadWeights,
  { blocks }: TrainingPlan,
  parameters: Float32Array,
): LayerValues[] {
  const values = head.layers.map((_, layer) => head.layer(layer));
  for (const { layer, rows, channels, width, start, learns } of blocks) {
    if (!learns) continue;
    const { weight, bias } = values[layer]!;
    for (const [o, row] of rows.entries()) {
      for (let c = 0; c < channels; c++) {
        weight[row * channels + c] = parameters[start + c * width + o]!;
      }
      bias[row] = parameters[start + channels * width + o]!;
    }
  }
  return values;
}

/** Finds the block that a level's rows belong to. All blocks are laid out at the beginning. */
class BlockTable {
  readonly list: readonly ParameterBlock[];
  readonly learning: number;
  readonly numbers: number;
  readonly #byName: ReadonlyMap<string, ParameterBlock>;

  constructor({ layout, classes, objectness }: TrainingJob) {
    const wanted = new Map<string, Omit<ParameterBlock, "start" | "length" | "width">>();
    for (const { classLayer, objectnessLayer, anchors } of layout.levels) {
      for (let anchor = 0; anchor < anchors; anchor++) {
        const { classRows, channels } = layout.layers[classLayer]!;
        const rows = classes.map((index) => classRows[anchor]! + index);
        wanted.set(nameOf("class", classLayer, anchor), {
          layer: classLayer,
          rows,
          channels,
          learns: true,
        });
        if (objectnessLayer === null) continue;
        const other = layout.layers[objectnessLayer]!;
        wanted.set(nameOf("objectness", objectnessLayer, anchor), {
          layer: objectnessLayer,
          rows: [other.objectnessRows[anchor]!],
          channels: other.channels,
          learns: objectness,
        });
      }
    }
    const sorted = [...wanted].sort(([, a], [, b]) => Number(b.learns) - Number(a.learns));
    const byName = new Map<string, ParameterBlock>();
    let start = 0;
    let learning = 0;
    for (const [name, block] of sorted) {
      const width = 4 * Math.ceil(block.rows.length / 4);
      const length = (block.channels + 1) * width;
      byName.set(name, { ...block, width, start, length });
      start += length;
      if (block.learns) learning = start;
    }
    this.list = [...byName.values()];
    this.learning = learning;
    this.numbers = start;
    this.#byName = byName;
  }

  find(kind: "class" | "objectness", layer: number, anchor: number): ParameterBlock {
    return this.#byName.get(nameOf(kind, layer, anchor))!;
  }
}

function nameOf(kind: "class" | "objectness", layer: number, anchor: number): string {
  return `${kind} ${layer}/${anchor}`;
}

function groupRows(
  rows: TrainingRows,
  layout: HeadLayout,
  blocks: BlockTable,
  positions: Int32Array,
  kernels: TrainingKernels,
): RowGroup[] {
  const members = new Map<string, number[]>();
  for (let row = 0; row < rows.count; row++) {
    const { classLayer, objectnessLayer } = layout.levels[rows.level[row]!]!;
    const key = `${classLayer}/${objectnessLayer}/${rows.anchor[row]}`;
    const list = members.get(key);
    if (list === undefined) members.set(key, [row]);
    else list.push(row);
  }
  return [...members.values()].map((list): RowGroup => {
    const level = layout.levels[rows.level[list[0]!]!]!;
    const anchor = rows.anchor[list[0]!]!;
    const classBlock = blocks.find("class", level.classLayer, anchor);
    const objectnessBlock = level.objectnessLayer === null
      ? null
      : blocks.find("objectness", level.objectnessLayer, anchor);
    const [targets, weights] = [kernels.integers(list.length), kernels.floats(list.length)];
    for (const [at, row] of list.entries()) {
      const target = rows.target[row]!;
      targets[at] = target === -1 ? -1 : positions[target]!;
      weights[at] = rows.weight[row]!;
    }
    return {
      count: list.length,
      classBlock,
      objectnessBlock,
      features: copyFeatures(rows.features, rows.channels, list, classBlock, kernels),
      objectnessFeatures: objectnessBlock === null ? null : copyFeatures(
        rows.objectnessFeatures!,
        rows.objectnessChannels,
        list,
        objectnessBlock,
        kernels,
      ),
      targets,
      weights,
    };
  });
}

function copyFeatures(
  features: Float32Array,
  stride: number,
  list: readonly number[],
  { channels }: ParameterBlock,
  kernels: TrainingKernels,
): Float32Array {
  const out = kernels.floats(list.length * channels);
  for (const [at, row] of list.entries()) {
    out.set(features.subarray(row * stride, row * stride + channels), at * channels);
  }
  return out;
}

function countTargets(targets: Int32Array): number {
  return targets.reduce((sum, target) => sum + (target >= 0 ? 1 : 0), 0);
}
