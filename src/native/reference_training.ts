import {
  backward as referenceBackward,
  distil as referenceDistil,
  focal as referenceFocal,
  forward as referenceForward,
  probabilities as referenceProbabilities,
} from "../../kernels/reference/training.ts";
import type {
  DistilTargets,
  FocalTargets,
  LogitBlock,
  TrainingKernels,
} from "../core/training_kernels.ts";

/** The kernels of training in plain TypeScript: the oracle, and what serves without WebAssembly. */
export class ReferenceTrainingKernels implements TrainingKernels {
  readonly backend = "typescript";

  floats(length: number): Float32Array {
    return new Float32Array(length);
  }

  integers(length: number): Int32Array {
    return new Int32Array(length);
  }

  forward(
    features: Float32Array,
    rows: number,
    channels: number,
    weights: Float32Array,
    width: number,
    logits: Float32Array,
  ): void {
    referenceForward(features, rows, channels, weights, width, logits);
  }

  backward(
    features: Float32Array,
    rows: number,
    channels: number,
    slopes: Float32Array,
    width: number,
    gradient: Float32Array,
  ): void {
    referenceBackward(features, rows, channels, slopes, width, gradient);
  }

  focal(block: LogitBlock, to: FocalTargets): number {
    return referenceFocal(block, to);
  }

  distil(block: LogitBlock, to: DistilTargets): number {
    return referenceDistil(block, to);
  }

  probabilities(block: LogitBlock): void {
    referenceProbabilities(block);
  }
}
