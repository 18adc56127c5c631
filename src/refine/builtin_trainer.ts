import { setImmediate } from "node:timers";
import { FoveaError } from "../core/errors.ts";
import type { TrainingKernels } from "../core/training_kernels.ts";
import { createTrainingKernels } from "../native/create_training_kernels.ts";
import { Adam } from "./adam.ts";
import { checkJob } from "./check_job.ts";
import type {
  TrainedHead,
  Trainer,
  TrainingControl,
  TrainingJob,
  TrainingLoss,
} from "./trainer.ts";
import { TrainingObjective } from "./training_objective.ts";
import { learningRateAt } from "./training_recipe.ts";
import { unpackParameters } from "./training_plan.ts";

/** Settings of a {@linkcode BuiltinTrainer}. */
export interface BuiltinTrainerOptions {
  /**
   * What computes: `wasm`, the default where the machine can run it, or `typescript`, which is
   * several times slower.
   */
  readonly kernels?: "wasm" | "typescript";
  /** Is called every few hundred microseconds of computing, and may hold it up. */
  readonly between?: () => void;
}

/**
 * Trains heads without any library: the gradient in closed form, AdamW, on one thread. It works on
 * the thread of its caller and lets it do other things between two steps; `openTrainer` gives one
 * that works on a thread of its own.
 *
 * The same job gives the same bits on every machine that runs its WebAssembly.
 *
 * @example
 * ```ts
 * import { assertEquals, assertLess } from "@std/assert";
 * import { BuiltinTrainer, DEFAULT_RECIPE, HeadWeights } from "@fovea/fovea/refine";
 *
 * const layer = { name: "head", rows: 1, channels: 2, classRows: [0], objectnessRows: [] };
 * const level = {
 *   classLayer: 0, objectnessLayer: null, features: "f", logits: "l", objectnessFeatures: null,
 *   objectnessLogits: null, anchors: 1, anchorMajor: true, channelsLast: false,
 * };
 * const head = new HeadWeights({
 *   model: "0".repeat(64), classNames: ["car"], layers: [layer],
 *   values: [{ weight: new Float32Array(2), bias: new Float32Array([-3]) }],
 * });
 * await using trainer = await BuiltinTrainer.create();
 * const { values, losses } = await trainer.train({
 *   layout: {
 *     layers: [layer], levels: [level], classCount: 1, activation: "sigmoid", predictions: null,
 *   },
 *   start: head,
 *   reference: head,
 *   rows: {
 *     count: 2, level: new Uint8Array(2), anchor: new Uint8Array(2),
 *     channels: 2, features: new Float32Array([1, 0, 0, 1]),
 *     objectnessChannels: 0, objectnessFeatures: null,
 *     target: new Int32Array([0, -1]), weight: new Float32Array([1, 1]),
 *   },
 *   replay: null,
 *   classes: [0],
 *   objectness: false,
 *   recipe: { ...DEFAULT_RECIPE, pull: 0 },
 * });
 * assertEquals(losses.length, DEFAULT_RECIPE.steps + 1);
 * assertLess(losses.at(-1)!.total, losses[0]!.total);
 * assertLess(-values[0]!.weight[0]!, 0);
 * ```
 */
export class BuiltinTrainer implements Trainer {
  /** What computes: `builtin (wasm)` or `builtin (typescript)`. */
  readonly name: string;
  readonly #backend: TrainingKernels["backend"];
  readonly #between: () => void;
  #disposed = false;

  private constructor(backend: TrainingKernels["backend"], between: () => void) {
    this.#backend = backend;
    this.#between = between;
    this.name = `builtin (${backend})`;
  }

  /**
   * Makes a trainer.
   *
   * @throws {FoveaError} `ENGINE_UNAVAILABLE` if the kernels that were asked for cannot run here.
   */
  static async create(options: BuiltinTrainerOptions = {}): Promise<BuiltinTrainer> {
    const { backend } = await createTrainingKernels(options.kernels);
    return new BuiltinTrainer(backend, options.between ?? doNothing);
  }

  /** See {@linkcode Trainer.train}. */
  async train(job: TrainingJob, control: TrainingControl = {}): Promise<TrainedHead> {
    const { signal, onStep } = control;
    if (this.#disposed) throw new FoveaError("DISPOSED", "Cannot train: the trainer is disposed");
    signal?.throwIfAborted();
    checkJob(job);
    const objective = new TrainingObjective(job, await createTrainingKernels(this.#backend));
    const { parameters, gradient, plan } = objective;
    const adam = new Adam(plan.learning);
    const losses: TrainingLoss[] = [];
    const between = () => {
      this.#between();
      signal?.throwIfAborted();
    };
    for (let step = 0; step < job.recipe.steps; step++) {
      const loss = checkLoss(objective.evaluate(true, between), step);
      losses.push(loss);
      adam.step(parameters, gradient, learningRateAt(job.recipe, step));
      await onStep?.(step + 1, loss);
      await breathe();
      signal?.throwIfAborted();
    }
    losses.push(checkLoss(objective.evaluate(false, between), job.recipe.steps));
    checkParameters(parameters);
    return { values: unpackParameters(job.start, plan, parameters), losses };
  }

  /** Ends it; it holds nothing. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    return Promise.resolve();
  }
}

function checkLoss(loss: TrainingLoss, step: number): TrainingLoss {
  if (Number.isFinite(loss.total)) return loss;
  throw new FoveaError(
    "TRAINING_FAILED",
    `Cannot train the head: its loss is ${loss.total} after ${step} steps`,
    { hint: "Lower the learning rate; the head stays as it is" },
  );
}

function checkParameters(parameters: Float32Array): void {
  const broken = parameters.find((value) => !Number.isFinite(value));
  if (broken === undefined) return;
  throw new FoveaError("TRAINING_FAILED", `Cannot train the head: a weight became ${broken}`, {
    hint: "Lower the learning rate; the head stays as it is",
  });
}

/** Lets everything else that waits on this thread have its turn. */
function breathe(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function doNothing(): void {}
