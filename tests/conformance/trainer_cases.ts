import {
  assertEquals,
  assertGreater,
  assertLess,
  assertNotEquals,
  assertRejects,
} from "@std/assert";
import { FoveaError } from "../../src/core/errors.ts";
import type { HeadWeights } from "../../src/core/head_weights.ts";
import {
  applyHead,
  scoresOf,
  type TrainedHead,
  type Trainer,
  type TrainingJob,
} from "../../src/refine/mod.ts";
import { drawJob, JOINT_HEAD, PLAIN_HEAD } from "../support/training_jobs.ts";
import {
  aborts,
  refusesMisfits,
  refusesNonFinite,
  waitsForWatcher,
} from "./trainer_control_cases.ts";
import { TORCH_CASES, type TrainerCase } from "./trainer_torch_cases.ts";

/** Cases that an implementation does not pass, and why it need not. */
export interface SkippedTrainerCases {
  readonly reason: string;
  readonly cases: readonly string[];
}

/** Cases for every `Trainer`, by name. */
const CASES: Readonly<Record<string, TrainerCase>> = {
  ...TORCH_CASES,
  "steps against the slope of the loss": stepsDownhill,
  "gives the same bits for the same job": repeats,
  "leaves the job as it was": leavesJob,
  "changes only what learns": changesOnlyLearning,
  "is pulled to the reference": isPulled,
  "keeps the reference's answers where replay asks for it": keepsAnswers,
  "refuses features that are not finite": refusesNonFinite,
  "refuses parts that do not fit": refusesMisfits,
  "ends when it is told to": aborts,
  "waits for whoever watches": waitsForWatcher,
  "tells the loss before each step and after the last": tellsLosses,
  "learns nothing from nothing": learnsNothing,
  "learns one class without replay": learnsOneClass,
  "does nothing for rows without weight": ignoresWeightless,
  "trains two jobs at a time": trainsTwo,
};

/**
 * Registers the tests that every trainer must pass.
 *
 * @param label Name of the implementation, for the tests' names.
 * @param make Makes a trainer; it is disposed by the suite.
 * @param skip What it need not pass.
 */
export function runTrainerCases(
  label: string,
  make: () => Promise<Trainer>,
  skip: readonly SkippedTrainerCases[] = [],
): void {
  const reasons = new Map(skip.flatMap(({ reason, cases }) => cases.map((name) => [name, reason])));
  for (const name of reasons.keys()) {
    if (!(name in CASES)) throw new Error(`Cannot skip "${name}": there is no such case`);
  }
  for (const [name, run] of Object.entries(CASES)) {
    if (reasons.has(name)) continue;
    Deno.test(`${label}: ${name}`, async () => {
      await using trainer = await make();
      await run(trainer);
    });
  }
  Deno.test(`${label}: refuses to train once it is disposed`, async () => {
    const trainer = await make();
    await trainer[Symbol.asyncDispose]();
    await trainer[Symbol.asyncDispose]();
    const error = await assertRejects(() => trainer.train(drawJob()), FoveaError);
    assertEquals(error.code, "DISPOSED");
  });
}

/** Adam's first step goes the learning rate against the sign of each slope. */
async function stepsDownhill(trainer: Trainer): Promise<void> {
  for (const head of [JOINT_HEAD, PLAIN_HEAD]) {
    const recipe = { steps: 1, warmUpSteps: 0, learningRate: 1e-3 };
    const drawn = drawJob({ seed: 21, head, rows: 20, replay: 20, recipe });
    // Away from the reference, so that all three parts have a slope.
    const job = { ...drawn, start: shift(drawn.start, 0, 0, 0.05) };
    const { values } = await trainer.train(job);
    let judged = 0;
    for (const layer of job.start.layers.keys()) {
      for (const i of [0, 3, 5]) {
        if (i >= values[layer]!.weight.length) continue;
        const slope = await slopeOf(trainer, job, layer, i);
        const moved = values[layer]!.weight[i]! - job.start.layer(layer).weight[i]!;
        if (Math.abs(slope) < 1e-3) continue;
        judged++;
        assertEquals(Math.sign(moved), -Math.sign(slope), `weight ${i} of layer ${layer}`);
        assertLess(Math.abs(Math.abs(moved) - 1e-3), 1e-5);
      }
    }
    assertGreater(judged, 3);
  }
}

/** The central difference of the loss by one weight. */
async function slopeOf(
  trainer: Trainer,
  job: TrainingJob,
  layer: number,
  i: number,
): Promise<number> {
  const step = 2 ** -6;
  const [above, below] = [
    await trainer.train({ ...job, start: shift(job.start, layer, i, step) }),
    await trainer.train({ ...job, start: shift(job.start, layer, i, -step) }),
  ];
  return (above.losses[0]!.total - below.losses[0]!.total) / (2 * step);
}

function shift(head: HeadWeights, layer: number, i: number, by: number): HeadWeights {
  const values = head.layers.map((_, index) => head.layer(index));
  values[layer]!.weight[i]! += by;
  return head.withValues(values, 1);
}

async function repeats(trainer: Trainer): Promise<void> {
  const first = await trainer.train(drawJob({ seed: 5 }));
  const second = await trainer.train(drawJob({ seed: 5 }));
  assertEquals(first, second);
  const other = await trainer.train(drawJob({ seed: 6 }));
  assertNotEquals(first.losses, other.losses);
}

async function leavesJob(trainer: Trainer): Promise<void> {
  const job = drawJob({ seed: 7 });
  const copy = drawJob({ seed: 7 });
  await trainer.train(job);
  assertEquals(job.rows, copy.rows);
  assertEquals(job.replay, copy.replay);
  assertEquals(job.start.hash, copy.start.hash);
}

