// TensorRT on a real GPU: its engine is built beside a stream, compared with CUDA, and takes over.
// Needs an ONNX Runtime with CUDA and TensorRT besides the GPU.
import { assert, assertEquals } from "@std/assert";
import { type DetectorEvent, loadDetector, perceive } from "../../mod.ts";
import { listOnnxRuntimePlaces, SYSTEM_PLACES } from "../../src/engine/onnxruntime_places.ts";
import { OrtEnvironment } from "../../src/native/ort_environment.ts";
import { OrtLibrary } from "../../src/native/ort_library.ts";
import { findProviderFault } from "../../src/native/ort_providers.ts";
import { tinyModel } from "../support/cell_camera.ts";
import { findGpuFault, nameWithFault } from "../support/gpu.ts";
import { busyCamera } from "../support/tensorrt_bench.ts";

const fault = findGpuFault() ?? findTensorRtFault();

/** Why the ONNX Runtime that is found cannot use TensorRT; `null` where it can. */
function findTensorRtFault(): string | null {
  try {
    const library = OrtLibrary.open(listOnnxRuntimePlaces(null, SYSTEM_PLACES));
    using environment = new OrtEnvironment(library);
    const missing = findProviderFault(environment.library.path, "TensorRT");
    return missing && `ONNX Runtime cannot use TensorRT: ${missing.split("/").at(-1)}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

for (const fp16 of [false, true]) {
  Deno.test({
    name: nameWithFault(`gpu: TensorRT ${fp16 ? "FP16" : "FP32"} takes over from CUDA`, fault),
    ignore: fault !== null,
    fn: async () => {
      const cacheFolder = await Deno.makeTempDir({ prefix: "fovea_engines_" });
      try {
        const events: DetectorEvent[] = [];
        const options = {
          providers: ["tensorrt", "cuda"],
          confidence: 0.5,
          tensorrt: { cacheFolder, fp16 },
          onEvent: (event: DetectorEvent) => void events.push(event),
        } as const;
        {
          await using camera = busyCamera();
          await using detector = await loadDetector(tinyModel("yolo_v8"), options);
          let [before, after] = [0, 0];
          for await (const { provider, detections } of perceive(camera, detector)) {
            assertEquals(detections.length, 6);
            if (provider === "tensorrt") after++;
            else before++;
            const last = events.at(-1)?.kind;
            if (after === 50 || last === "tensorrt-refused" || last === "tensorrt-failed") break;
          }
          assertEquals(events.at(-1)?.kind, "tensorrt-ready", JSON.stringify(events.at(-1)));
          assert(before > 0);
        }
        await using again = await loadDetector(tinyModel("yolo_v8"), options);
        assertEquals([again.provider, again.kernels], ["tensorrt", "cuda"]);
      } finally {
        await Deno.remove(cacheFolder, { recursive: true });
      }
    },
  });
}
