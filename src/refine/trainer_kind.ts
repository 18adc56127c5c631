import { FoveaError } from "../core/errors.ts";
import { BuiltinTrainer } from "./builtin_trainer.ts";
import type { Trainer } from "./trainer.ts";

/** What trains: `auto` is native TensorFlow where it is found, else what is built in. */
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
  if (kind === "auto" || kind === "builtin") return await BuiltinTrainer.create({ between });
  throw new FoveaError("ENGINE_UNAVAILABLE", `Cannot train with "${kind}": it is not here`, {
    hint: 'Ask for the "builtin" trainer',
  });
}
