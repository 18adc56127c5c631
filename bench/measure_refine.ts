import { governTraining, loadDetector, openCamera, perceive } from "../mod.ts";
import { BuiltinTrainer, DEFAULT_RECIPE, openTrainer } from "../src/refine/mod.ts";
import type { ThreadTrainer, TrainingJob } from "../src/refine/mod.ts";
import { encodeRecord } from "../src/refine/replay_record.ts";
import { drawJob, type HeadSketch } from "../tests/support/training_jobs.ts";
import type { BenchInput } from "./bench_inputs.ts";
import type { BenchSize } from "./bench_size.ts";
import { type Figure, figureOf } from "./figure.ts";

/** A head like YOLOX's: three levels of 64 channels for 80 classes, and objectness. */
const HEAD: HeadSketch = {
  classCount: 80,
  layers: [0, 1, 2].flatMap(() => [
    { rows: 80, channels: 64, classRows: [0], objectnessRows: [] },
    { rows: 1, channels: 64, classRows: [], objectnessRows: [0] },
  ]),
  levels: [0, 1, 2].map((level) => ({
    classLayer: 2 * level,
    objectnessLayer: 2 * level + 1,
    anchors: 1,
  })),
};

/** Rows of 32 frames, and of a full bank. */
const [ROWS, REPLAY_ROWS] = [375, 2_700];

/** Frames of a loop: enough for training to find its pace. */
const LOOP_FRAMES = 150;

/**
 * What refining a head costs: a step, all of it, the rows on disk, and how much slower frames come
 * while something is trained all the time.
 */
export async function measureRefine(input: BenchInput, size: BenchSize): Promise<Figure[]> {
  const job = drawJob({ seed: 1, head: HEAD, rows: ROWS, replay: REPLAY_ROWS, scale: 0.2 });
  return [
    await measureStep("wasm", job, size.rounds, size.small ? 3 : 30),
    await measureStep("typescript", job, size.small ? 1 : 2, 3),
    await measureWhole(job, size),
    measureBank(job),
    ...await measureLoops(input, job, size),
  ];
}

async function measureStep(
  kernels: "wasm" | "typescript",
  job: TrainingJob,
  rounds: number,
  steps: number,
): Promise<Figure> {
  await using trainer = await BuiltinTrainer.create({ kernels });
  const best: number[] = [];
  for (let round = 0; round < rounds; round++) {
    let [least, sinceMs] = [Infinity, NaN];
    await trainer.train({ ...job, recipe: { ...DEFAULT_RECIPE, steps } }, {
      onStep: () => {
        const nowMs = performance.now();
        if (nowMs - sinceMs < least) least = nowMs - sinceMs;
        sinceMs = nowMs;
      },
    });
    best.push(least);
  }
  const what = `one step, ${ROWS} + ${REPLAY_ROWS} rows, 80 classes, ${trainer.name}`;
  const target = kernels === "wasm" ? { kind: "at most" as const, bound: 50 } : null;
  return figureOf(`refine.step.${kernels}`, what, "ms", best, target);
}

async function measureWhole(job: TrainingJob, size: BenchSize): Promise<Figure> {
  await using trainer = await openTrainer({ kind: "builtin" });
  const seconds: number[] = [];
  for (let round = 0; round < size.rounds; round++) {
    const startMs = performance.now();
    await trainer.train({ ...job, recipe: DEFAULT_RECIPE });
    seconds.push((performance.now() - startMs) / 1000);
  }
  const what = `60 steps on a thread of its own, from call to answer`;
  return figureOf("refine.whole", what, "s", seconds, { kind: "at most", bound: 10 });
}

function measureBank({ rows }: TrainingJob): Figure {
  const { length } = encodeRecord({ stratum: "clean", index: 0, meta: { seq: 0 }, rows }, 0);
  const megabytes = length / rows.count * 3_000 / 1e6;
  const what = "3,000 rows of 64 and 64 channels on disk";
  return figureOf("refine.bank", what, "MB", [megabytes], { kind: "at most", bound: 1 });
}

/** Loops beside a training that never ends, and beside none, by turns. */
async function measureLoops(
  input: BenchInput,
  job: TrainingJob,
  size: BenchSize,
): Promise<Figure[]> {
  const figures: Figure[] = [];
  const frames = Math.min(size.frames, LOOP_FRAMES);
  await using trainer = await openTrainer({ kind: "builtin" });
  for (const workers of [1, 2]) {
    const ratios: number[] = [];
    const steps: number[] = [];
    for (let round = 0; round < size.rounds; round++) {
      // Each of them is the first one as often as the other.
      const order = round % 2 === 0 ? [false, true] : [true, false];
      const rates = new Map<boolean, LoopRate>();
      for (const trains of order) {
        rates.set(trains, await runLoop(input, frames, workers, trains ? trainer : null, job));
      }
      ratios.push(rates.get(true)!.fps / rates.get(false)!.fps);
      steps.push(rates.get(true)!.stepsPerSecond);
    }
    const what = `frames a second while training ÷ without, ${workers} workers`;
    const target = { kind: "at least" as const, bound: 0.9 };
    figures.push(
      figureOf(`refine.loop.${workers}`, what, "ratio", ratios, target),
      figureOf(`refine.beside.${workers}`, "steps of training beside it", "1/s", steps),
    );
  }
  return figures;
}

interface LoopRate {
  readonly fps: number;
  readonly stepsPerSecond: number;
}

async function runLoop(
  input: BenchInput,
  frames: number,
  workers: number,
  trainer: ThreadTrainer | null,
  job: TrainingJob,
): Promise<LoopRate> {
  await using camera = await openCamera(input.clip);
  await using detector = await loadDetector(input.model, { workers });
  const abort = new AbortController();
  using governed = trainer === null ? null : governTraining(trainer.pace);
  let [results, steps, startMs] = [0, 0, 0];
  let training: Promise<unknown> | null = null;
  // The first frames tell the governor how long one takes, in both kinds of loop.
  const from = Math.min(32, frames >> 1);
  for await (const result of perceive(camera, detector, { maxFrames: frames })) {
    governed?.observe(result);
    if (++results !== from) continue;
    startMs = performance.now();
    governed?.begin();
    const recipe = { ...DEFAULT_RECIPE, steps: 100_000 };
    const onStep = () => void steps++;
    training = trainer?.train({ ...job, recipe }, { signal: abort.signal, onStep })
      .catch((error: unknown) => {
        if (!abort.signal.aborted) throw error;
      }) ?? null;
  }
  const seconds = (performance.now() - startMs) / 1000;
  abort.abort();
  await training;
  return { fps: (results - from) / seconds, stepsPerSecond: steps / seconds };
}
