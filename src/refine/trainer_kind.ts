import { FoveaError } from "../core/errors.ts";
import { BuiltinTrainer } from "./builtin_trainer.ts";
import { isBuilt } from "./tensorflow/import_tensorflow.ts";
import { NATIVE_TENSORFLOW_PACKAGES } from "./tensorflow/load_tensorflow.ts";
import { TensorFlowTrainer } from "./tensorflow/tensorflow_trainer.ts";
import type { TrainedHead, Trainer, TrainingControl, TrainingJob } from "./trainer.ts";

/**
 * What trains: `auto` is native TensorFlow where it is found, else what is built in; `tfjs` may also
 * be TensorFlow.js in plain JavaScript. Where native TensorFlow is found and cannot be loaded, the
 * name of the trainer says so.
 */
export const TRAINER_KINDS = ["auto", "builtin", "tfjs"] as const;

/** What trains. */
export type TrainerKind = typeof TRAINER_KINDS[number];

/**
 * Makes a trainer on the calling thread.
 *
 * @param between Is called between blocks of computing where the trainer has such, and may hold it
 * up.
 * @throws {FoveaError} `ENGINE_UNAVAILABLE` if what is asked for is not on this machine.
 */
export async function createTrainer(kind: TrainerKind, between: () => void): Promise<Trainer> {
  switch (kind) {
    case "builtin":
      return await BuiltinTrainer.create({ between });
    case "tfjs":
      return await TensorFlowTrainer.create({ between });
    case "auto":
      return await createFastest(between);
    default:
      throw new FoveaError("ENGINE_UNAVAILABLE", `Cannot train with "${kind}": it is not here`, {
        hint: `Ask for one of ${TRAINER_KINDS.join(", ")}`,
      });
  }
}

/** Native TensorFlow; where there is none, or one that is broken, what is built in. */
async function createFastest(between: () => void): Promise<Trainer> {
  try {
    return await TensorFlowTrainer.create({ packages: NATIVE_TENSORFLOW_PACKAGES, between });
  } catch (error) {
    if (!(error instanceof FoveaError && error.code === "ENGINE_UNAVAILABLE")) throw error;
    const builtin = await BuiltinTrainer.create({ between });
    return NATIVE_TENSORFLOW_PACKAGES.some(isBuilt)
      ? new SubstituteTrainer(builtin, error.message)
      : builtin;
  }
}

/** A trainer in the place of another one that was installed on purpose; its name says why. */
export class SubstituteTrainer implements Trainer {
  readonly name: string;
  readonly #trainer: Trainer;

  /** Takes the trainer over. */
  constructor(trainer: Trainer, reason: string) {
    this.name = `${trainer.name} because: ${reason}`;
    this.#trainer = trainer;
  }

  train(job: TrainingJob, control?: TrainingControl): Promise<TrainedHead> {
    return this.#trainer.train(job, control);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#trainer[Symbol.asyncDispose]();
  }
}
