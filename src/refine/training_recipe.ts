/** How a head is trained; all of it is stated in the ledger. */
export interface TrainingRecipe {
  /** Weight of positives in the focal loss, 0–1; negatives weigh `1 - alpha`. */
  readonly alpha: number;
  /** Focusing exponent of the focal loss, from 0. */
  readonly gamma: number;
  /** Highest learning rate, above 0. */
  readonly learningRate: number;
  /** Number of steps, each over all rows; whole, from 1. */
  readonly steps: number;
  /** Steps over which the rate rises linearly to its highest, whole, from 0. */
  readonly warmUpSteps: number;
  /** Weight of the pull towards the reference weights, from 0. */
  readonly pull: number;
  /** Weight of the replay rows against the others, from 0. */
  readonly replayWeight: number;
}

/**
 * The recipe that is used where nothing else is asked for: full batches, AdamW without weight decay
 * (Loshchilov & Hutter 2019; `beta1` 0.9, `beta2` 0.999, `epsilon` 1e-8), linear warm-up, cosine
 * descent.
 */
export const DEFAULT_RECIPE: TrainingRecipe = Object.freeze({
  alpha: 0.25,
  gamma: 1.5,
  learningRate: 0.01,
  steps: 60,
  warmUpSteps: 5,
  pull: 0.3,
  replayWeight: 3,
});

/**
 * Learning rate of a step: `rate · min(1, (step + 1) / warmUp) · (1 + cos(π · step / steps)) / 2`.
 *
 * @param step Number of the step, from 0.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { DEFAULT_RECIPE, learningRateAt } from "@fovea/fovea/refine";
 *
 * assertAlmostEquals(learningRateAt(DEFAULT_RECIPE, 0), 0.002);
 * assertAlmostEquals(learningRateAt(DEFAULT_RECIPE, 30), 0.005);
 * ```
 */
export function learningRateAt(recipe: TrainingRecipe, step: number): number {
  const { learningRate, steps, warmUpSteps } = recipe;
  const rise = warmUpSteps === 0 ? 1 : Math.min(1, (step + 1) / warmUpSteps);
  return learningRate * rise * 0.5 * (1 + Math.cos(Math.PI * step / steps));
}
