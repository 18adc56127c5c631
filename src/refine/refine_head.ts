import type { HeadWeights } from "../core/head_weights.ts";
import type { Trainer, TrainingControl, TrainingJob, TrainingLoss } from "./trainer.ts";

/** A head that was trained, and how that went. */
export interface RefinedHead {
  /** The head. */
  readonly head: HeadWeights;
  /** The loss before each step and after the last. */
  readonly losses: readonly TrainingLoss[];
  /** What trained it, see {@linkcode Trainer.name}. */
  readonly trainer: string;
}

/**
 * Trains a head and gives it a version. Whether it is better is not asked here: it is a proposal.
 *
 * @param version Version of the new head, above that of the one it starts from.
 * @throws As {@linkcode Trainer.train} does.
 */
export async function refineHead(
  trainer: Trainer,
  job: TrainingJob,
  version: number,
  control: TrainingControl = {},
): Promise<RefinedHead> {
  const { values, losses } = await trainer.train(job, control);
  return { head: job.start.withValues(values, version), losses, trainer: trainer.name };
}
