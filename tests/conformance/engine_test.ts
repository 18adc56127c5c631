// Both engines are the same ONNX Runtime, so on the CPU they give the same bits for every model.
import { assertEquals, assertGreater } from "@std/assert";
import { RECIPES } from "../../models/tiny/build.ts";
import type { Engine } from "../../src/core/ports.ts";
import {
  elementBytes,
  elementCount,
  type Tensor,
  type TensorData,
  type TensorSpec,
  tensorView,
} from "../../src/core/tensor.ts";
import { loadLibOnnxRuntime } from "../../src/engine/libonnxruntime.ts";
import { loadOnnxRuntimeNode } from "../../src/engine/onnxruntime_node.ts";
import { bundledLibrary } from "../../src/engine/onnxruntime_places.ts";
import { testWithShared } from "../support/shared.ts";

const SHARED_MODELS = ["yolox_nano_416x416", "yolox_nano_320x320", "yolov8n", "yolo26n"] as const;

/** The sides that are fed where a model leaves them open; not square, so that none is mistaken. */
const OPEN_DIMS: Readonly<Record<string, number>> = { "0": 1, "2": 96, "3": 128 };

/** Numbers without a pattern, the same every time. */
function fill(data: TensorData): void {
  let state = 12_345;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    if (data instanceof BigInt64Array) data[i] = BigInt(100 + (state % 100));
    else if (data instanceof Uint8Array || data instanceof Int8Array) data[i] = state % 128;
    // Below full brightness, which would keep one of the models busy for days.
    else data[i] = (state % 1000) / 1100;
  }
}

function makeTensor({ type, dims: wanted }: TensorSpec): Tensor {
  const dims = wanted.map((dim, i) => dim > 0 ? dim : OPEN_DIMS[String(i)] ?? 1);
  const count = elementCount(dims);
  const data = tensorView(type, new ArrayBuffer(count * elementBytes(type)), 0, count);
  fill(data);
  return { type, dims, data };
}

/** Every output by name: type, shape and bytes. */
async function runAll(engine: Engine): Promise<Map<string, [string, readonly number[], string]>> {
  for (const spec of engine.inputs) engine.setInput(spec.name, makeTensor(spec));
  const view = await engine.run();
  const outputs = new Map<string, [string, readonly number[], string]>();
  for (const { name } of engine.outputs) {
    const { type, dims, data } = view.get(name);
    assertGreater(data.length, 0);
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
    const digest = await crypto.subtle.digest("SHA-256", bytes);
    outputs.set(name, [type, [...dims], new Uint8Array(digest).toHex()]);
  }
  return outputs;
}

async function compareEngines(model: Uint8Array): Promise<void> {
  const libraryPath = bundledLibrary();
  await using ours = await loadLibOnnxRuntime(model, { libraryPath });
  await using theirs = await loadOnnxRuntimeNode(model);
  assertEquals(ours.inputs, theirs.inputs);
  assertEquals(ours.outputs, theirs.outputs);
  assertEquals(await runAll(ours), await runAll(theirs));
}

for (const [name, make] of Object.entries(RECIPES)) {
  Deno.test(`both engines give the same bits for ${name}`, () => compareEngines(make()));
}

for (const name of SHARED_MODELS) {
  testWithShared(
    `both engines give the same bits for ${name}`,
    [`models/${name}.onnx`],
    ([path]) => compareEngines(Deno.readFileSync(path)),
  );
}
