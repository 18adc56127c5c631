import type { Candidates } from "../core/kernels.ts";

/** `sigmoid(x) = 1 / (1 + exp(-x))`, from 0 to 1 for any number. */
export function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

/** The logit whose sigmoid is `probability`, from -Infinity at 0 to Infinity at 1. */
export function logitOf(probability: number): number {
  return Math.log(probability / (1 - probability));
}

/** Turns the candidates' logits into probabilities in place. */
export function activateScores(out: Candidates): void {
  for (let i = 0; i < out.count; i++) out.score[i] = sigmoid(out.score[i]!);
}
