import { FoveaError } from "../core/errors.ts";
import type { OrtEnvironment } from "../native/ort_environment.ts";
import { appendProvider, requireProviderLibrary } from "../native/ort_providers.ts";
import type { OrtSessionOptions } from "../native/ort_session_options.ts";
import { prepareEngineCache } from "./engine_cache.ts";
import type { CheckedEngineOptions } from "./engine_options.ts";
import { cudaEntries, tensorRtEntries } from "./provider_options.ts";

/** The execution providers that the C API is asked for by name. */
export const PROVIDER_NAMES = ["cpu", "cuda", "tensorrt"] as const;

/**
 * Lets a session run on one provider, with those that take what it leaves.
 *
 * @param model The model's bytes; a built engine belongs to exactly these.
 * @throws {FoveaError} `ENGINE_UNAVAILABLE` if the provider is unknown or not there,
 * `ENGINE_OPTION` if it cannot honour an option.
 */
export async function appendProviders(
  environment: OrtEnvironment,
  settings: OrtSessionOptions,
  provider: string,
  model: Uint8Array,
  options: CheckedEngineOptions,
): Promise<void> {
  switch (provider) {
    case "cpu":
      // It is always there, behind all others.
      return;
    case "cuda":
      return appendCuda(environment, settings, options, null);
    case "tensorrt":
      return await appendTensorRt(environment, settings, model, options);
    default:
      throw new FoveaError(
        "ENGINE_UNAVAILABLE",
        `Cannot use provider "${provider}": libonnxruntime knows ${PROVIDER_NAMES.join(", ")}`,
      );
  }
}

function appendCuda(
  environment: OrtEnvironment,
  settings: OrtSessionOptions,
  options: CheckedEngineOptions,
  streamOfFirst: bigint | null,
): void {
  const entries = cudaEntries(options.cuda);
  const userStream = options.cuda.userStream ?? streamOfFirst;
  appendProvider(environment, settings, "CUDA", { entries, userStream });
}

async function appendTensorRt(
  environment: OrtEnvironment,
  settings: OrtSessionOptions,
  model: Uint8Array,
  options: CheckedEngineOptions,
): Promise<void> {
  const { tensorrt } = options;
  if (tensorrt.cacheFolder !== undefined) {
    // The cache is named by device and versions, which are not to be missed first.
    requireProviderLibrary(environment, "TensorRT");
  }
  const cache = await prepareEngineCache(tensorrt, environment.library.version, model);
  const entries = { ...tensorRtEntries(tensorrt), ...cache };
  const userStream = tensorrt.userStream ?? null;
  appendProvider(environment, settings, "TensorRT", { entries, userStream });
  if (tensorrt.rest === "cpu") return;
  const cuda = { deviceId: tensorrt.deviceId ?? 0, ...options.cuda };
  appendCuda(environment, settings, { ...options, cuda }, userStream);
}
