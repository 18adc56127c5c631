import process from "node:process";
import { type Detector, loadDetector } from "@fovea/fovea";
import type { BenchInput } from "./bench_inputs.ts";
import type { BenchSize } from "./bench_size.ts";
import { type Figure, figureOf } from "./figure.ts";
import { type LoopRun, runLoop } from "./loop_run.ts";
import { type AloneRun, ModelAlone } from "./model_alone.ts";
import { quantile } from "./quantiles.ts";
import { StallProbe } from "./stall_probe.ts";

/** What the stages of a frame are called in {@linkcode Figure.what}. */
const STAGES = ["decode", "preprocess", "infer", "decodeOutputs", "nms", "total"] as const;

interface Round {
  readonly alone: Timed<AloneRun>;
  readonly loop: Timed<LoopRun>;
  /** Stalls of the main isolate while the loop ran. */
  readonly stallMs: readonly number[];
  /** The same while the model ran alone: what the machine itself does to a timer. */
  readonly idleStallMs: readonly number[];
}

/** A run with the processor time that this process took for it, all threads together. */
type Timed<Run> = Run & { readonly cpuMs: number };

/**
 * Compares the loop with the bare model in this process, with one and with two workers. The two
 * run in turn, and the order turns round every time, so that a ratio compares neighbours in time.
 */
export async function measureLoop(input: BenchInput, size: BenchSize): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const workers of [1, 2]) {
    using alone = await ModelAlone.load(input.model, workers);
    await using detector = await loadDetector(input.model, { workers });
    await runLoop(input.clip, detector, Math.min(20, size.frames));
    const rounds: Round[] = [];
    for (let i = 0; i < size.rounds; i++) {
      rounds.push(await measureRound(input, size, alone, detector, i % 2 === 1));
    }
    figures.push(...describe(rounds, workers));
  }
  return figures;
}

async function measureRound(
  input: BenchInput,
  size: BenchSize,
  alone: ModelAlone,
  detector: Detector,
  loopFirst: boolean,
): Promise<Round> {
  let idleStallMs: readonly number[] = [];
  async function runAlone(): Promise<Timed<AloneRun>> {
    using probe = new StallProbe();
    const run = await withCpu(() => alone.run(size.frames));
    idleStallMs = probe.stallMs;
    return run;
  }
  const before = loopFirst ? null : await runAlone();
  const probe = new StallProbe();
  const loop = await withCpu(() => runLoop(input.clip, detector, size.frames));
  probe[Symbol.dispose]();
  return { alone: before ?? await runAlone(), loop, stallMs: probe.stallMs, idleStallMs };
}

async function withCpu<Run>(run: () => Promise<Run>): Promise<Timed<Run>> {
  const before = process.cpuUsage();
  const result = await run();
  const { user, system } = process.cpuUsage(before);
  return { ...result, cpuMs: (user + system) / 1000 };
}

function describe(rounds: readonly Round[], workers: number): Figure[] {
  const id = (name: string) => `loop.workers${workers}.${name}`;
  const crew = workers === 1 ? "1 worker" : `${workers} workers`;
  const each = (pick: (round: Round) => number) => rounds.map(pick);
  const figures = [
    figureOf(
      id("ratio"),
      `loop ÷ model alone, throughput, ${crew}`,
      "ratio",
      each(({ loop, alone }) => loop.fps / alone.fps),
      { kind: "at least", bound: workers === 1 ? 0.95 : 0.9 },
    ),
    figureOf(id("fps"), `loop, ${crew}`, "FPS", each(({ loop }) => loop.fps)),
    figureOf(id("alone.fps"), `model alone, ${crew}`, "FPS", each(({ alone }) => alone.fps)),
    figureOf(
      id("cpu"),
      `processor time of a frame ÷ that of the model, ${crew}`,
      "ratio",
      each(({ loop, alone }) => (loop.cpuMs / loop.frames) / (alone.cpuMs / alone.runMs.length)),
    ),
    figureOf(
      id("p99ratio"),
      `p99 of a frame ÷ median of the model, ${crew}`,
      "ratio",
      each(({ loop, alone }) => {
        const frameMs = loop.timingsMs.map(({ total }) => total);
        return quantile(frameMs, 0.99) / quantile(alone.runMs, 0.5);
      }),
      workers === 1 ? { kind: "at most", bound: 19 / 13 } : null,
    ),
    figureOf(
      id("stall"),
      `event-loop stall of the main isolate, p99, ${crew}`,
      "ms",
      each(({ stallMs }) => quantile(stallMs, 0.99)),
      { kind: "at most", bound: 2 },
    ),
    figureOf(
      id("stall.idle"),
      `the same while only the model runs, ${crew}`,
      "ms",
      each(({ idleStallMs }) => quantile(idleStallMs, 0.99)),
    ),
  ];
  return [...figures, ...describeTimes(rounds, workers, crew)];
}

function describeTimes(rounds: readonly Round[], workers: number, crew: string): Figure[] {
  const times = STAGES.flatMap((stage) =>
    ([["p50", 0.5], ["p95", 0.95], ["p99", 0.99]] as const).map(([name, q]) =>
      figureOf(
        `loop.workers${workers}.${stage}.${name}`,
        `${stage} of a frame, ${name}, ${crew}`,
        "ms",
        rounds.map(({ loop }) => quantile(loop.timingsMs.map((timings) => timings[stage]), q)),
      )
    )
  );
  const gaps = figureOf(
    `loop.workers${workers}.gap`,
    `time between two results, p99, ${crew}`,
    "ms",
    rounds.map(({ loop }) => quantile(loop.gapMs, 0.99)),
  );
  return [...times, gaps];
}
