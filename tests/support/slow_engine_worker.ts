/// <reference lib="deno.worker" />
// Runs a model that does not come to an end by itself, on the thread of this worker.
import { loadLibOnnxRuntime } from "../../src/engine/libonnxruntime.ts";

declare const self: DedicatedWorkerGlobalScope;

/** How long the run may take before the library ends it, in milliseconds. */
const RUN_TIMEOUT_MS = 1_500;

const model = Deno.readFileSync(
  new URL("../../models/tiny/yolo_v8_endless.onnx", import.meta.url),
);
const engine = await loadLibOnnxRuntime(model, { runTimeoutMs: RUN_TIMEOUT_MS });
const { name, type, dims } = engine.inputs[0]!;
engine.setInput(name, { type, dims, data: new Float32Array(3 * 96 * 128).fill(1) });
self.postMessage("running");
await engine.run();
