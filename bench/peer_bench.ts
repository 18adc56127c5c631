/*
 * fovea beside a plain Deno script (FFmpeg pipe, TypeScript letterbox, onnxruntime-node,
 * TypeScript suppression) on a 1080p clip. One iteration is a whole process, starting included;
 * `compare.ts` counts from the first result to the last one.
 */
import { benchInputs } from "./bench_inputs.ts";
import { benchSize } from "./bench_size.ts";
import { hasFfmpeg, runPeer } from "./peers/peer_run.ts";

const size = benchSize();
const { hd } = await benchInputs(size);
const args = [hd.clip, hd.model, "--frames", String(size.framesHd)];
const group = `${size.framesHd} frames of 1080p, whole process`;

Deno.bench({
  name: "plain Deno script [needs ffmpeg and ffprobe]",
  ignore: !(await hasFfmpeg()),
  group,
  baseline: true,
  n: size.rounds,
  warmup: 0,
  fn: async () => void await runPeer("plain_deno.ts", args),
});

Deno.bench({
  name: "fovea, 2 workers",
  group,
  n: size.rounds,
  warmup: 0,
  fn: async () => void await runPeer("fovea_loop.ts", [...args, "--workers", "2"]),
});
