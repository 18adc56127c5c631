import type { BenchInput } from "./bench_inputs.ts";
import type { BenchSize } from "./bench_size.ts";
import { type Figure, figureOf, skippedFigure } from "./figure.ts";
import { hasFfmpeg, type PeerRun, runPeer } from "./peers/peer_run.ts";

const VARIANTS = {
  "plain Deno, 1 thread": ["plain_deno.ts", "--threads", "1"],
  "plain Deno, default threads": ["plain_deno.ts"],
  "fovea, 1 worker": ["fovea_loop.ts"],
  "fovea, 2 workers": ["fovea_loop.ts", "--workers", "2"],
} as const;

type Variant = keyof typeof VARIANTS;

/**
 * Compares fovea with a plain Deno script on the same clip and model, each in a process of its
 * own, in turn. Skipped where FFmpeg, which the script needs, is absent.
 */
export async function measurePeer(
  id: string,
  input: BenchInput,
  frames: number,
  size: BenchSize,
): Promise<Figure[]> {
  const what = `fovea ÷ plain Deno on ${input.name}`;
  if (!(await hasFfmpeg())) {
    return [skippedFigure(`${id}.ratio`, what, "no ffmpeg and ffprobe on this machine")];
  }
  const names = Object.keys(VARIANTS) as Variant[];
  const rounds: Record<Variant, PeerRun>[] = [];
  for (let i = 0; i < size.rounds; i++) {
    const order = i % 2 === 0 ? names : names.toReversed();
    const runs: [Variant, PeerRun][] = [];
    for (const name of order) {
      const [script, ...flags] = VARIANTS[name];
      const args = [input.clip, input.model, ...flags, "--frames", String(frames)];
      runs.push([name, await runPeer(script, args)]);
    }
    rounds.push(Object.fromEntries(runs) as Record<Variant, PeerRun>);
  }
  return describe(id, what, rounds);
}

function describe(id: string, what: string, rounds: readonly Record<Variant, PeerRun>[]): Figure[] {
  const ratio = (a: Variant, b: Variant) => rounds.map((round) => round[a].fps / round[b].fps);
  const target = id === "hd" ? { kind: "at least", bound: 2 } as const : null;
  return [
    figureOf(
      `${id}.ratio.1x1`,
      `${what}, 1 inference thread each`,
      "ratio",
      ratio("fovea, 1 worker", "plain Deno, 1 thread"),
    ),
    figureOf(
      `${id}.ratio.machine`,
      `${what}, whole machine each`,
      "ratio",
      ratio("fovea, 2 workers", "plain Deno, default threads"),
      target,
    ),
    ...(Object.keys(VARIANTS) as Variant[]).flatMap((name) => [
      figureOf(`${id}.fps.${name}`, name, "FPS", rounds.map((round) => round[name].fps)),
      figureOf(
        `${id}.detections.${name}`,
        `${name}, detections`,
        "count",
        rounds.map((round) => round[name].detections),
      ),
    ]),
  ];
}
