import type { HeadLayout } from "../core/head_layout.ts";
import type { HeadWeights, LayerValues } from "../core/head_weights.ts";
import type { TrainingRecipe } from "./training_recipe.ts";
import type { TrainingRows } from "./training_rows.ts";

/**
 * All that training a head needs. Plain data but for the heads; nothing of it is changed.
 *
 * What is minimised, with `z` the class logit of a row, or where the head has objectness the logit of
 * `sigmoid(class) · sigmoid(objectness)`, and `p = sigmoid(z)`:
 *
 * `Σ weight · FL(z, y) / max(1, positives)` over the rows and the classes that learn, where a row's
 * `y` is 1 for its target and 0 otherwise and `positives` is the number of rows with a target that
 * learns,
 * `+ replayWeight · Σ weight · |p - q| · BCE(z, q) / max(1, replayPositives)` over the replay rows
 * and the same classes, where `q` is what the reference head says there and `replayPositives` the
 * number of replay rows with a target, of whichever class,
 * `+ pull · Σ (w - reference)²` over the weights and biases that learn.
 *
 * Sources: focal loss of Lin et al. 2017; the middle term is the quality focal loss of Li et al. 2020
 * with an exponent of 1, used as distillation.
 */
export interface TrainingJob {
  /** The detector's head; its activation is not softmax. */
  readonly layout: HeadLayout;
  /** Where training begins. */
  readonly start: HeadWeights;
  /** What training is pulled to, and whose answers the replay rows are to keep: the trusted head. */
  readonly reference: HeadWeights;
  /** What is to be learnt. */
  readonly rows: TrainingRows;
  /** What is not to be forgotten; `null` for nothing. Their targets only count positives. */
  readonly replay: TrainingRows | null;
  /** Classes that learn, by index, ascending; the rows of all others stay bit for bit. */
  readonly classes: readonly number[];
  /** Whether the objectness layer learns too; without objectness it is of no effect. */
  readonly objectness: boolean;
  /** How. */
  readonly recipe: TrainingRecipe;
}

/** The parts of what is minimised. */
export interface TrainingLoss {
  /** All of it. */
  readonly total: number;
  /** The focal loss of the rows. */
  readonly rows: number;
  /** The replay term with its weight. */
  readonly replay: number;
  /** The pull with its weight. */
  readonly pull: number;
}

/** What training made. */
export interface TrainedHead {
  /** Numbers of every layer of the head, float32; what did not learn is bit for bit as it was. */
  readonly values: readonly LayerValues[];
  /** The loss before each step and after the last, `steps + 1` entries. */
  readonly losses: readonly TrainingLoss[];
}

/** How training is watched and held back. */
export interface TrainingControl {
  /** Ends training; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /**
   * Is called after each step and waited for, so that it can also hold training back.
   *
   * @param step Steps done.
   */
  readonly onStep?: (step: number, loss: TrainingLoss) => void | Promise<void>;
}

/** Trains heads. The same job gives the same numbers, bit for bit, with the same trainer. */
export interface Trainer extends AsyncDisposable {
  /** What computes, for people and for the ledger, for example `builtin (wasm)`. */
  readonly name: string;
  /**
   * Trains a head.
   *
   * @throws {RangeError} If the parts of the job do not fit each other.
   * @throws {FoveaError} `TRAINING_FAILED` if features or weights are NaN or infinite, or become so.
   */
  train(job: TrainingJob, control?: TrainingControl): Promise<TrainedHead>;
}
