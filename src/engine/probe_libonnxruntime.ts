import { describeRefused } from "../native/library.ts";
import { OrtEnvironment } from "../native/ort_environment.ts";
import { OrtLibrary } from "../native/ort_library.ts";
import { findProviderFault, type GpuProvider, listProviders } from "../native/ort_providers.ts";
import { listOnnxRuntimePlaces, SYSTEM_PLACES } from "./onnxruntime_places.ts";

/** What the shared library of ONNX Runtime is and can do. */
export interface LibOnnxRuntimeProbe {
  /** Its version. */
  readonly version: string;
  /** Where it lies. */
  readonly path: string;
  /** Why this one was taken, for example `ORT_DYLIB_PATH`. */
  readonly source: string;
  /** What was tried before it, in words. */
  readonly refused: readonly string[];
  /** Execution providers that it was built with and fovea can ask for. */
  readonly providers: readonly {
    /** Name as it is asked for. */
    readonly name: string;
    /** Why its own library does not open; `null` where it does, or where it has none. */
    readonly fault: string | null;
  }[];
}

/** ONNX Runtime's names of the providers that fovea can ask for. */
const PROVIDERS: readonly (readonly [string, string, GpuProvider | null])[] = [
  ["CPUExecutionProvider", "cpu", null],
  ["CUDAExecutionProvider", "cuda", "CUDA"],
  ["TensorrtExecutionProvider", "tensorrt", "TensorRT"],
];

/**
 * Opens the library that the engine `libonnxruntime` would take and asks what it is; runs nothing.
 *
 * @throws {FoveaError} `ENGINE_UNAVAILABLE` if there is none.
 */
export function probeLibOnnxRuntime(): LibOnnxRuntimeProbe {
  using environment = new OrtEnvironment(
    OrtLibrary.open(listOnnxRuntimePlaces(null, SYSTEM_PLACES)),
  );
  const { version, path, source, refused } = environment.library;
  const built = listProviders(environment);
  return {
    version,
    path,
    source,
    refused: refused.map(describeRefused),
    providers: PROVIDERS.filter(([ortName]) => built.includes(ortName)).map(([, name, gpu]) => ({
      name,
      fault: gpu === null ? null : findProviderFault(path, gpu),
    })),
  };
}
