import type { LogitBlock, TrainingKernels } from "../core/training_kernels.ts";
import type { TrainingJob, TrainingLoss } from "./trainer.ts";
import {
  packParameters,
  type ParameterBlock,
  planTraining,
  type RowGroup,
  type TrainingPlan,
} from "./training_plan.ts";

/** Rows that are computed at a time: few enough to stay in the cache, and to stop soon. */
const BLOCK_ROWS = 128;

/** What a {@linkcode TrainingJob} minimises, with its gradient, for kernels of any kind. */
export class TrainingObjective {
  /** How the job is laid out. */
  readonly plan: TrainingPlan;
  /** The numbers that learn and those that only compute. */
  readonly parameters: Float32Array;
  /** Derivatives of the loss by the parameters that learn. */
  readonly gradient: Float32Array;
  readonly #job: TrainingJob;
  readonly #kernels: TrainingKernels;
  readonly #reference: Float32Array;
  readonly #logits: Float32Array;
  readonly #objectness: Float32Array;
  /** What the reference head says about the rows of each replay group. */
  readonly #wanted: readonly Float32Array[];

  /** Lays out the job, which is taken as checked. */
  constructor(job: TrainingJob, kernels: TrainingKernels) {
    this.#job = job;
    this.#kernels = kernels;
    this.plan = planTraining(job, kernels);
    const { blocks, numbers, replayGroups } = this.plan;
    this.parameters = kernels.floats(numbers);
    this.gradient = kernels.floats(numbers);
    const width = Math.max(...blocks.map((block) => block.width));
    this.#logits = kernels.floats(BLOCK_ROWS * width);
    this.#objectness = kernels.floats(BLOCK_ROWS * 4);
    packParameters(job.reference, this.plan, this.parameters);
    this.#reference = this.parameters.slice();
    this.#wanted = replayGroups.map((group) => this.#probabilities(group));
    packParameters(job.start, this.plan, this.parameters);
  }

  /**
   * Computes the loss and, if wanted, its gradient.
   *
   * @param between Is called after each block of rows.
   */
  evaluate(withGradient: boolean, between: () => void): TrainingLoss {
    const { groups, replayGroups, positives, replayPositives } = this.plan;
    const { alpha, gamma, pull, replayWeight } = this.#job.recipe;
    if (withGradient) this.gradient.fill(0);
    let [rows, replay] = [0, 0];
    const scale = 1 / Math.max(1, positives);
    for (const group of groups) {
      for (let from = 0; from < group.count; from += BLOCK_ROWS) {
        const block = this.#forward(group, from);
        const targets = group.targets.subarray(from, from + block.rows);
        const weights = group.weights.subarray(from, from + block.rows);
        rows += this.#kernels.focal(block, { targets, weights, alpha, gamma, scale });
        if (withGradient) this.#backward(group, from, block);
        between();
      }
    }
    const replayScale = replayWeight / Math.max(1, replayPositives);
    for (const [i, group] of replayGroups.entries()) {
      if (replayWeight === 0) break;
      const { width } = group.classBlock;
      for (let from = 0; from < group.count; from += BLOCK_ROWS) {
        const block = this.#forward(group, from);
        const wanted = this.#wanted[i]!.subarray(from * width, (from + block.rows) * width);
        const weights = group.weights.subarray(from, from + block.rows);
        replay += this.#kernels.distil(block, { wanted, weights, scale: replayScale });
        if (withGradient) this.#backward(group, from, block);
        between();
      }
    }
    const pulled = this.#pull(pull, withGradient);
    return { total: rows + replay + pulled, rows, replay, pull: pulled };
  }

  /** Adds the pull to the gradient and returns what it costs. */
  #pull(pull: number, withGradient: boolean): number {
    const { parameters, gradient } = this;
    const reference = this.#reference;
    let sum = 0;
    for (let i = 0; i < this.plan.learning; i++) {
      const apart = parameters[i]! - reference[i]!;
      sum += apart * apart;
      if (withGradient) gradient[i]! += 2 * pull * apart;
    }
    return pull * sum;
  }

  #probabilities(group: RowGroup): Float32Array {
    const { width } = group.classBlock;
    const wanted = this.#kernels.floats(group.count * width);
    for (let from = 0; from < group.count; from += BLOCK_ROWS) {
      const block = this.#forward(group, from);
      this.#kernels.probabilities(block);
      wanted.set(block.logits, from * width);
    }
    return wanted;
  }

  #forward(group: RowGroup, from: number): LogitBlock {
    const { classBlock, objectnessBlock, features, objectnessFeatures } = group;
    const rows = Math.min(BLOCK_ROWS, group.count - from);
    const { width, rows: { length: outputs } } = classBlock;
    const logits = this.#logits.subarray(0, rows * width);
    this.#apply(features, from, rows, classBlock, logits);
    if (objectnessBlock === null) return { rows, outputs, width, logits, objectness: null };
    const objectness = this.#objectness.subarray(0, 4 * rows);
    this.#apply(objectnessFeatures!, from, rows, objectnessBlock, objectness);
    return { rows, outputs, width, logits, objectness };
  }

  #apply(
    features: Float32Array,
    from: number,
    rows: number,
    { channels, width, start, length }: ParameterBlock,
    logits: Float32Array,
  ): void {
    const some = features.subarray(from * channels, (from + rows) * channels);
    const weights = this.parameters.subarray(start, start + length);
    this.#kernels.forward(some, rows, channels, weights, width, logits);
  }

  #backward(group: RowGroup, from: number, { rows, logits, objectness }: LogitBlock): void {
    const { classBlock, objectnessBlock, features, objectnessFeatures } = group;
    this.#spread(features, from, rows, classBlock, logits);
    if (objectnessBlock === null || objectness === null || !objectnessBlock.learns) return;
    this.#spread(objectnessFeatures!, from, rows, objectnessBlock, objectness);
  }

  #spread(
    features: Float32Array,
    from: number,
    rows: number,
    { channels, width, start, length }: ParameterBlock,
    slopes: Float32Array,
  ): void {
    const some = features.subarray(from * channels, (from + rows) * channels);
    const gradient = this.gradient.subarray(start, start + length);
    this.#kernels.backward(some, rows, channels, slopes, width, gradient);
  }
}
