import type { Tensor1D } from "@tensorflow/tfjs-core";
import { setImmediate } from "node:timers";
import { FoveaError } from "../../core/errors.ts";
import { checkJob } from "../check_job.ts";
import type {
  TrainedHead,
  Trainer,
  TrainingControl,
  TrainingJob,
  TrainingLoss,
} from "../trainer.ts";
import { unpackParameters } from "../training_plan.ts";
import { learningRateAt } from "../training_recipe.ts";
import { importTensorFlow } from "./import_tensorflow.ts";
import {
  type LoadedTensorFlow,
  loadTensorFlow,
  type RefusedPackage,
  type TensorFlow,
  type TensorFlowBackend,
  type TensorFlowPackage,
} from "./load_tensorflow.ts";
import { TensorFlowAdam } from "./tensorflow_adam.ts";
import { TensorFlowObjective } from "./tensorflow_objective.ts";

/** Settings of a {@linkcode TensorFlowTrainer}. */
export interface TensorFlowTrainerOptions {
  /** Packages that may be used, in the order in which they are tried; all of them by default. */
  readonly packages?: readonly TensorFlowPackage[];
  /**
   * Folder whose `node_modules` holds the native packages; without it they are looked for where
   * `deno task tfjs:build` puts them, and then beside fovea.
   */
  readonly folder?: string;
  /** Is called between the parts of a step, and may hold it up. */
  readonly between?: () => void;
}

/**
 * Trains heads with TensorFlow.js, on a GPU or natively where it can. It works on the thread of its
 * caller, which a step blocks; between two steps it lets others have their turn.
 *
 * The packages are in {@linkcode TENSORFLOW_PACKAGES}; `name` and `package` tell which one computes
 * and `refused` why the ones before it do not. Native TensorFlow is installed by
 * `deno task tfjs:build`, never by training. It is told to use one thread, unless the environment
 * says otherwise (`TF_NUM_INTRAOP_THREADS`), and keeps its memory until the process ends.
 *
 * The same job gives the same bits on the same machine with the same package and one thread.
 *
 * @example
 * ```ts
 * import { assertEquals, assertGreater, assertLess } from "@std/assert";
 * import { DEFAULT_RECIPE, HeadWeights, TensorFlowTrainer } from "@fovea/fovea/refine";
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
 * await using trainer = await TensorFlowTrainer.create({ packages: ["@tensorflow/tfjs-core"] });
 * assertEquals(trainer.name, "tfjs (@tensorflow/tfjs-core 4.22.0, plain JavaScript)");
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
 * assertLess(losses.at(-1)!.total, losses[0]!.total);
 * assertGreater(values[0]!.weight[0]!, 0);
 * ```
 */
export class TensorFlowTrainer implements Trainer {
  /** What computes, with its versions. */
  readonly name: string;
  /** The package that computes. */
  readonly package: TensorFlowPackage;
  /** Packages that were tried before it, and why they cannot be used. */
  readonly refused: readonly RefusedPackage[];
  readonly #tf: TensorFlow;
  readonly #backend: TensorFlowBackend;
  readonly #between: () => void;
  #disposed = false;

  private constructor(loaded: LoadedTensorFlow, between: () => void) {
    this.#between = between;
    this.name = loaded.name;
    this.package = loaded.package;
    this.refused = loaded.refused;
    this.#tf = loaded.tf;
    this.#backend = loaded.backend;
  }

  /**
   * Loads TensorFlow.js and makes a trainer.
   *
   * @throws {FoveaError} `ENGINE_UNAVAILABLE` if none of the packages can be used; the message
   * names each one with what is wrong with it.
   */
  static async create(options: TensorFlowTrainerOptions = {}): Promise<TensorFlowTrainer> {
    const { packages, folder, between = doNothing } = options;
    const importPackage = (name: TensorFlowPackage) => importTensorFlow(name, folder);
    return new TensorFlowTrainer(await loadTensorFlow(packages, importPackage), between);
  }

  /** See {@linkcode Trainer.train}. */
  async train(job: TrainingJob, control: TrainingControl = {}): Promise<TrainedHead> {
    const { signal } = control;
    if (this.#disposed) throw new FoveaError("DISPOSED", "Cannot train: the trainer is disposed");
    signal?.throwIfAborted();
    checkJob(job);
    this.#enter();
    using objective = new TensorFlowObjective(this.#tf, job);
    const { plan, start } = objective;
    using adam = new TensorFlowAdam(this.#tf, plan.learning);
    using held = new HeldTensor(start.clone());
    const losses: TrainingLoss[] = [];
    const between = () => {
      this.#between();
      signal?.throwIfAborted();
    };
    for (let step = 0; step < job.recipe.steps; step++) {
      this.#enter();
      const { terms, gradient } = objective.evaluate(held.tensor, between);
      held.replace(adam.step(held.tensor, gradient, learningRateAt(job.recipe, step)));
      gradient.dispose();
      const loss = await readLoss(terms, step);
      losses.push(loss);
      await control.onStep?.(step + 1, loss);
      await breathe();
      signal?.throwIfAborted();
    }
    this.#enter();
    const { terms, gradient } = objective.evaluate(held.tensor, between);
    gradient.dispose();
    losses.push(await readLoss(terms, job.recipe.steps));
    const parameters = await held.tensor.data<"float32">();
    return { values: unpackParameters(job.start, plan, parameters), losses };
  }

  /**
   * Makes this trainer's backend the one that computes, until the next wait: all copies of the
   * library in an isolate share one choice. It has started before, so this is done at once.
   */
  #enter(): void {
    if (this.#tf.getBackend() !== this.#backend) void this.#tf.setBackend(this.#backend);
  }

  /** Ends it. What the library itself holds stays until the process ends. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    return Promise.resolve();
  }
}

/** A tensor that changes from step to step; the last one is freed at the end. */
class HeldTensor implements Disposable {
  tensor: Tensor1D;

  constructor(tensor: Tensor1D) {
    this.tensor = tensor;
  }

  replace(tensor: Tensor1D): void {
    this.tensor.dispose();
    this.tensor = tensor;
  }

  [Symbol.dispose](): void {
    this.tensor.dispose();
  }
}

/** Reads the terms of a loss and frees them. */
async function readLoss(terms: Tensor1D, step: number): Promise<TrainingLoss> {
  const [rows, replay, pull] = await terms.data<"float32">() as unknown as [number, number, number];
  terms.dispose();
  const total = rows + replay + pull;
  if (Number.isFinite(total)) return { total, rows, replay, pull };
  throw new FoveaError(
    "TRAINING_FAILED",
    `Cannot train the head: its loss is ${total} after ${step} steps`,
    { hint: "Lower the learning rate; the head stays as it is" },
  );
}

/** Lets everything else that waits on this thread have its turn. */
function breathe(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function doNothing(): void {}
