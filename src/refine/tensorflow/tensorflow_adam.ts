import type { Tensor1D } from "@tensorflow/tfjs-core";
import type { TensorFlow } from "./load_tensorflow.ts";

/** `beta1`, `beta2` and `epsilon` as Kingma & Ba 2015 propose them. */
const DECAY = 0.9;
const SQUARE_DECAY = 0.999;
const EPSILON = 1e-8;

/**
 * AdamW without weight decay, of one vector. The library's own optimiser corrects the bias in
 * float32, where `1 - beta2` of the first step is off by some 1e-5; here it is a plain number.
 *
 * Source: Kingma & Ba 2015, "Adam", algorithm 1.
 */
export class TensorFlowAdam implements Disposable {
  readonly #tf: TensorFlow;
  #means: Tensor1D;
  #squares: Tensor1D;
  #steps = 0;

  /** Starts for so many numbers. */
  constructor(tf: TensorFlow, length: number) {
    this.#tf = tf;
    this.#means = tf.zeros([length]);
    this.#squares = tf.zeros([length]);
  }

  /** Parameters after a step against the gradient; neither argument is disposed. */
  step(parameters: Tensor1D, gradient: Tensor1D, learningRate: number): Tensor1D {
    const tf = this.#tf;
    this.#steps++;
    const rate = learningRate / (1 - DECAY ** this.#steps);
    const root = 1 / Math.sqrt(1 - SQUARE_DECAY ** this.#steps);
    const [moved, means, squares] = tf.tidy(() => {
      const means = tf.add(tf.mul(this.#means, DECAY), tf.mul(gradient, 1 - DECAY)) as Tensor1D;
      const square = tf.mul(tf.square(gradient), 1 - SQUARE_DECAY);
      const squares = tf.add(tf.mul(this.#squares, SQUARE_DECAY), square) as Tensor1D;
      const spread = tf.add(tf.mul(tf.sqrt(squares), root), EPSILON);
      const moved = tf.sub(parameters, tf.mul(tf.div(means, spread), rate)) as Tensor1D;
      return [moved, means, squares] as const;
    }) as [Tensor1D, Tensor1D, Tensor1D];
    tf.dispose([this.#means, this.#squares]);
    this.#means = means;
    this.#squares = squares;
    return moved;
  }

  /** Frees what it holds. */
  [Symbol.dispose](): void {
    this.#tf.dispose([this.#means, this.#squares]);
  }
}
