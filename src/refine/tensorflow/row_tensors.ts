import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import type { ParameterBlock, RowGroup } from "../training_plan.ts";
import type { TensorFlow } from "./load_tensorflow.ts";

/** How a focal loss weighs. */
export interface FocalSettings {
  /** Weight of positives, 0–1. */
  readonly alpha: number;
  /** Focusing exponent, from 0. */
  readonly gamma: number;
  /** What the sum is divided by, if above 1. */
  readonly positives: number;
}

/** How keeping the reference head's answers weighs. */
export interface ReplaySettings {
  /** Weight of the term. */
  readonly replayWeight: number;
  /** What the sum is divided by, if above 1. */
  readonly positives: number;
}

/** What a head says about all rows. */
interface Logits {
  /** The logit of the probability, `[rows, width]`. */
  readonly joint: Tensor2D;
  /** Its derivatives by class logit and by objectness logit; `null` without objectness. */
  readonly byClass: Tensor2D | null;
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
 * Rows of a job and their term of the loss. The gradient is written down instead of being derived by
 * the library: it takes half the operations, stays finite wherever the logits are, and is 0 where
 * the replay term has its kink, of which the library would take one side.
 *
 * Every step works on tensors of equal shape, because broadcasting is slow in plain JavaScript.
 */
export class RowTensors implements Disposable {
  readonly #tf: TensorFlow;
  readonly #settings: FocalSettings | ReplaySettings;
  readonly #groups: readonly GroupTensors[];
  /** What each class of each row counts, `[rows, width]`; 0 where nothing is computed. */
  readonly #gains: Tensor2D;
  /** 1 for the target of a row, else -1. */
  readonly #signs: Tensor2D;
  /** Ones in the first row, `[4, width]`: a product with it repeats the objectness. */
  readonly #repeat: Tensor2D;
  /** Probabilities of the reference head, for replay rows. */
  #wanted: Tensor2D | null = null;

