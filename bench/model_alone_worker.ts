/// <reference lib="deno.worker" />
// One thread that runs a model on a fixed input, with onnxruntime-node and nothing of fovea.
import * as ort from "onnxruntime-node";
import type { AloneReply, AloneRequest } from "./model_alone.ts";

let session: ort.InferenceSession | null = null;
let feeds: Record<string, ort.Tensor> = {};

self.onmessage = async ({ data }: MessageEvent<AloneRequest>) => {
  const reply: AloneReply = data.kind === "load"
    ? await load(data.model, data.threads)
    : await run(data.runs);
  self.postMessage(reply);
};

async function load(model: string, threads: number): Promise<AloneReply> {
  session = await ort.InferenceSession.create(model, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel: "all",
    logSeverityLevel: 4,
    extra: { "session.intra_op.allow_spinning": "0", "session.inter_op.allow_spinning": "0" },
  });
  const input = session.inputMetadata[0]!;
  if (!input.isTensor) throw new Error(`Cannot feed ${model}: its input is no tensor`);
  const dims = input.shape.map((dim) => typeof dim === "number" && dim > 0 ? dim : 1);
  // A ramp over 0–255: no denormals, and nothing that a graph could skip.
  const elements = dims.reduce((product, dim) => product * dim, 1);
  const data = Float32Array.from({ length: elements }, (_, i) => (i * 31) % 256);
  feeds = { [input.name]: new ort.Tensor("float32", data, dims) };
  await session.run(feeds);
  return { runMs: [] };
}

async function run(runs: number): Promise<AloneReply> {
  const runMs: number[] = [];
  for (let i = 0; i < runs; i++) {
    const startedMs = performance.now();
    await session!.run(feeds);
    runMs.push(performance.now() - startedMs);
  }
  return { runMs };
}
