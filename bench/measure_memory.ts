import type { BenchInput } from "./bench_inputs.ts";
import type { BenchSize } from "./bench_size.ts";
import { type Figure, figureOf } from "./figure.ts";
import { quantile, slope } from "./quantiles.ts";

interface Sample {
  readonly frame: number;
  readonly rss: number;
  readonly external: number;
  readonly heapUsed: number;
}

const MB = 2 ** 20;

/**
 * Runs the loop in a fresh process over one long clip and compares what memory it holds early and
 * late. Both ends are medians of ten samples, so that the collector's saw-tooth does not decide.
 *
 * `external` is what V8 counts outside the main isolate's heap: array buffers, and views of decoded
 * pictures in native memory until they are collected. It swings by those views; what is really
 * allocated shows in resident memory.
 */
export async function measureMemory(input: BenchInput, size: BenchSize): Promise<Figure[]> {
  const { memoryFrom, memoryTo } = size;
  const step = Math.max(1, Math.floor((memoryTo - memoryFrom) / 180));
  const samples = (await run(input, memoryTo, step)).filter(({ frame }) => frame >= memoryFrom);
  const early = samples.slice(0, 10);
  const late = samples.slice(-10);
  const grown = (key: "rss" | "external") =>
    (quantile(late.map((sample) => sample[key]), 0.5) -
      quantile(early.map((sample) => sample[key]), 0.5)) / MB;
  const swing = (key: "external" | "rss") => {
    const values = samples.map((sample) => sample[key]);
    return (Math.max(...values) - Math.min(...values)) / MB;
  };
  const span = `frame ${memoryFrom} to ${memoryTo}`;
  const perFrame = slope(samples.map(({ frame, rss }) => [frame, rss]));
  return [
    figureOf("memory.growth", `resident memory, growth from ${span}`, "MB", [grown("rss")], {
      kind: "at most",
      bound: 5,
    }),
    figureOf("memory.slope", `resident memory, slope from ${span}`, "kB/frame", [perFrame / 1024]),
    figureOf("memory.swing", `resident memory, highest − lowest`, "MB", [swing("rss")]),
    figureOf("memory.rss", "resident memory at the end", "MB", [late.at(-1)!.rss / MB]),
    figureOf(
      "memory.external",
      "outside the main isolate's heap as V8 counts it, highest − lowest",
      "MB",
      [swing("external")],
    ),
  ];
}

async function run(input: BenchInput, frames: number, step: number): Promise<Sample[]> {
  const script = new URL("./peers/memory_run.ts", import.meta.url).pathname;
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", script, input.clip, input.model, String(frames), String(step)],
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`Cannot measure memory: ${new TextDecoder().decode(stderr)}`);
  return JSON.parse(new TextDecoder().decode(stdout)) as Sample[];
}
