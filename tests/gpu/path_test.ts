// A model on a real GPU with its pictures around it, against the same model on the processor. Needs
// an ONNX Runtime with CUDA besides the GPU.
import { assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import { OrtEnvironment } from "../../src/native/ort_environment.ts";
import { OrtLibrary } from "../../src/native/ort_library.ts";
import { findProviderFault } from "../../src/native/ort_providers.ts";
import { listOnnxRuntimePlaces, SYSTEM_PLACES } from "../../src/engine/onnxruntime_places.ts";
import { SharedArena } from "../../src/native/arena.ts";
import { loadPerceiver } from "../../src/pipeline/load_perceiver.ts";
import { inferOnce, makeLoadRequest, placeSquares } from "../support/perceiver_bench.ts";
import { findGpuFault, nameWithFault } from "../support/gpu.ts";

const MODELS = ["yolo_v8", "yolo_v5", "yolox", "yolo_end2end", "detr", "nanodet_plus"] as const;

const fault = findGpuFault() ?? findCudaProviderFault();

/** Why the ONNX Runtime that is found cannot use the GPU; `null` where it can. */
function findCudaProviderFault(): string | null {
  try {
    const library = OrtLibrary.open(listOnnxRuntimePlaces(null, SYSTEM_PLACES));
    using environment = new OrtEnvironment(library);
    const missing = findProviderFault(environment.library.path, "CUDA");
    return missing && `ONNX Runtime cannot use it: ${missing.split("/").at(-1)}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

for (const name of MODELS) {
  Deno.test({
    name: nameWithFault(`gpu: ${name} finds the same with everything on the GPU`, fault),
    ignore: fault !== null,
    fn: async () => {
      const path = new URL(`../../models/tiny/${name}.onnx`, import.meta.url);
      const model = await Deno.readFile(path);
      const arena = new SharedArena();
      const picture = placeSquares(arena);
      const onProcessor = await loadPerceiver(makeLoadRequest(model, { providers: ["cpu"] }));
      await using _processor = onProcessor.perceiver;
      const expected = await inferOnce(onProcessor, arena, picture);
      const onGpu = await loadPerceiver(makeLoadRequest(model, { providers: ["cuda"] }));
      await using _gpu = onGpu.perceiver;
      assertEquals([onGpu.reply.provider, onGpu.reply.kernels], ["cuda", "cuda"]);
      const found = await inferOnce(onGpu, arena, picture);
      assertGreater(expected.detections.count, 2);
      assertEquals([...found.detections.anchorIndex], [...expected.detections.anchorIndex]);
      found.detections.score.forEach((score, i) => {
        assertAlmostEquals(score, expected.detections.score[i]!, 0.02);
      });
    },
  });
}
