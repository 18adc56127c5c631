import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import type { RowGroup } from "../training_plan.ts";
import type { TensorFlow } from "./load_tensorflow.ts";

/** A term of the loss at some logits. */
export interface TermValue {
  readonly loss: Scalar;
  /** Its derivative by each logit, `[rows, width]`. */
  readonly slope: Tensor2D;
}

/**
 * A term of the loss over rows. Derivatives are written down instead of being derived by the
 * library: that takes half the operations, stays finite wherever the logits are, and is 0 where a
 * term has a kink, of which the library would take one side.
 */
export interface LossTerm extends Disposable {
  /** The term and its derivative by the logits, `[rows, width]`. */
  evaluate(logits: Tensor2D): TermValue;
}

/** The focal loss of rows against their targets. Source: Lin et al. 2017, eq. 5. */
export class FocalTerm implements LossTerm {
  readonly #tf: TensorFlow;
  readonly #gamma: number;
  /** What each class of each row counts; 0 where there is no class. */
  readonly #gains: Tensor2D;
  /** -1 for the target of a row, else 1. */
  readonly #signs: Tensor2D;

  /**
   * Takes targets and weights.
   *
   * @param scale What the sum over the rows is multiplied by.
   */
  constructor(
    tf: TensorFlow,
    groups: readonly RowGroup[],
    { alpha, gamma, scale }: {
      readonly alpha: number;
      readonly gamma: number;
      readonly scale: number;
    },
  ) {
    this.#tf = tf;
    this.#gamma = gamma;
    this.#gains = fillRows(
      tf,
      groups,
      0,
      (weight, isTarget) => scale * weight * (isTarget ? alpha : 1 - alpha),
    );
    this.#signs = fillRows(tf, groups, 1, (_, isTarget) => isTarget ? -1 : 1);
  }

  /** By the logit of what is wrong: `z` where the class is not there, `-z` where it is. */
  evaluate(logits: Tensor2D): TermValue {
    const tf = this.#tf;
    const wrong = tf.mul<Tensor2D>(logits, this.#signs);
    const missing = tf.sigmoid(wrong);
    const crossEntropy = tf.softplus(wrong);
    const modulator = tf.mul(tf.pow(missing, this.#gamma), this.#gains);
    const focused = tf.mul(tf.mul(tf.sub(1, missing), crossEntropy), this.#gamma);
    return {
      loss: tf.sum(tf.mul(modulator, crossEntropy)),
      slope: tf.mul(tf.mul(modulator, tf.add(focused, missing)), this.#signs),
    };
  }

  [Symbol.dispose](): void {
    this.#tf.dispose([this.#gains, this.#signs]);
  }
}

/**
 * `|p - q| · BCE(z, q)` of replay rows against what another head says about them. Source: Li et al.
 * 2020, eq. 2, with an exponent of 1.
 */
export class ReplayTerm implements LossTerm {
  readonly #tf: TensorFlow;
  readonly #gains: Tensor2D;
  readonly #wanted: Tensor2D;

  /**
   * Takes weights and answers.
   *
   * @param logits What the reference head says, by the same operations as later, so that a head
   * that has not moved differs from it by nothing at all.
   * @param scale What the sum over the rows is multiplied by.
   */
  constructor(tf: TensorFlow, groups: readonly RowGroup[], logits: Tensor2D, scale: number) {
    this.#tf = tf;
    this.#gains = fillRows(tf, groups, 0, (weight) => scale * weight);
    this.#wanted = tf.sigmoid(logits);
  }

  evaluate(logits: Tensor2D): TermValue {
    const tf = this.#tf;
    const p = tf.sigmoid(logits);
    const excess = tf.sub(p, this.#wanted);
    const distance = tf.mul(tf.abs(excess), this.#gains);
    const crossEntropy = tf.sub(tf.softplus(logits), tf.mul(logits, this.#wanted));
    const turn = tf.mul(tf.mul(tf.sign(excess), this.#gains), tf.mul(p, tf.sub(1, p)));
    return {
      loss: tf.sum(tf.mul(distance, crossEntropy)),
      slope: tf.add(tf.mul(turn, crossEntropy), tf.mul(distance, excess)),
    };
  }

  [Symbol.dispose](): void {
    this.#tf.dispose([this.#gains, this.#wanted]);
  }
}

/** A number for each class of each row, `[rows, width]`; `rest` behind the last class. */
function fillRows(
  tf: TensorFlow,
  groups: readonly RowGroup[],
  rest: number,
  numberOf: (weight: number, isTarget: boolean) => number,
): Tensor2D {
  const { width, rows: { length: classes } } = groups[0]!.classBlock;
  const count = groups.reduce((sum, group) => sum + group.count, 0);
  const numbers = new Float32Array(count * width).fill(rest);
  let at = 0;
  for (const { targets, weights } of groups) {
    for (const [row, target] of targets.entries()) {
      const weight = weights[row]!;
      numbers.fill(numberOf(weight, false), at, at + classes);
      if (target >= 0) numbers[at + target] = numberOf(weight, true);
      at += width;
    }
  }
  return tf.tensor2d(numbers, [count, width]);
}
