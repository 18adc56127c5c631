import { FoveaError } from "../core/errors.ts";
import type { TrainingKernels } from "../core/training_kernels.ts";
import { canRunWasmKernels } from "./create_kernels.ts";
import type { KernelExports } from "./kernel_exports.ts";
import { ReferenceTrainingKernels } from "./reference_training.ts";
import { WasmTrainingKernels } from "./wasm_training.ts";

const WASM = new URL("../../kernels/wasm/fovea_kernels.wasm", import.meta.url);
/** What the module states as the most pages its memory may have. */
const PAGES_MAX = 65_536;

/**
 * Makes the kernels of one training: WebAssembly, or TypeScript where that is asked for, or where
 * nothing is asked for and the machine cannot run the other. Which one it is is told by `backend`.
 * It reads the module's file, so that it takes permission to read it.
 *
 * @param backend Which kernels; the fastest that run here by default.
 * @throws {FoveaError} `ENGINE_UNAVAILABLE` if WebAssembly is asked for and cannot run here.
 */
export async function createTrainingKernels(
  backend: TrainingKernels["backend"] = canRunWasmKernels() ? "wasm" : "typescript",
): Promise<TrainingKernels> {
  if (backend === "typescript") return new ReferenceTrainingKernels();
  if (!canRunWasmKernels()) {
    throw new FoveaError(
      "ENGINE_UNAVAILABLE",
      "Cannot run the WebAssembly kernels: no relaxed 128-bit SIMD here",
      { hint: 'Ask for the "typescript" kernels; they are several times slower' },
    );
  }
  const memory = new WebAssembly.Memory({ initial: 1, maximum: PAGES_MAX, shared: true });
  const bytes = await Deno.readFile(WASM);
  const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } });
  return new WasmTrainingKernels(instance.exports as unknown as KernelExports, memory);
}
