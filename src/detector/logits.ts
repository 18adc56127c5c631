import type { Candidates } from "../core/kernels.ts";

/** `sigmoid(x) = 1 / (1 + exp(-x))`, from 0 to 1 for any number. */
export function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

/** Largest logit a threshold may have: every finite float32 compares with it. */
const LOGIT_MAX = 3e38;

/** The logit whose sigmoid is `probability`, kept finite: -3e38 at 0 and 3e38 at 1. */
export function logitOf(probability: number): number {
  const logit = Math.log(probability / (1 - probability));
  return Math.min(Math.max(logit, -LOGIT_MAX), LOGIT_MAX);
}

/** Turns the candidates' logits into probabilities in place. */
export function activateScores(out: Candidates): void {
  for (let i = 0; i < out.count; i++) out.score[i] = sigmoid(out.score[i]!);
}
