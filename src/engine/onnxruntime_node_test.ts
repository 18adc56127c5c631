import { assertEquals, assertGreater, assertRejects } from "@std/assert";
import { runEngineCases } from "../../tests/conformance/engine_cases.ts";
import { FoveaError } from "../core/errors.ts";
import { loadOnnxRuntimeNode } from "./onnxruntime_node.ts";

function tinyModel(name: string): Uint8Array {
  return Deno.readFileSync(new URL(`../../models/tiny/${name}.onnx`, import.meta.url));
}

runEngineCases("onnxruntime-node", loadOnnxRuntimeNode, {
  model: tinyModel("yolo_v8"),
  openDim: 64,
});

Deno.test("onnxruntime-node says which provider is missing and why", async () => {
  for (const provider of ["cuda", "tensorrt"]) {
    const error = await assertRejects(
      () => loadOnnxRuntimeNode(tinyModel("yolo_v8"), { providers: [provider] }),
      FoveaError,
      provider,
    );
    assertEquals(error.code, "ENGINE_UNAVAILABLE");
    assertGreater(error.hint!.length, 0);
  }
});

Deno.test("onnxruntime-node feeds float16 and uint8 pictures", async () => {
  for (
    const [name, data] of [
      ["yolo_v8_float16", (n: number) => new Float16Array(n).fill(0.5)],
      ["yolo_v8_uint8_nhwc", (n: number) => new Uint8Array(n).fill(128)],
    ] as const
  ) {
    await using engine = await loadOnnxRuntimeNode(tinyModel(name));
    const { name: input, type, dims } = engine.inputs[0]!;
    const fed = data(dims.reduce((a, b) => a * b, 1));
    engine.setInput(input, { type, dims, data: fed });
    const tensor = (await engine.run()).get(engine.outputs[0]!.name);
    assertEquals(tensor.data.length, tensor.dims.reduce((a, b) => a * b, 1));
  }
});

Deno.test("onnxruntime-node keeps no copies of outputs from run to run", async () => {
  await using engine = await loadOnnxRuntimeNode(tinyModel("yolo_v8"));
  const { name, dims, type } = engine.inputs[0]!;
  engine.setInput(name, { type, dims, data: new Float32Array(dims.reduce((a, b) => a * b, 1)) });
  const output = engine.outputs[0]!.name;
  const first = (await engine.run()).get(output).data as Float32Array<ArrayBuffer>;
  await engine.run();
  assertEquals([first.length, first.buffer.detached], [0, true]);
});
