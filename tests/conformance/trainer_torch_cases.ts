// What trainers make of jobs beside what PyTorch made of them: trainer_golden.py says how.
import { assertGreater, assertLess, assertLessOrEqual } from "@std/assert";
import type { Trainer } from "../../src/refine/mod.ts";
import { drawJob } from "../support/training_jobs.ts";
import golden from "../golden/trainer_golden.json" with { type: "json" };

/** Something that every trainer must do. */
export type TrainerCase = (trainer: Trainer) => Promise<void>;

/** Losses may differ from those of float64 by this share of themselves. */
const LOSS_TOLERANCE = 1e-4;
/** Weights may differ from those of float64 by this share of the way they went. */
const WAY_TOLERANCE = 0.02;

/** One case for each job. */
export const TORCH_CASES: Readonly<Record<string, TrainerCase>> = Object.fromEntries(
  golden.map((one): [string, TrainerCase] => [
    `agrees with PyTorch: ${one.name}`,
    (trainer) => agreesWithTorch(trainer, one),
  ]),
);

async function agreesWithTorch(trainer: Trainer, one: typeof golden[number]): Promise<void> {
  const job = drawJob(one as Parameters<typeof drawJob>[0]);
  const { values, losses } = await trainer.train(job);
  const { steps } = job.recipe;
  const told = [...new Set([0, 1, 2, 5, Math.floor(steps / 2), steps])].sort((a, b) => a - b);
  for (const [i, step] of told.entries()) {
    const { total, rows, replay, pull } = losses[step]!;
    const expected = one.losses[i]!;
    for (const [k, value] of [total, rows, replay, pull].entries()) {
      const apart = Math.abs(value - expected[k]!);
      const bound = LOSS_TOLERANCE * expected[0]! + 1e-7;
      assertLessOrEqual(apart, bound, `part ${k} before step ${step}: ${value}, ${expected[k]}`);
    }
  }
  const layers = job.start.layers.length;
  const sums = { way: 0, apart: 0 };
  for (const [layer, { weight, bias }] of values.entries()) {
    const start = job.start.layer(layer);
    for (const [k, column] of ([["weight", weight], ["bias", bias]] as const).entries()) {
      const expected = one.values[layer + k * layers]!;
      for (const [i, value] of column[1].entries()) {
        sums.way += (expected[i]! - start[column[0]][i]!) ** 2;
        sums.apart += (expected[i]! - value) ** 2;
      }
    }
  }
  assertGreater(sums.way, 0);
  assertLess(Math.sqrt(sums.apart / sums.way), WAY_TOLERANCE);
}
