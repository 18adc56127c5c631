import type { Engine } from "../src/core/ports.ts";
import { makeAddModel } from "./add_model.ts";
import type { BenchInput } from "./bench_inputs.ts";
import type { BenchSize } from "./bench_size.ts";
import { loadBothEngines, timeRuns } from "./bound_engine.ts";
import { type Figure, figureOf, type Target } from "./figure.ts";
import { quantile } from "./quantiles.ts";

interface Case {
  readonly id: string;
  readonly what: string;
  readonly model: Uint8Array;
  /** Runs of one round; a few milliseconds, so that neighbours share the machine's mood. */
  readonly runs: number;
  readonly target: Target;
}

/** Neighbours whose ratio makes a round, and of whose ratios the median is taken. */
const PAIRS = 25;
/** Runs before memory is looked at. */
const WARM_RUNS = 20_000;
const MB = 2 ** 20;

/**
 * Compares the two engines on one library in one process: what a call costs, what 4.9 MB each way
 * cost, a real detector; and what a run of the C API leaves behind.
 */
export async function measureEngine(input: BenchInput, size: BenchSize): Promise<Figure[]> {
  const half: Target = { kind: "at most", bound: 0.5 };
  const cases: Case[] = [
    { id: "call", what: "a call", model: makeAddModel([1, 4]), runs: 500, target: half },
    {
      id: "copy",
      what: "4.9 MB in and out",
      model: makeAddModel([1, 3, 640, 640]),
      runs: 4,
      target: half,
    },
    {
      id: "detector",
      what: "the detector",
      model: await Deno.readFile(input.model),
      runs: 1,
      // The same code computes it; a hundredth is the noise of the median.
      target: { kind: "at most", bound: 1.01 },
    },
  ];
  const figures: Figure[] = [];
  for (const one of cases) figures.push(await compareEngines(one, size));
  return [...figures, ...await measureRemains(size)];
}

async function compareEngines(one: Case, size: BenchSize): Promise<Figure> {
  const { ours, node } = await loadBothEngines(one.model);
  await using stack = new AsyncDisposableStack();
  for (const engine of [ours, node]) stack.use(engine);
  const pairs = size.small ? 2 : PAIRS;
  const rounds: number[] = [];
  for (const engine of [ours, node]) await timeRuns(engine, 2 * one.runs);
  for (let round = 0; round < size.rounds; round++) {
    const ratios: number[] = [];
    for (let pair = 0; pair < pairs; pair++) {
      ratios.push(await timePair(ours, node, one.runs, (round + pair) % 2 === 1));
    }
    rounds.push(quantile(ratios, 0.5));
  }
  const what = `C API ÷ onnxruntime-node, ${one.what}`;
  return figureOf(`engine.${one.id}`, what, "ratio", rounds, one.target);
}

async function timePair(
  ours: Engine,
  node: Engine,
  runs: number,
  nodeFirst: boolean,
): Promise<number> {
  const before = nodeFirst ? await timeRuns(node, runs) : null;
  const oursMs = await timeRuns(ours, runs);
  return oursMs / (before ?? await timeRuns(node, runs));
}

/** What runs leave behind: JavaScript heap until it is collected, and resident memory for good. */
async function measureRemains(size: BenchSize): Promise<Figure[]> {
  const { ours, node } = await loadBothEngines(makeAddModel([1, 4]));
  await node[Symbol.asyncDispose]();
  await using engine = ours;
  await timeRuns(engine, size.small ? 100 : WARM_RUNS);
  const heap: number[] = [];
  const settled = Promise.resolve();
  for (let round = 0; round < size.rounds; round++) {
    const alone = await heapBytesPerCall(() => settled);
    heap.push(await heapBytesPerCall(() => engine.run()) - alone);
  }
  const before = Deno.memoryUsage().rss;
  const runs = size.small ? 1_000 : 200_000;
  await timeRuns(engine, runs);
  const grown = (Deno.memoryUsage().rss - before) / MB;
  return [
    figureOf("engine.heap", "JavaScript heap taken by a run of the C API", "bytes", heap, {
      kind: "at most",
      bound: 200,
    }),
    figureOf("engine.growth", `resident memory, growth over ${runs} runs`, "MB", [grown], {
      kind: "at most",
      bound: 3,
    }),
  ];
}

/**
 * JavaScript heap that one awaited call takes. The median over short stretches: in most of them
 * nothing is collected.
 */
async function heapBytesPerCall(call: () => Promise<unknown>): Promise<number> {
  const calls = 1_000;
  const stretches: number[] = [];
  for (let i = 0; i < 9; i++) {
    const before = Deno.memoryUsage().heapUsed;
    for (let run = 0; run < calls; run++) await call();
    stretches.push((Deno.memoryUsage().heapUsed - before) / calls);
  }
  return quantile(stretches, 0.5);
}
