import { FoveaError } from "../core/errors.ts";
import { defaultEngine } from "../engine/load_engine.ts";
import { cudaDriverPlaces, namedCudaDriver } from "../native/cuda_places.ts";
import { CudaSession } from "../native/cuda_session.ts";
import { readKernelPtx } from "../native/cuda_kernels.ts";
import type { LoadRequest } from "./protocol.ts";

/** Providers that run a model on a GPU. */
const GPU_PROVIDERS: readonly string[] = ["cuda", "tensorrt"];

/** What came of opening a GPU. */
export interface DeviceAttempt {
  /** The GPU; `null` where it is not needed or cannot be had. */
  readonly session: CudaSession | null;
  /** Why it cannot be had; `null` where it is not needed. */
  readonly fault: FoveaError | null;
}

/** Whether a provider runs models on a GPU. */
export function isGpuProvider(provider: string): boolean {
  return GPU_PROVIDERS.includes(provider);
}

/**
 * Opens the GPU that a model is asked to run on, so that its pictures can stay there. What is wrong
 * is not thrown: the engine may tell more about it.
 */
export async function openDevice(request: LoadRequest): Promise<DeviceAttempt> {
  const ordinal = await wantedDevice(request);
  if (ordinal === null) return { session: null, fault: null };
  try {
    const ptx = await readKernelPtx();
    return {
      session: new CudaSession(cudaDriverPlaces(null, namedCudaDriver()), ordinal, ptx),
      fault: null,
    };
  } catch (error) {
    if (error instanceof FoveaError) return { session: null, fault: error };
    throw error;
  }
}

/** The GPU's number; `null` where none is asked for or the model must not share its stream. */
async function wantedDevice(request: LoadRequest): Promise<number | null> {
  const { providers = ["cpu"], fallback = false, cuda, tensorrt } = request.engineOptions;
  const provider = (fallback ? providers : providers.slice(0, 1)).find(isGpuProvider);
  if (provider === undefined) return null;
  if ((request.engine ?? await defaultEngine()) !== "libonnxruntime") return null;
  // All classes of a box are a matter of measuring, which the processor does; and a stream that
  // belongs to somebody else is not waited for here.
  if (request.decode.labels === "all") return null;
  if (cuda?.userStream !== undefined || tensorrt?.userStream !== undefined) return null;
  return (provider === "tensorrt" ? tensorrt?.deviceId : cuda?.deviceId) ?? 0;
}
