import type { Tensor2D } from "@tensorflow/tfjs-core";
import type { ParameterBlock, RowGroup } from "../training_plan.ts";
import type { TensorFlow } from "./load_tensorflow.ts";

/** Tensors by the block of parameters that they belong to. */
export type BlockTensors = ReadonlyMap<ParameterBlock, Tensor2D>;

/** What a head says about all rows. */
export interface RowLogits {
  /** The logit of the probability, `[rows, width]`. */
  readonly joint: Tensor2D;
  /** Its derivative by the class logit; `null` where it is the class logit. */
  readonly byClass: Tensor2D | null;
  /** Its derivative by the objectness logit; `null` without objectness. */
  readonly byObjectness: Tensor2D | null;
}

/** Rows of one group: where they stand among all, and what their layers read. */
interface GroupTensors {
  readonly group: RowGroup;
  readonly from: number;
  /** `[count, channels + 1]`, the last column ones, so that a bias is a weight like others. */
  readonly features: Tensor2D;
  readonly objectnessFeatures: Tensor2D | null;
}

/**
 * The layers of a head over the rows of a job, forwards and backwards. Elementwise steps work on
 * tensors of equal shape, because broadcasting is slow in plain JavaScript.
 */
export class RowLayers implements Disposable {
  readonly #tf: TensorFlow;
  readonly #groups: readonly GroupTensors[];
  /** Ones in the first row, `[4, width]`: a product with it repeats the objectness. */
  readonly #repeat: Tensor2D;

  /** Copies what the layers read; there is at least one group. */
  constructor(tf: TensorFlow, groups: readonly RowGroup[]) {
    this.#tf = tf;
    const { width } = groups[0]!.classBlock;
    let from = 0;
    this.#groups = groups.map((group) => {
      const { count, classBlock, objectnessBlock, objectnessFeatures } = group;
      const tensors = {
        group,
        from,
        features: withOnes(tf, group.features, count, classBlock.channels),
        objectnessFeatures: objectnessBlock === null
          ? null
          : withOnes(tf, objectnessFeatures!, count, objectnessBlock.channels),
      };
      from += count;
      return tensors;
    });
    this.#repeat = tf.tensor2d(new Float32Array(4 * width).fill(1, 0, width), [4, width]);
  }

  /**
   * With class logit `c` and objectness logit `o`, `p = sigmoid(c) sigmoid(o)` has the logit
   * `z = o - softplus(softplus(o) - c)`, which is finite wherever both are; `dz/dc =
   * sigmoid(softplus(o) - c)` and `dz/do = 1 - dz/dc · sigmoid(o)`.
   */
  apply(blocks: BlockTensors): RowLogits {
    const tf = this.#tf;
    const classes = this.#join(({ group, features }) =>
      tf.matMul(features, blocks.get(group.classBlock)!)
    );
    if (this.#groups[0]!.objectnessFeatures === null) {
      return { joint: classes, byClass: null, byObjectness: null };
    }
    const narrow = this.#join(({ group, objectnessFeatures }) =>
      tf.matMul(objectnessFeatures!, blocks.get(group.objectnessBlock!)!)
    );
    const objectness = tf.matMul<Tensor2D>(narrow, this.#repeat);
    const excess = tf.sub<Tensor2D>(tf.softplus(objectness), classes);
    const byClass = tf.sigmoid(excess);
    return {
      joint: tf.sub(objectness, tf.softplus(excess)),
      byClass,
      byObjectness: tf.sub(1, tf.mul(byClass, tf.sigmoid(objectness))),
    };
  }

  /** Adds the derivatives by each block's numbers to `slopes`; `slope` is that by the joint logit. */
  spread(
    slope: Tensor2D,
    { byClass, byObjectness }: RowLogits,
    slopes: Map<ParameterBlock, Tensor2D>,
  ): void {
    const tf = this.#tf;
    const classes = byClass === null ? slope : tf.mul<Tensor2D>(slope, byClass);
    const objectness = byObjectness === null
      ? null
      : tf.matMul<Tensor2D>(tf.mul(slope, byObjectness), this.#repeat, false, true);
    const collect = (block: ParameterBlock, read: Tensor2D, all: Tensor2D, from: number) => {
      const own = tf.slice(all, [from, 0], [read.shape[0], block.width]);
      const part = tf.matMul<Tensor2D>(read, own, true, false);
      const earlier = slopes.get(block);
      slopes.set(block, earlier === undefined ? part : tf.add(earlier, part));
    };
    for (const { group, from, features, objectnessFeatures } of this.#groups) {
      collect(group.classBlock, features, classes, from);
      if (objectness === null || !group.objectnessBlock!.learns) continue;
      collect(group.objectnessBlock!, objectnessFeatures!, objectness, from);
    }
  }

  /** Frees everything it holds. */
  [Symbol.dispose](): void {
    this.#repeat.dispose();
    for (const { features, objectnessFeatures } of this.#groups) {
      features.dispose();
      objectnessFeatures?.dispose();
    }
  }

  #join(make: (group: GroupTensors) => Tensor2D): Tensor2D {
    return this.#tf.concat(this.#groups.map(make), 0);
  }
}

/** Features with a column of ones behind them, `[count, channels + 1]`. */
function withOnes(
  tf: TensorFlow,
  features: Float32Array,
  count: number,
  channels: number,
): Tensor2D {
  const out = new Float32Array(count * (channels + 1)).fill(1);
  for (let row = 0; row < count; row++) {
    const read = features.subarray(row * channels, (row + 1) * channels);
    out.set(read, row * (channels + 1));
  }
  return tf.tensor2d(out, [count, channels + 1]);
}