async function changesOnlyLearning(trainer: Trainer): Promise<void> {
  for (const objectness of [true, false]) {
    const job = drawJob({ seed: 8, classes: [1, 4], objectness });
    const { values } = await trainer.train(job);
    for (const [layer, { rows, channels, classRows }] of job.layout.layers.entries()) {
      const start = job.start.layer(layer);
      for (let row = 0; row < rows; row++) {
        const learns = classRows.length > 0 ? [1, 4].includes(row - classRows[0]!) : objectness;
        const same = start.bias[row] === values[layer]!.bias[row] &&
          Array.from({ length: channels }, (_, c) => row * channels + c)
            .every((at) => start.weight[at] === values[layer]!.weight[at]);
        assertEquals(same, !learns, `row ${row} of layer ${layer}`);
      }
    }
  }
}

async function isPulled(trainer: Trainer): Promise<void> {
  const loose = await trainer.train(drawJob({ seed: 9, recipe: { pull: 0, replayWeight: 0 } }));
  const tight = await trainer.train(drawJob({ seed: 9, recipe: { pull: 10, replayWeight: 0 } }));
  const job = drawJob({ seed: 9 });
  assertLess(wayOf(tight, job.start), 0.2 * wayOf(loose, job.start));
  // From elsewhere it comes back.
  const away = shift(job.start, 0, 0, 0.2);
  const recipe = { ...job.recipe, pull: 100, steps: 100 };
  const back = await trainer.train({ ...job, start: away, recipe });
  assertLess(wayOf(back, job.start), 0.25 * 0.2 ** 2);
}

/** Sum of the squared ways that the numbers went. */
function wayOf({ values }: TrainedHead, start: HeadWeights): number {
  let sum = 0;
  for (const [layer, { weight, bias }] of values.entries()) {
    const from = start.layer(layer);
    weight.forEach((value, i) => sum += (value - from.weight[i]!) ** 2);
    bias.forEach((value, i) => sum += (value - from.bias[i]!) ** 2);
  }
  return sum;
}

async function keepsAnswers(trainer: Trainer): Promise<void> {
  const changes: number[] = [];
  for (const replayWeight of [0, 10]) {
    const job = drawJob({ seed: 10, replay: 100, recipe: { pull: 0, replayWeight } });
    const trained = await trainer.train(job);
    const after = job.start.withValues([...trained.values], 1);
    const [before, now] = [job.start, after].map((head) =>
      scoresOf(applyHead(head, job.layout, job.replay!), "sigmoid", job.layout.classCount)
    );
    changes.push(before!.reduce((sum, p, i) => sum + Math.abs(p - now![i]!), 0));
  }
  assertLess(changes[1]!, 0.5 * changes[0]!);
}

async function tellsLosses(trainer: Trainer): Promise<void> {
  const job = drawJob({ seed: 15, recipe: { steps: 12 } });
  const told: number[] = [];
  const { values, losses } = await trainer.train(job, {
    onStep: (_, { total }) => void told.push(total),
  });
  assertEquals(losses.length, 13);
  assertEquals(told, losses.slice(0, 12).map(({ total }) => total));
  for (const { total, rows, replay, pull } of losses) {
    assertLess(Math.abs(total - rows - replay - pull), 1e-6 * total);
  }
  // What it said last is what the head that it made begins with.
  const next = await trainer.train({ ...job, start: job.start.withValues([...values], 1) });
  assertLess(Math.abs(next.losses[0]!.total - losses[12]!.total), 1e-5 * losses[12]!.total);
}

async function learnsNothing(trainer: Trainer): Promise<void> {
  const job = drawJob({ seed: 16, rows: 0, replay: 0 });
  const { values, losses } = await trainer.train(job);
  assertEquals(losses.map(({ total }) => total), losses.map(() => 0));
  for (const [layer, value] of values.entries()) assertEquals(value, job.start.layer(layer));
  // Replay and pull alone ask for what is there already.
  const kept = drawJob({ seed: 16, rows: 0, replay: 40 });
  assertLess(wayOf(await trainer.train(kept), kept.start), 1e-6);
  // Nothing but background.
  const empty = drawJob({ seed: 16, rows: 30, replay: 0 });
  empty.rows.target.fill(-1);
  const quiet = await trainer.train(empty);
  assertLess(quiet.losses.at(-1)!.rows, quiet.losses[0]!.rows);
}

async function learnsOneClass(trainer: Trainer): Promise<void> {
  for (const head of [JOINT_HEAD, PLAIN_HEAD]) {
    const job = drawJob({ seed: 17, head, replay: 0, classes: [3], recipe: { steps: 60 } });
    const { losses } = await trainer.train(job);
    assertLess(losses.at(-1)!.rows, losses[0]!.rows);
    assertEquals(losses.every(({ replay }) => replay === 0), true);
  }
}

async function ignoresWeightless(trainer: Trainer): Promise<void> {
  const job = drawJob({ seed: 18 });
  job.rows.weight.fill(0);
  job.replay!.weight.fill(0);
  const { values, losses } = await trainer.train(job);
  assertEquals(losses[0]!.total, 0);
  for (const [layer, value] of values.entries()) assertEquals(value, job.start.layer(layer));
}

async function trainsTwo(trainer: Trainer): Promise<void> {
  const [one, two] = [drawJob({ seed: 19 }), drawJob({ seed: 20, head: PLAIN_HEAD })];
  const apart: TrainedHead[] = [await trainer.train(one), await trainer.train(two)];
  const together: TrainedHead[] = await Promise.all([trainer.train(one), trainer.train(two)]);
  assertEquals(together, apart);
}
