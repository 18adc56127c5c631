import { OrtEnvironment } from "../native/ort_environment.ts";
import { OrtLibrary } from "../native/ort_library.ts";
import { requireProviderLibrary } from "../native/ort_providers.ts";
import { nameEngine } from "./engine_cache.ts";
import type { CheckedEngineOptions } from "./engine_options.ts";
import { listOnnxRuntimePlaces, SYSTEM_PLACES } from "./onnxruntime_places.ts";

/** Where TensorRT keeps the engines of a model. */
export interface LocatedEngine {
  /** The name of their folder in `cacheFolder`; `null` where none is to be kept. */
  readonly name: string | null;
  /** Whether at least one is there. */
  readonly isBuilt: boolean;
}

/** How ONNX Runtime calls the files of built engines. */
const ENGINE_FILE = /\.engine$/;

/**
 * Looks whether TensorRT can be used, and whether it has built the engines of a model before.
 * Nothing is loaded or built.
 *
 * @param modelSha256 SHA-256 of the model that would be loaded, hexadecimal.
 * @throws {FoveaError} `ENGINE_UNAVAILABLE` if ONNX Runtime, its TensorRT provider, TensorRT or the
 * GPU is not there.
 */
export async function locateEngine(
  options: CheckedEngineOptions,
  modelSha256: string,
): Promise<LocatedEngine> {
  using environment = new OrtEnvironment(
    OrtLibrary.open(listOnnxRuntimePlaces(options.libraryPath, SYSTEM_PLACES)),
  );
  requireProviderLibrary(environment, "TensorRT");
  const { cacheFolder } = options.tensorrt;
  if (cacheFolder === undefined) return { name: null, isBuilt: false };
  const name = await nameEngine(options.tensorrt, environment.library.version, modelSha256);
  return { name, isBuilt: await hasEngine(`${cacheFolder}/${name}`) };
}

/** Whether TensorRT has put an engine into a folder. */
export async function hasEngine(folder: string): Promise<boolean> {
  try {
    for await (const { name } of Deno.readDir(folder)) if (ENGINE_FILE.test(name)) return true;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return false;
}
