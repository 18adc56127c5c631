// Builds ONNX Runtime with a made-up TensorRT provider, and a made-up TensorRT, with the compiler of
// this machine.
import { bundledLibrary } from "../../../src/engine/onnxruntime_places.ts";
import header from "../../golden/ort_api_header.json" with { type: "json" };
import { compileLibrary } from "../fake_onnxruntime/build.ts";

/**
 * Builds everything into a folder, which `LD_LIBRARY_PATH` must name then. ONNX Runtime's library is
 * `libonnxruntime.so` in it.
 */
export async function buildFakeTensorRt(folder: string): Promise<void> {
  const slots = Object.entries(header.functions).map(([name, { slot }]) =>
    `#define SLOT_${name} ${slot}`
  );
  const count = 1 + Math.max(...Object.values(header.functions).map(({ slot }) => slot));
  const lines = [
    ...slots,
    `#define SLOT_COUNT ${count}`,
    `#define REAL_LIBRARY ${JSON.stringify(bundledLibrary())}`,
  ];
  await Deno.writeTextFile(`${folder}/slots.h`, `${lines.join("\n")}\n`);
  const source = new URL("./fake_tensorrt.cc", import.meta.url);
  compileLibrary(decodeURIComponent(source.pathname), `${folder}/libonnxruntime.so`, folder);
  const parts = {
    "libonnxruntime_providers_shared.so": "",
    "libonnxruntime_providers_tensorrt.so": "",
    "libnvinfer.so.10":
      'extern "C" __attribute__((visibility("default"))) int getInferLibVersion() { return 101003; }',
  };
  for (const [name, code] of Object.entries(parts)) {
    await Deno.writeTextFile(`${folder}/part.cc`, code);
    compileLibrary(`${folder}/part.cc`, `${folder}/${name}`, folder);
  }
}
