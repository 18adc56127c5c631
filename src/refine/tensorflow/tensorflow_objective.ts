import type { Scalar, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { ReferenceTrainingKernels } from "../../native/reference_training.ts";
import type { TrainingJob } from "../trainer.ts";
import {
  packParameters,
  type ParameterBlock,
  planTraining,
  type RowGroup,
  type TrainingPlan,
} from "../training_plan.ts";
import type { TensorFlow } from "./load_tensorflow.ts";
import { FocalTerm, type LossTerm, ReplayTerm } from "./loss_terms.ts";
import { type BlockTensors, RowLayers } from "./row_layers.ts";

/** The loss and its gradient; the caller disposes both. */
export interface Evaluation {
  /** The terms of the loss as `rows`, `replay` and `pull`, each with its weight, `[3]`. */
  readonly terms: Tensor1D;
  /** Derivatives by the parameters that learn, `[learning]`. */
  readonly gradient: Tensor1D;
}

/** Rows and what they are judged by. */
interface JudgedRows {
  readonly layers: RowLayers;
  readonly term: LossTerm;
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
  /** Blocks that do not learn. */
  readonly #frozen: BlockTensors;
  readonly #rows: JudgedRows | null;
  readonly #replay: JudgedRows | null;
  readonly #held: DisposableStack;

  /** Lays out the job, which is taken as checked, and copies it to where TensorFlow computes. */
  constructor(tf: TensorFlow, job: TrainingJob) {
    using held = new DisposableStack();
    const plan = planTraining(job, new ReferenceTrainingKernels());
    const { blocks, learning, numbers, groups, replayGroups, positives, replayPositives } = plan;
    const { alpha, gamma, pull, replayWeight } = job.recipe;
    this.#tf = tf;
    this.plan = plan;
    this.#pull = pull;
    const start = new Float32Array(numbers);
    packParameters(job.start, plan, start);
    const reference = new Float32Array(numbers);
    packParameters(job.reference, plan, reference);
    this.start = held.adopt(tf.tensor1d(start.subarray(0, learning)), dispose);
    this.#reference = held.adopt(tf.tensor1d(reference.subarray(0, learning)), dispose);
    const frozen = blocks.filter(({ learns }) => !learns);
    this.#frozen = new Map(
      frozen.map((block) => [block, held.adopt(blockTensor(tf, start, block), dispose)]),
    );
    const scale = 1 / Math.max(1, positives);
    this.#rows = groups.length === 0 ? null : {
      layers: held.use(new RowLayers(tf, groups)),
      term: held.use(new FocalTerm(tf, groups, { alpha, gamma, scale })),
    };
    const replayScale = replayWeight / Math.max(1, replayPositives);
    this.#replay = replayGroups.length === 0 || replayWeight === 0
      ? null
      : makeReplay(tf, held, replayGroups, replayScale, () =>
        new Map(blocks.map((block) => [block, blockTensor(tf, reference, block)])));
    this.#held = held.move();
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
      const [rows, replay] = [this.#rows, this.#replay].map((judged): Scalar => {
        between();
        if (judged === null) return tf.scalar(0);
        const logits = judged.layers.apply(blocks);
        const { loss, slope } = judged.term.evaluate(logits.joint);
        judged.layers.spread(slope, logits, slopes);
        return loss;
      }) as [Scalar, Scalar];
      const apart = tf.sub<Tensor1D>(parameters, this.#reference);
      const pull = tf.mul(tf.sum(tf.square(apart)), this.#pull);
      const gradients = this.plan.blocks.filter(({ learns }) => learns).map((block) =>
        tf.reshape(slopes.get(block) ?? tf.zeros([block.length]), [block.length])
      );
      const gradient = tf.add<Tensor1D>(tf.concat(gradients), tf.mul(apart, 2 * this.#pull));
      return { terms: tf.stack([rows, replay, pull]) as Tensor1D, gradient };
    });
  }

  /** Frees everything it holds, `start` included. */
  [Symbol.dispose](): void {
    this.#held.dispose();
  }

  #blocksOf(parameters: Tensor1D): BlockTensors {
    const tf = this.#tf;
    return new Map(this.plan.blocks.map((block) => {
      const { start, length, channels, width } = block;
      const frozen = this.#frozen.get(block);
      if (frozen !== undefined) return [block, frozen];
      return [block, tf.reshape(tf.slice(parameters, start, length), [channels + 1, width])];
    }));
  }
}

/** Replay rows, judged by what the reference head says about them. */
function makeReplay(
  tf: TensorFlow,
  held: DisposableStack,
  groups: readonly RowGroup[],
  scale: number,
  referenceBlocks: () => BlockTensors,
): JudgedRows {
  const layers = held.use(new RowLayers(tf, groups));
  const logits = tf.tidy(() => layers.apply(referenceBlocks()).joint);
  const term = held.use(new ReplayTerm(tf, groups, logits, scale));
  logits.dispose();
  return { layers, term };
}

function blockTensor(
  tf: TensorFlow,
  numbers: Float32Array,
  { start, length, channels, width }: ParameterBlock,
): Tensor2D {
  return tf.tensor2d(numbers.slice(start, start + length), [channels + 1, width]);
}

function dispose(tensor: Tensor1D | Tensor2D): void {
  tensor.dispose();
}
