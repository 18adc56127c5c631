// The kernels' whole suite on a real GPU; elsewhere every test says why it is left out.
import { assertEquals } from "@std/assert";
import { CudaKernels } from "../../src/native/cuda_kernels.ts";
import { findSelfTestFault } from "../../src/native/cuda_self_check.ts";
import { Nvrtc, readKernelSources } from "../../src/native/nvrtc.ts";
import { CUDA_CASES } from "../conformance/cuda_cases.ts";
import { CUDA_DECODE_CASES } from "../conformance/cuda_decode_cases.ts";
import { runKernelCases } from "../conformance/kernels_cases.ts";
import { CudaBench } from "../support/cuda_bench.ts";
import { CudaHostKernels, HostMemory } from "../support/cuda_host_kernels.ts";
import { findGpuFault, nameWithFault, openDriver } from "../support/gpu.ts";

const fault = findGpuFault();
// Opened here: tests may not close what they did not open, and the driver stays to the end.
const driver = fault === null ? openDriver() : null;
const bench = driver && await CudaBench.open(driver);
globalThis.addEventListener("unload", () => {
  bench?.[Symbol.dispose]();
  driver?.[Symbol.dispose]();
});

runKernelCases("gpu", () => {
  const memory = new HostMemory(2 ** 27);
  const { mapsHostMemory } = bench!.context.device;
  let calls = 0;
  const kernels = new CudaHostKernels(bench!, () => {
    const call = calls++;
    const transfer = mapsHostMemory && call % 2 === 0 ? "mapped" : "copied";
    return { threads: call % 3 === 0 ? 1024 : 64, transfer };
  });
  return Promise.resolve({
    kernels,
    buffer: memory.buffer,
    allocate: (bytes: number) => memory.allocate(bytes),
    reset: () => memory.reset(),
  });
}, fault === null ? null : `no GPU: ${fault}`);

for (const [name, run] of [...CUDA_CASES, ...CUDA_DECODE_CASES]) {
  Deno.test({
    name: nameWithFault(`gpu: ${name}`, fault),
    ignore: fault !== null,
    fn: () => run(bench!),
  });
}

const nvrtc = Deno.env.get("FOVEA_LIBNVRTC") ?? null;
const nvrtcFault = fault ?? (nvrtc === null ? "FOVEA_LIBNVRTC names no toolkit" : null);
Deno.test({
  name: nameWithFault("gpu: kernels from NVRTC pass their self-test", nvrtcFault),
  ignore: nvrtcFault !== null,
  fn: async () => {
    const { context } = bench!;
    using compiler = new Nvrtc([{ path: nvrtc!, source: "FOVEA_LIBNVRTC" }]);
    const image = compiler.compile(await readKernelSources(), context.device.computeCapability);
    using kernels = new CudaKernels(context, image);
    assertEquals(findSelfTestFault(kernels), null);
  },
});

Deno.test({
  name: nameWithFault("gpu: the device is described", fault),
  ignore: fault !== null,
  fn: () => {
    const { name, computeCapability, memoryBytes, multiprocessors } = bench!.context.device;
    assertEquals(name.length > 0 && multiprocessors > 0, true);
    assertEquals(computeCapability >= 50 && memoryBytes > 2 ** 28, true);
  },
});
