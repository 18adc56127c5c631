import { SharedArena } from "../../src/native/arena.ts";
import { ReferenceKernels } from "../../src/native/reference_kernels.ts";
import { instantiateKernels, kernelScratchBytes } from "../../src/native/wasm_kernels.ts";
import type { Kernels } from "../../src/core/kernels.ts";
import type { KernelBench } from "./kernel_bench.ts";
import { runKernelCases } from "./kernels_cases.ts";

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

runKernelCases("typescript", () => {
  return Promise.resolve(benchOn(new SharedArena(), new ReferenceKernels()));
});

runKernelCases("wasm", async () => {
  const arena = new SharedArena();
  const bytes = kernelScratchBytes({ sourceWidth: 7680, netWidth: 256, candidates: 3000 });
  const scratch = arena.allocate(bytes);
  return benchOn(arena, await instantiateKernels(arena.memory, scratch, bytes));
});
