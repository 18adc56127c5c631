import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { ReferenceTrainingKernels } from "../../native/reference_training.ts";
import type { TrainingJob } from "../trainer.ts";
import {
  packParameters,
  type ParameterBlock,
  planTraining,
  type TrainingPlan,
} from "../training_plan.ts";
import type { TensorFlow } from "./load_tensorflow.ts";
import { RowTensors } from "./row_tensors.ts";

/** The loss and its gradient; the caller disposes both. */
export interface Evaluation {
  /** The terms of the loss as `rows`, `replay` and `pull`, each with its weight, `[3]`. */
  readonly terms: Tensor1D;
  /** Derivatives by the parameters that learn, `[learning]`. */
  readonly gradient: Tensor1D;
}

/**
 * What a job minimises, computed by TensorFlow. All parameters that learn are one vector, so that
 * a step of the optimiser is a dozen operations, whatever the number of layers.
 */
export class TensorFlowObjective implements Disposable {
  /** How the job is laid out. */
  readonly plan: TrainingPlan;
  /** The parameters that training begins with, `[learning]`. */
  readonly start: Tensor1D;
  readonly #tf: TensorFlow;
  readonly #pull: number;
  readonly #reference: Tensor1D;
  /** Blocks that do not learn, by their place in the plan. */
  readonly #frozen: ReadonlyMap<ParameterBlock, Tensor2D>;
  readonly #rows: RowTensors;
  readonly #replay: RowTensors | null;

  /** Lays out the job, which is taken as checked, and copies it to where TensorFlow computes. */
  constructor(tf: TensorFlow, job: TrainingJob) {
    this.#tf = tf;
    const plan = planTraining(job, new ReferenceTrainingKernels());
    const { alpha, gamma, pull, replayWeight } = job.recipe;
    this.plan = plan;
    this.#pull = pull;
    const start = new Float32Array(plan.numbers);
    packParameters(job.start, plan, start);
    const reference = new Float32Array(plan.numbers);
    packParameters(job.reference, plan, reference);
    this.start = tf.tensor1d(start.subarray(0, plan.learning));
    this.#reference = tf.tensor1d(reference.subarray(0, plan.learning));
    const frozen = plan.blocks.filter(({ learns }) => !learns);
    this.#frozen = new Map(frozen.map((block) => [block, blockTensor(tf, start, block)]));
    this.#rows = new RowTensors(tf, plan.groups, { alpha, gamma, positives: plan.positives });
    this.#replay = replayWeight === 0 || plan.replayGroups.length === 0 ? null : new RowTensors(
      tf,
      plan.replayGroups,
      { replayWeight, positives: plan.replayPositives },
    );
    tf.tidy(() => {
      const blocks = new Map(
        plan.blocks.map((block) => [block, blockTensor(tf, reference, block)]),
      );
      this.#replay?.keepAnswers(blocks);
    });
  }

  /**
   * The loss and its gradient at some parameters, `[learning]`.
   *
   * @param between Is called before each part; what it throws ends the evaluation.
   */
  evaluate(parameters: Tensor1D, between: () => void): Evaluation {
    const tf = this.#tf;
    return tf.tidy(() => {
      const blocks = this.#blocksOf(parameters);
      const slopes = new Map<ParameterBlock, Tensor2D>();
      between();
      const rows = this.#rows.evaluate(blocks, slopes);
      between();
      const replay = this.#replay?.evaluate(blocks, slopes) ?? tf.scalar(0);
      const apart = tf.sub(parameters, this.#reference);
      const pull = tf.mul(tf.sum(tf.square(apart)), this.#pull);
      const gradients = this.plan.blocks.filter(({ learns }) => learns).map((block) =>
        tf.reshape(slopes.get(block) ?? tf.zeros([block.length]), [block.length])
      );
      const gradient = tf.add(tf.concat(gradients), tf.mul(apart, 2 * this.#pull)) as Tensor1D;
      return { terms: tf.stack([rows, replay, pull]) as Tensor1D, gradient };
    });
  }

  /** Frees everything it holds, `start` included. */
  [Symbol.dispose](): void {
    this.#tf.dispose([this.start, this.#reference, ...this.#frozen.values()]);
    this.#rows[Symbol.dispose]();
    this.#replay?.[Symbol.dispose]();
  }

  #blocksOf(parameters: Tensor1D): Map<ParameterBlock, Tensor2D> {
    const tf = this.#tf;
    return new Map(this.plan.blocks.map((block) => {
      const { start, length, channels, width } = block;
      const frozen = this.#frozen.get(block);
      if (frozen !== undefined) return [block, frozen];
      const part: Tensor = tf.slice(parameters, start, length);
      return [block, tf.reshape(part, [channels + 1, width])];
    }));
  }
}

function blockTensor(
  tf: TensorFlow,
  numbers: Float32Array,
  { start, length, channels, width }: ParameterBlock,
): Tensor2D {
  return tf.tensor2d(numbers.slice(start, start + length), [channels + 1, width]);
}
