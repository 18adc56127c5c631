import { FoveaError } from "../core/errors.ts";
import type { Kernels } from "../core/kernels.ts";
import { ReferenceKernels } from "./reference_kernels.ts";
import { instantiateKernels } from "./wasm_kernels.ts";

/**
 * A function of two SIMD instructions, the newest ones of the kernels: `i8x16.splat` and
 * `i16x8.relaxed_q15mulr_s`.
 */
const SIMD_PROBE = new Uint8Array([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b],
  ...[0x03, 0x02, 0x01, 0x00],
  ...[0x0a, 0x0f, 0x01, 0x0d, 0x00],
  ...[0x41, 0x00, 0xfd, 0x0f, 0x41, 0x00, 0xfd, 0x0f, 0xfd, 0x91, 0x02, 0x0b],
]);

/** Whether this runtime and machine can run WebAssembly SIMD, relaxed SIMD included. */
export function canRunWasmKernels(): boolean {
  return WebAssembly.validate(SIMD_PROBE);
}

/**
 * Makes the kernels of one worker: WebAssembly, or TypeScript where that is asked for by name.
 * Which one it is is told by `backend`; nothing is replaced silently.
 *
 * @param memory The shared memory that pictures and tensors lie in.
 * @param scratchOffset Scratch region of the wasm kernels, see `kernelScratchBytes`.
 * @param scratchBytes Size of the scratch region.
 * @throws {FoveaError} `ENGINE_UNAVAILABLE` if the machine cannot run WebAssembly SIMD.
 * @throws {RangeError} If the scratch region does not lie inside the memory.
 */
export async function createKernels(
  memory: WebAssembly.Memory,
  scratchOffset: number,
  scratchBytes: number,
  backend: Kernels["backend"] = "wasm",
): Promise<Kernels> {
  if (backend === "typescript") return new ReferenceKernels();
  if (!canRunWasmKernels()) {
    throw new FoveaError(
      "ENGINE_UNAVAILABLE",
      "Cannot run the WebAssembly kernels: no relaxed 128-bit SIMD here",
      { hint: 'Ask for the "typescript" kernels; they are several times slower' },
    );
  }
  return await instantiateKernels(memory, scratchOffset, scratchBytes);
}
