// How trainers refuse, are ended and are watched.
import {
  assert,
  assertEquals,
  assertLessOrEqual,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { FoveaError } from "../../src/core/errors.ts";
import { HeadWeights } from "../../src/core/head_weights.ts";
import type { Trainer, TrainingJob } from "../../src/refine/mod.ts";
import { drawJob, PLAIN_HEAD } from "../support/training_jobs.ts";

/** Features, and weights that become so. */
export async function refusesNonFinite(trainer: Trainer): Promise<void> {
  for (const broken of [NaN, Infinity, -Infinity]) {
    for (const part of ["rows", "replay"] as const) {
      for (const column of ["features", "objectnessFeatures"] as const) {
        const job = drawJob({ seed: 11 });
        job[part]![column]![17] = broken;
        const error = await assertRejects(() => trainer.train(job), FoveaError, "Cannot train");
        assertEquals(error.code, "TRAINING_FAILED");
      }
    }
  }
  // Finite rows that a head makes infinite of.
  const job = drawJob({ seed: 11, recipe: { learningRate: 1e40 } });
  const error = await assertRejects(() => trainer.train(job), FoveaError, "Cannot train");
  assertEquals(error.code, "TRAINING_FAILED");
  assert((await trainer.train(drawJob({ seed: 11 }))).losses.length > 0);
}

/** Jobs whose parts belong to something else. */
export async function refusesMisfits(trainer: Trainer): Promise<void> {
  const job = drawJob({ seed: 12 });
  const other = drawJob({ seed: 12, head: PLAIN_HEAD });
  const { rows, recipe } = job;
  const foreign = new HeadWeights({
    model: "f".repeat(64),
    classNames: job.start.classNames,
    layers: job.start.layers,
    values: job.start.layers.map((_, i) => job.start.layer(i)),
  });
  const wrong: Partial<TrainingJob>[] = [
    { classes: [] },
    { classes: [2, 1] },
    { classes: [5] },
    { classes: [1, 1] },
    { start: other.start },
    { reference: foreign },
    { layout: { ...job.layout, activation: "softmax" } },
    { rows: other.rows },
    { replay: other.rows },
    { rows: { ...rows, target: rows.target.map(() => 5) } },
    { rows: { ...rows, weight: rows.weight.map(() => -1) } },
    { rows: { ...rows, weight: rows.weight.map(() => NaN) } },
    { rows: { ...rows, level: rows.level.map(() => 2) } },
    { rows: { ...rows, anchor: rows.anchor.map(() => 1) } },
    { rows: { ...rows, features: rows.features.subarray(1) } },
    { rows: { ...rows, count: rows.count - 1 } },
    { recipe: { ...recipe, steps: 0 } },
    { recipe: { ...recipe, steps: 1.5 } },
    { recipe: { ...recipe, learningRate: 0 } },
    { recipe: { ...recipe, alpha: 1.1 } },
    { recipe: { ...recipe, gamma: -1 } },
    { recipe: { ...recipe, pull: NaN } },
    { recipe: { ...recipe, replayWeight: -1 } },
    { recipe: { ...recipe, warmUpSteps: -1 } },
  ];
  for (const [i, part] of wrong.entries()) {
    await assertRejects(
      () => trainer.train({ ...job, ...part }),
      RangeError,
      "Cannot train",
      `misfit ${i}`,
    );
  }
}

/** Before it begins, and within a step. */
export async function aborts(trainer: Trainer): Promise<void> {
  const reason = new Error("no longer wanted");
  const job = drawJob({ seed: 13, recipe: { steps: 2_000 } });
  const early = await assertRejects(() =>
    trainer.train(job, { signal: AbortSignal.abort(reason) })
  );
  assertStrictEquals(early, reason);
  const abort = new AbortController();
  let last = 0;
  const late = await assertRejects(() =>
    trainer.train(job, {
      signal: abort.signal,
      onStep: (step) => {
        last = step;
        if (step === 3) abort.abort(reason);
      },
    })
  );
  assertStrictEquals(late, reason);
  assertLessOrEqual(last, 4);
  // It trains on as if nothing had been.
  const first = await trainer.train(drawJob({ seed: 13 }));
  assertEquals(await trainer.train(drawJob({ seed: 13 })), first);
}

/** Nothing is computed while somebody watches; who fails ends it. */
export async function waitsForWatcher(trainer: Trainer): Promise<void> {
  const job = drawJob({ seed: 14, recipe: { steps: 5 } });
  const seen: number[] = [];
  let busy = false;
  await trainer.train(job, {
    onStep: async (step) => {
      assertEquals(busy, false);
      busy = true;
      for (let turn = 0; turn < 10; turn++) await Promise.resolve();
      seen.push(step);
      busy = false;
    },
  });
  assertEquals(seen, [1, 2, 3, 4, 5]);
  const fault = new Error("the watcher fell asleep");
  const error = await assertRejects(() =>
    trainer.train(job, { onStep: () => Promise.reject(fault) })
  );
  assertStrictEquals(error, fault);
}
