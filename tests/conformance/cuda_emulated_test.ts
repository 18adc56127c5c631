// The conformance suite of the kernels, on the CUDA kernels: through the real binding, on the
// emulated device, with the threads of a block in three orders.
import { assertEquals } from "@std/assert";
import { findHostCompilerFault } from "../../kernels/cuda/host/build.ts";
import { CudaDriver } from "../../src/native/cuda_driver.ts";
import { cudaDriverPlaces } from "../../src/native/cuda_places.ts";
import { CudaBench } from "../support/cuda_bench.ts";
import { CudaEmulator, THREAD_ORDERS } from "../support/cuda_emulator.ts";
import { CudaHostKernels, HostMemory } from "../support/cuda_host_kernels.ts";
import { CUDA_CASES } from "./cuda_cases.ts";
import { CUDA_DECODE_CASES } from "./cuda_decode_cases.ts";
import { runKernelCases } from "./kernels_cases.ts";

const fault = findHostCompilerFault();
// Opened here and closed at the end: tests may not close what they did not open.
const emulator = fault === null ? await CudaEmulator.open() : null;
const driver = emulator && CudaDriver.open(cudaDriverPlaces(emulator.path, null));
const bench = driver && await CudaBench.open(driver);
globalThis.addEventListener("unload", () => {
  driver?.[Symbol.dispose]();
  emulator?.[Symbol.dispose]();
});

/** Bigger than anything that the cases place. */
const MEMORY_BYTES = 2 ** 27;

/** Sizes of the blocks that run alone. */
const BLOCK_THREADS = [64, 32, 256, 128] as const;

runKernelCases("cuda emulated", () => {
  const memory = new HostMemory(MEMORY_BYTES);
  let calls = 0;
  const kernels = new CudaHostKernels(bench!, () => {
    const call = calls++;
    emulator!.setOrder(THREAD_ORDERS[call % THREAD_ORDERS.length]!);
    emulator!.set("seed", call);
    return {
      threads: BLOCK_THREADS[call % BLOCK_THREADS.length]!,
      transfer: call % 2 === 0 ? "mapped" : "copied",
    };
  });
  return Promise.resolve({
    kernels,
    buffer: memory.buffer,
    allocate: (bytes: number) => memory.allocate(bytes),
    reset: () => memory.reset(),
  });
}, fault);

for (const [name, run] of [...CUDA_CASES, ...CUDA_DECODE_CASES]) {
  Deno.test({
    name: `cuda emulated: ${name}${fault === null ? "" : ` [skipped: ${fault}]`}`,
    ignore: fault !== null,
    fn: async (t) => {
      for (const order of THREAD_ORDERS) {
        await t.step(order, () => {
          emulator!.setOrder(order);
          run(bench!);
        });
      }
    },
  });
}

Deno.test({
  name: `cuda emulated: nothing is left behind${fault === null ? "" : ` [skipped: ${fault}]`}`,
  ignore: fault !== null,
  fn: () => {
    bench![Symbol.dispose]();
    assertEquals(emulator!.leaks(), []);
    assertEquals(emulator!.fault, "");
  },
});
