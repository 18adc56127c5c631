import { FoveaError } from "../core/errors.ts";
import { BuiltinTrainer } from "./builtin_trainer.ts";
import { NATIVE_TENSORFLOW_PACKAGES } from "./tensorflow/load_tensorflow.ts";
import { TensorFlowTrainer } from "./tensorflow/tensorflow_trainer.ts";
import type { Trainer } from "./trainer.ts";

/**
 * What trains: `auto` is native TensorFlow where it is found, else what is built in; `tfjs` may also
 * be TensorFlow.js in plain JavaScript.
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
      return await createNative(between) ?? await BuiltinTrainer.create({ between });
    default:
      throw new FoveaError("ENGINE_UNAVAILABLE", `Cannot train with "${kind}": it is not here`, {
        hint: `Ask for one of ${TRAINER_KINDS.join(", ")}`,
      });
  }
}

async function createNative(between: () => void): Promise<Trainer | null> {
  try {
    return await TensorFlowTrainer.create({ packages: NATIVE_TENSORFLOW_PACKAGES, between });
  } catch (error) {
    if (error instanceof FoveaError && error.code === "ENGINE_UNAVAILABLE") return null;
    throw error;
  }
}
