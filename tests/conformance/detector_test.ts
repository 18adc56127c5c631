import { SharedArena } from "../../src/native/arena.ts";
import { ReferenceKernels } from "../../src/native/reference_kernels.ts";
import { instantiateKernels, kernelScratchBytes } from "../../src/native/wasm_kernels.ts";
import type { Kernels } from "../../src/core/kernels.ts";
import { runDetectorCases } from "./detector_cases.ts";
import type { KernelBench } from "./kernel_bench.ts";

/** Bigger than anything the cases ask for. */
const SIZES = { sourceWidth: 128, netWidth: 64, netHeight: 32, candidates: 1024 };

function benchOn(arena: SharedArena, kernels: Kernels): KernelBench {
  const taken: number[] = [];
  return {
    kernels,
    get buffer() {
      return arena.buffer;
    },
    allocate(bytes) {
      const offset = arena.allocate(bytes);
      taken.push(offset);
      return offset;
    },
    reset() {
      for (const offset of taken.splice(0)) arena.free(offset);
    },
  };
}

runDetectorCases("typescript", () => {
  return Promise.resolve(benchOn(new SharedArena(), new ReferenceKernels()));
});

runDetectorCases("wasm", async () => {
  const arena = new SharedArena();
  const bytes = kernelScratchBytes(SIZES);
  const kernels = await instantiateKernels(arena.memory, arena.allocate(bytes), bytes);
  return benchOn(arena, kernels);
});
