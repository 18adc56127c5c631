import type { BenchInput } from "./bench_inputs.ts";
import type { BenchSize } from "./bench_size.ts";
import { type Figure, figureOf } from "./figure.ts";

/** Times from the start of the process, in milliseconds. */
interface Start {
  /** To the first result. */
  readonly resultMs: number;
  /** To the first result that holds a detection; `null` where none came. */
  readonly detectionMs: number | null;
}

/** Frames within which a detection is waited for. */
const FRAMES_MAX = 60;

/**
 * Times fresh processes of the command line from their start to their first result and their first
 * detection. `cold` has an empty folder of compiled modules, as after an installation; `warm` has
 * run before. The machine's own file cache is warm in both.
 */
export async function measureStart(input: BenchInput, size: BenchSize): Promise<Figure[]> {
  const cold: Start[] = [];
  const warm: Start[] = [];
  for (let i = 0; i < size.starts; i++) {
    const denoDir = await Deno.makeTempDir({ prefix: "fovea_bench_" });
    try {
      cold.push(await start(input, denoDir));
      warm.push(await start(input, denoDir));
    } finally {
      await Deno.remove(denoDir, { recursive: true });
    }
  }
  return [...describe("warm", warm), ...describe("cold", cold)];
}

function describe(kind: "warm" | "cold", starts: readonly Start[]): Figure[] {
  const detections = starts.flatMap(({ detectionMs }) => detectionMs === null ? [] : [detectionMs]);
  const figures = [
    figureOf(
      `start.${kind}.result`,
      `process start to first result, ${kind}`,
      "ms",
      starts.map(({ resultMs }) => resultMs),
      kind === "warm" ? { kind: "at most", bound: 1000 } : null,
    ),
  ];
  if (detections.length > 0) {
    const what = `process start to first detection, ${kind}`;
    figures.push(figureOf(`start.${kind}.detection`, what, "ms", detections));
  }
  return figures;
}

async function start(input: BenchInput, denoDir: string): Promise<Start> {
  const cli = new URL("../src/cli/main.ts", import.meta.url).pathname;
  const startedMs = performance.now();
  await using child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--cached-only", cli, "run", input.clip, "--json"]
      .concat("--model", input.model, "--max-frames", String(FRAMES_MAX)),
    env: { DENO_DIR: denoDir },
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let resultMs: number | null = null;
  for await (const line of readLines(child.stdout)) {
    const nowMs = performance.now() - startedMs;
    const result = JSON.parse(line) as { kind: string; detections: unknown[] };
    if (result.kind !== "frame") continue;
    resultMs ??= nowMs;
    if (result.detections.length > 0) return { resultMs, detectionMs: nowMs };
  }
  if (resultMs === null) throw new Error("Cannot time the start: the program gave no result");
  return { resultMs, detectionMs: null };
}

async function* readLines(bytes: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of bytes.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== "") yield rest;
}