  constructor(
    tf: TensorFlow,
    groups: readonly RowGroup[],
    settings: FocalSettings | ReplaySettings,
  ) {
    this.#tf = tf;
    this.#settings = settings;
    const width = groups[0]?.classBlock.width ?? 4;
    const count = groups.reduce((sum, group) => sum + group.count, 0);
    const gains = new Float32Array(count * width);
    const signs = new Float32Array(count * width).fill(-1);
    let from = 0;
    this.#groups = groups.map((group) => {
      const tensors = {
        group,
        from,
        features: featureTensor(tf, group.features, group.count, group.classBlock),
        objectnessFeatures: group.objectnessBlock === null
          ? null
          : featureTensor(tf, group.objectnessFeatures!, group.count, group.objectnessBlock),
      };
      weighRows(group, settings, gains.subarray(from * width), signs.subarray(from * width));
      from += group.count;
      return tensors;
    });
    this.#gains = tf.tensor2d(gains, [count, width]);
    this.#signs = tf.tensor2d(signs, [count, width]);
    this.#repeat = tf.tensor2d(new Float32Array(4 * width).fill(1, 0, width), [4, width]);
  }

  /** Takes what a head says about these rows as what it is to go on saying. */
  keepAnswers(blocks: ReadonlyMap<ParameterBlock, Tensor2D>): void {
    // By the same operations as later, so that an unchanged head differs by nothing at all.
    this.#wanted = this.#tf.keep(this.#tf.sigmoid(this.#apply(blocks).joint));
  }

  /** Returns the term of these rows and adds its derivatives to `slopes`, by block. */
  evaluate(
    blocks: ReadonlyMap<ParameterBlock, Tensor2D>,
    slopes: Map<ParameterBlock, Tensor2D>,
  ): Scalar {
    if (this.#groups.length === 0) return this.#tf.scalar(0);
    const logits = this.#apply(blocks);
    const { loss, slope } = "gamma" in this.#settings
      ? this.#focal(logits.joint, this.#settings.gamma)
      : this.#distil(logits.joint);
    this.#spread(slope, logits, slopes);
    return loss;
  }

  /** Frees everything it holds. */
  [Symbol.dispose](): void {
    this.#tf.dispose([this.#gains, this.#signs, this.#repeat]);
    this.#wanted?.dispose();
    for (const { features, objectnessFeatures } of this.#groups) {
      features.dispose();
      objectnessFeatures?.dispose();
    }
  }

  /**
   * With class logit `c` and objectness logit `o`, `p = sigmoid(c) sigmoid(o)` has the logit
   * `z = o - softplus(softplus(o) - c)`, which is finite wherever both are.
   */
  #apply(blocks: ReadonlyMap<ParameterBlock, Tensor2D>): Logits {
    const tf = this.#tf;
    const classes = this.#join((group) =>
      tf.matMul(group.features, blocks.get(group.group.classBlock)!)
    );
    if (this.#groups[0]!.objectnessFeatures === null) {
      return { joint: classes, byClass: null, byObjectness: null };
    }
    const objectness = tf.matMul(
      this.#join(({ group, objectnessFeatures }) =>
        tf.matMul(objectnessFeatures!, blocks.get(group.objectnessBlock!)!)
      ),
      this.#repeat,
    );
    const excess = tf.sub<Tensor2D>(tf.softplus(objectness), classes);
    const byClass = tf.sigmoid(excess);
    return {
      joint: tf.sub(objectness, tf.softplus(excess)),
      byClass,
      byObjectness: tf.sub(1, tf.mul(byClass, tf.sigmoid(objectness))),
    };
  }

  /** Lin et al. 2017, eq. 5, by the logit of what is true: `s = z` or `-z`. */
  #focal(joint: Tensor2D, gamma: number): { loss: Scalar; slope: Tensor2D } {
    const tf = this.#tf;
    const wrong = tf.mul(tf.neg(joint), this.#signs);
    const missing = tf.sigmoid(wrong);
    const crossEntropy = tf.softplus(wrong);
    const modulator = tf.mul(tf.pow(missing, gamma), this.#gains);
    const focused = tf.mul(tf.mul(tf.sub(1, missing), crossEntropy), gamma);
    return {
      loss: tf.sum(tf.mul(modulator, crossEntropy)),
      slope: tf.neg(tf.mul(tf.mul(modulator, tf.add(focused, missing)), this.#signs)),
    };
  }

  /** Li et al. 2020, eq. 2, with an exponent of 1: `|p - q| · BCE(z, q)`. */
  #distil(joint: Tensor2D): { loss: Scalar; slope: Tensor2D } {
    const tf = this.#tf;
    const p = tf.sigmoid(joint);
    const excess = tf.sub(p, this.#wanted!);
    const distance = tf.mul(tf.abs(excess), this.#gains);
    const crossEntropy = tf.sub(tf.softplus(joint), tf.mul(joint, this.#wanted!));
    const turn = tf.mul(tf.mul(tf.sign(excess), this.#gains), tf.mul(p, tf.sub(1, p)));
    return {
      loss: tf.sum(tf.mul(distance, crossEntropy)),
      slope: tf.add(tf.mul(turn, crossEntropy), tf.mul(distance, excess)),
    };
  }

  #spread(
    slope: Tensor2D,
    { byClass, byObjectness }: Logits,
    slopes: Map<ParameterBlock, Tensor2D>,
  ): void {
    const tf = this.#tf;
    const classes = byClass === null ? slope : tf.mul<Tensor2D>(slope, byClass);
    const objectness = byObjectness === null
      ? null
      : tf.matMul<Tensor2D>(tf.mul(slope, byObjectness), this.#repeat, false, true);
    for (const { group, from, features, objectnessFeatures } of this.#groups) {
      this.#collect(group.classBlock, features, classes, from, slopes);
      if (objectness === null || !group.objectnessBlock!.learns) continue;
      this.#collect(group.objectnessBlock!, objectnessFeatures!, objectness, from, slopes);
    }
  }

  #collect(
    block: ParameterBlock,
    features: Tensor2D,
    all: Tensor2D,
    from: number,
    slopes: Map<ParameterBlock, Tensor2D>,
  ): void {
    const tf = this.#tf;
    const own = tf.slice(all, [from, 0], [features.shape[0], block.width]);
    const slope = tf.matMul<Tensor2D>(features, own, true, false);
    const earlier = slopes.get(block);
    slopes.set(block, earlier === undefined ? slope : tf.add<Tensor2D>(earlier, slope));
  }

  #join(make: (group: GroupTensors) => Tensor2D): Tensor2D {
    return this.#tf.concat(this.#groups.map(make), 0);
  }
}

function featureTensor(
  tf: TensorFlow,
  features: Float32Array,
  count: number,
  { channels }: ParameterBlock,
): Tensor2D {
  const out = new Float32Array(count * (channels + 1)).fill(1);
  for (let row = 0; row < count; row++) {
    out.set(
      features.subarray(row * channels, (row + 1) * channels),
      row * (channels + 1),
    );
  }
  return tf.tensor2d(out, [count, channels + 1]);
}

function weighRows(
  { count, classBlock, targets, weights }: RowGroup,
  settings: FocalSettings | ReplaySettings,
  gains: Float32Array,
  signs: Float32Array,
): void {
  const { width, rows: { length: classes } } = classBlock;
  const most = Math.max(1, settings.positives);
  const factor = ("gamma" in settings ? 1 - settings.alpha : settings.replayWeight) / most;
  for (let row = 0; row < count; row++) {
    const at = row * width;
    gains.fill(factor * weights[row]!, at, at + classes);
    const target = targets[row]!;
    if (target < 0 || !("gamma" in settings)) continue;
    gains[at + target] = settings.alpha / most * weights[row]!;
    signs[at + target] = 1;
  }
}
