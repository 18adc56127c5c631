import { runEngineCases } from "../../tests/conformance/engine_cases.ts";
import { loadLibOnnxRuntime } from "./libonnxruntime.ts";

function tinyModel(name: string): Uint8Array {
  return Deno.readFileSync(new URL(`../../models/tiny/${name}.onnx`, import.meta.url));
}

runEngineCases("libonnxruntime", loadLibOnnxRuntime, {
  model: tinyModel("yolo_v8"),
  openDim: 64,
});
