import { loadDetector, openCamera, perceive } from "../mod.ts";
import type { Engine } from "../src/core/ports.ts";
import { ENGINE_NAMES } from "../src/engine/engine_names.ts";
import { sharedPath } from "../tests/support/shared.ts";
import type { BenchInput } from "./bench_inputs.ts";
import type { BenchSize } from "./bench_size.ts";
import { type Figure, figureOf, type Target } from "./figure.ts";
import { type HeadPair, loadHeadPair } from "./head_pair.ts";
import { quantile } from "./quantiles.ts";

const MB = 2 ** 20;
/**
 * Neighbours that make a round. Of each kind the first quartile counts: what disturbs a machine only
 * ever adds.
 */
const PAIRS = 15;

/**
 * What an exposed head costs: the model beside itself with the head exposed, run without and with
 * a tap; how long changing over to another head takes; and what a thousand changes in a running
 * loop leave behind.
 */
export async function measureHead(input: BenchInput, size: BenchSize): Promise<Figure[]> {
  const yolov8n = sharedPath("models/yolov8n.onnx");
  const models: [string, string][] = [["main", input.model]];
  if (yolov8n !== null && !size.small) models.push(["yolov8n", yolov8n]);
  const figures: Figure[] = [];
  for (const engine of ENGINE_NAMES) {
    for (const [name, path] of models) {
      await using pair = await loadHeadPair(path, engine);
      figures.push(...await measureCost(pair, `${name}.${engine}`, `${name}, ${engine}`, size));
    }
  }
  return [...figures, ...await measureSwaps(input, size)];
}

async function measureCost(
  pair: HeadPair,
  id: string,
  what: string,
  size: BenchSize,
): Promise<Figure[]> {
  const { plain, exposed, outputs } = pair;
  const pairs = size.small ? 1 : PAIRS;
  const [cost, tapped]: [number[], number[]] = [[], []];
  /** Milliseconds of the model, of the exposed one, and of that with everything fetched. */
  async function timeOne(kind: number): Promise<number> {
    if (kind > 0) exposed.selectOutputs(kind === 1 ? outputs : null);
    return await timeRun(kind === 0 ? plain : exposed);
  }
  for (let round = 0; round < size.rounds; round++) {
    const times: [number[], number[], number[]] = [[], [], []];
    for (let i = 0; i < pairs; i++) {
      // Each of them is the first one as often as the others.
      for (let k = 0; k < 3; k++) times[(i + k) % 3]!.push(await timeOne((i + k) % 3));
    }
    const [plainMs, exposedMs, fetchedMs] = times.map((list) => quantile(list, 0.25));
    cost.push(exposedMs! - plainMs!);
    tapped.push(fetchedMs! - plainMs!);
  }
  const target: Target = { kind: "at most", bound: 0.5 };
  return [
    figureOf(`head.cost.${id}`, `an exposed head − the model, ${what}`, "ms", cost, target),
    figureOf(`head.tap.${id}`, `the same, features and logits fetched`, "ms", tapped),
  ];
}

async function timeRun(engine: Engine): Promise<number> {
  const startMs = performance.now();
  await engine.run();
  return performance.now() - startMs;
}

/** A loop in which a thousand heads follow one another, beside one in which none does. */
async function measureSwaps(input: BenchInput, size: BenchSize): Promise<Figure[]> {
  const swaps = size.small ? 20 : 1_000;
  const frames = size.small ? size.frames : 250;
  await runLoop(input, frames, 0);
  const quiet = await runLoop(input, frames, 0);
  const busy = await runLoop(input, frames, swaps / frames);
  const again = await runLoop(input, frames, swaps / frames);
  return [
    figureOf("head.swap", "changing over to another head, 99 of 100", "ms", [
      quantile(busy.swapMs, 0.99),
    ], { kind: "at most", bound: 1 }),
    figureOf("head.adopt", "adoptHead() from call to answer, in a busy loop", "ms", [
      quantile(busy.adoptMs, 0.5),
    ]),
    figureOf("head.lost", `frames lost over ${busy.swapMs.length} changes`, "frames", [
      busy.lost,
    ], { kind: "at most", bound: 0 }),
    figureOf("head.loop", "the loop with four changes a frame ÷ without", "ratio", [
      busy.fps / quiet.fps,
      again.fps / quiet.fps,
    ]),
    figureOf("head.growth", `resident memory, growth over ${swaps} changes`, "MB", [
      await measureGrowth(input, swaps),
    ], { kind: "at most", bound: 2 }),
  ];
}

/** What as many changes as have already been made leave behind, in megabytes. */
async function measureGrowth(input: BenchInput, swaps: number): Promise<number> {
  await using detector = await loadDetector(input.model, { head: true, workers: 2 });
  const shipped = detector.shippedHead!;
  async function change(): Promise<number> {
    for (let i = 1; i <= swaps; i++) await detector.adoptHead(shipped.withVersion(i));
    return Deno.memoryUsage().rss;
  }
  const before = await change();
  return (await change() - before) / MB;
}

interface LoopOutcome {
  readonly swapMs: readonly number[];
  readonly adoptMs: readonly number[];
  readonly lost: number;
  readonly fps: number;
}

async function runLoop(
  input: BenchInput,
  frames: number,
  swapsPerFrame: number,
): Promise<LoopOutcome> {
  await using camera = await openCamera(input.clip);
  await using detector = await loadDetector(input.model, { head: true });
  const shipped = detector.shippedHead!;
  const [swapMs, adoptMs]: [number[], number[]] = [[], []];
  let [results, version, startMs] = [0, 0, 0];
  for await (const { seq } of perceive(camera, detector, { maxFrames: frames })) {
    if (results++ === 0) startMs = performance.now();
    if (seq !== results - 1) break;
    for (let i = 0; i < swapsPerFrame; i++) {
      const askedMs = performance.now();
      swapMs.push((await detector.adoptHead(shipped.withVersion(++version))).swapMs);
      adoptMs.push(performance.now() - askedMs);
    }
  }
  return {
    swapMs,
    adoptMs,
    lost: frames - results,
    fps: 1000 * (results - 1) / (performance.now() - startMs),
  };
}
