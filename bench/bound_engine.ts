import type { Engine } from "../src/core/ports.ts";
import { elementCount, type Tensor, type TensorSpec } from "../src/core/tensor.ts";
import { loadLibOnnxRuntime } from "../src/engine/libonnxruntime.ts";
import { loadOnnxRuntimeNode } from "../src/engine/onnxruntime_node.ts";
import { bundledLibrary } from "../src/engine/onnxruntime_places.ts";

/** A float32 tensor as a model states it; a ramp, so that nothing is a denormal number. */
function makeTensor({ dims }: TensorSpec): Tensor {
  const data = Float32Array.from({ length: elementCount(dims) }, (_, i) => (i * 31) % 256);
  return { type: "float32", dims, data };
}

/** Both engines on the same library and model, bound to memory of their own. */
export async function loadBothEngines(model: Uint8Array): Promise<{ ours: Engine; node: Engine }> {
  const ours = await loadLibOnnxRuntime(model, { libraryPath: bundledLibrary() });
  const node = await loadOnnxRuntimeNode(model);
  for (const engine of [ours, node]) {
    for (const spec of engine.inputs) engine.setInput(spec.name, makeTensor(spec));
    for (const spec of engine.outputs) engine.setOutput(spec.name, makeTensor(spec));
  }
  return { ours, node };
}

/** Milliseconds of one run, the mean of `runs`. */
export async function timeRuns(engine: Engine, runs: number): Promise<number> {
  const startedMs = performance.now();
  for (let i = 0; i < runs; i++) await engine.run();
  return (performance.now() - startedMs) / runs;
}
