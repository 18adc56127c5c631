import { FoveaError, type FoveaErrorCode } from "../core/errors.ts";

/** What the CUDA driver said about a call that failed: the cause of the error that is thrown. */
export class CudaFailure extends Error {
  /** The name that tells it from other causes. */
  override readonly name = "CudaFailure";
  /**
   * Whether every later call of this process gives the same error. What the GPU holds is gone then,
   * and only a new process gets a working context.
   */
  readonly contextLost: boolean;

  /**
   * Says what a call gave.
   *
   * @param code Its `CUresult`.
   * @param codeName The code's name, for example `CUDA_ERROR_NO_DEVICE`.
   * @param call The function that gave it.
   */
  constructor(readonly code: number, readonly codeName: string, readonly call: string) {
    super(`${call} gave ${codeName} (${code})`);
    this.contextLost = CONTEXT_LOST.has(code);
  }
}

/** `CUresult` by name, as far as fovea tells them apart. */
export const CUDA_RESULT: Readonly<
  Record<"success" | "outOfMemory" | "notReady" | "unsupportedPtxVersion", number>
> = { success: 0, outOfMemory: 2, notReady: 600, unsupportedPtxVersion: 222 };

/** Errors after which a context is of no use; cuda.h says so of each. */
const CONTEXT_LOST: ReadonlySet<number> = new Set([
  ...[214, 220, 700, 702, 709, 710, 714, 715, 716, 717, 718, 719, 721],
]);

const RESTART = "Start a new process: this one has lost the GPU";
const UPDATE_DRIVER = "Update NVIDIA's driver, on a Jetson with a newer JetPack";

/** Codes that say that there is no GPU for fovea, and what to do about each. */
const UNAVAILABLE: Readonly<Record<number, string>> = {
  3: "Run nvidia-smi to see whether the driver works",
  34: "Take the folder of CUDA's stubs out of LD_LIBRARY_PATH: they are for linking only",
  46: "Wait until other programs leave the GPU, or set its compute mode to default",
  100: "Look with nvidia-smi whether the GPU is seen; give a container --gpus all or, on a " +
    "Jetson, --runtime nvidia",
  101: "Ask for a device that nvidia-smi lists",
  209: UPDATE_DRIVER,
  218: UPDATE_DRIVER,
  221: "Give the container libnvidia-ptxjitcompiler.so.1 of the host's driver",
  222: UPDATE_DRIVER,
  802: "Start nvidia-fabricmanager, or wait until the driver is up",
  803: "Give the container the libcuda.so.1 of the host's driver, not one of its own",
  804: "Take CUDA's compat folder out of LD_LIBRARY_PATH on this GPU",
};

/**
 * The error for a call of the CUDA driver that failed.
 *
 * @param what What could not be done, for example `Cannot launch fovea_nms`.
 * @param detail More of what the driver said; empty for nothing.
 */
export function cudaError(failure: CudaFailure, what: string, detail = ""): FoveaError {
  const [code, hint] = judge(failure);
  const message = `${what}: ${failure.codeName} (${failure.code})${detail && `: ${detail}`}`;
  return new FoveaError(code, message, { cause: failure, ...(hint !== null && { hint }) });
}

/** Whether an error says that the GPU's context is lost, see {@linkcode CudaFailure}. */
export function isContextLost(error: unknown): boolean {
  return error instanceof FoveaError && error.cause instanceof CudaFailure &&
    error.cause.contextLost;
}

function judge(failure: CudaFailure): [code: FoveaErrorCode, hint: string | null] {
  const { code, contextLost } = failure;
  if (code === CUDA_RESULT.outOfMemory) {
    return ["GPU_MEMORY", "Close what else uses the GPU, or use a smaller model or picture"];
  }
  const unavailable = UNAVAILABLE[code];
  if (unavailable !== undefined) return ["GPU_UNAVAILABLE", unavailable];
  return ["GPU_FAILED", contextLost ? RESTART : null];
}
