import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { type CudaEmulator, testWithEmulator } from "../../tests/support/cuda_emulator.ts";
import { FoveaError } from "../core/errors.ts";
import { CudaContext } from "./cuda_context.ts";
import { CudaDriver } from "./cuda_driver.ts";
import { CudaKernels, readKernelPtx } from "./cuda_kernels.ts";
import { cudaDriverPlaces } from "./cuda_places.ts";
import { findSelfTestFault } from "./cuda_self_check.ts";
import { isContextLost } from "./cuda_status.ts";

const PTX = await readKernelPtx();

function withContext(emulator: CudaEmulator, use: (context: CudaContext) => void): void {
  using driver = CudaDriver.open(cudaDriverPlaces(emulator.path, null));
  using context = new CudaContext(driver);
  use(context);
}

function assertLoadFails(
  context: CudaContext,
  image: string,
  code: FoveaError["code"],
  message: string,
): void {
  const error = assertThrows(() => new CudaKernels(context, image), FoveaError, message);
  assertEquals(error.code, code);
}

testWithEmulator("CudaKernels load, run and pass their self-test", (emulator) => {
  withContext(emulator, (context) => {
    using kernels = new CudaKernels(context, PTX);
    assertEquals(findSelfTestFault(kernels), null);
  });
});

testWithEmulator("findSelfTestFault() sees a device that computes wrongly", (emulator) => {
  withContext(emulator, (context) => {
    using kernels = new CudaKernels(context, PTX);
    // The kernel does not run, so that memory holds what it held.
    const { api } = context.driver;
    using stack = new DisposableStack();
    const launch = api.cuLaunchKernel;
    const symbols = api as { cuLaunchKernel: typeof launch };
    symbols.cuLaunchKernel = () => 0;
    stack.defer(() => symbols.cuLaunchKernel = launch);
    assertEquals(findSelfTestFault(kernels), "value 0 is NaN");
  });
});

testWithEmulator("CudaKernels tell a driver that is too old for their PTX", (emulator) => {
  emulator.set("ptxVersion", 60);
  withContext(emulator, (context) => {
    const message = "CUDA_ERROR_UNSUPPORTED_PTX_VERSION (222): ptxas";
    assertLoadFails(context, PTX, "GPU_UNAVAILABLE", message);
    assertLoadFails(context, PTX, "GPU_UNAVAILABLE", "Unsupported .version 6.3; current");
  });
  emulator.set("ptxVersion", 63);
  withContext(emulator, (context) => {
    using _ = new CudaKernels(context, PTX);
  });
});

testWithEmulator("CudaKernels refuse PTX that is broken or another version's", (emulator) => {
  withContext(emulator, (context) => {
    assertLoadFails(context, "no PTX", "GPU_UNAVAILABLE", "CUDA_ERROR_INVALID_PTX (218): ptxas");
    assertLoadFails(context, PTX.slice(0, -100), "GPU_UNAVAILABLE", "CUDA_ERROR_INVALID_PTX");
    const renamed = PTX.replaceAll("fovea_nms", "fovea_old");
    assertLoadFails(context, renamed, "GPU_FAILED", "Cannot find kernel fovea_nms");
    const shorter = PTX.replace(/(fovea_compact_param_0\[)\d+/, "$18");
    assertLoadFails(context, shorter, "GPU_FAILED", "CUDA_ERROR_INVALID_IMAGE");
    assertStringIncludes(emulator.fault, "fovea_compact: PTX and sources differ");
    emulator.fail("cuModuleLoadDataEx", 221);
    assertLoadFails(context, PTX, "GPU_UNAVAILABLE", "CUDA_ERROR_JIT_COMPILER_NOT_FOUND");
    assertEquals(emulator.alive("module"), 0);
  });
});

testWithEmulator(
  "KernelLaunch refuses blocks, grids and values that are impossible",
  (emulator) => {
    withContext(emulator, (context) => {
      using kernels = new CudaKernels(context, PTX);
      using stream = context.createStream();
      const values = { partials: 0n, totals: 0n, blocks: 1 };
      assertThrows(
        () => kernels.prepare("fovea_focal_total", [64, 1, 1], values),
        RangeError,
        "Cannot run fovea_focal_total with 64 threads: at most 32",
      );
      const launch = kernels.prepare("fovea_focal_total", [32, 1, 1], values);
      for (const [x, y, z] of [[0, 1, 1], [1, 0, 1], [1, 65536, 1], [1, 1, NaN]] as const) {
        assertThrows(() => launch.run(stream, x, y, z), RangeError, "blocks");
      }
      for (const wrong of [1.5, 2 ** 31, NaN, 3n]) {
        assertThrows(() => launch.parameters.set("blocks", wrong), RangeError, "as int blocks");
      }
      assertThrows(() => launch.parameters.set("totals", 5), RangeError, "as pointer totals");
    });
  },
);

testWithEmulator("a kernel that writes outside its memory loses the context", (emulator) => {
  withContext(emulator, (context) => {
    using kernels = new CudaKernels(context, PTX);
    using stream = context.createStream();
    using partials = context.allocate(8 * 9);
    using totals = context.allocate(8);
    const launch = kernels.prepare("fovea_focal_total", [32, 1, 1], {
      partials: partials.address,
      totals: totals.address,
      blocks: 1,
    });
    // The launch goes well; whoever waits for it gets the error, and so does every later call.
    launch.run(stream, 1);
    const error = assertThrows(() => stream.synchronize(), FoveaError, "ILLEGAL_ADDRESS (700)");
    assertEquals([error.code, isContextLost(error)], ["GPU_FAILED", true]);
    assertStringIncludes(emulator.fault, "fovea_focal_total wrote outside its memory");
    assert(isContextLost(assertThrows(() => context.allocate(1), FoveaError)));
    assert(isContextLost(assertThrows(() => launch.run(stream, 1), FoveaError)));
  });
  // Freeing said nothing, and the objects of a lost context die with the process.
  emulator.reset();
});

testWithEmulator("the driver copies parameters when a kernel is launched", (emulator) => {
  withContext(emulator, (context) => {
    using kernels = new CudaKernels(context, PTX);
    using stream = context.createStream();
    using parts = context.allocate(8);
    using first = context.allocate(4);
    using second = context.allocate(4);
    parts.write(Float32Array.of(1.5, 2));
    const launch = kernels.prepare("fovea_head_gradient_total", [32, 1, 1], {
      parts: parts.address,
      total: first.address,
      partCount: 2,
      length: 1,
    });
    launch.run(stream, 1);
    launch.parameters.assign({ total: second.address, partCount: 1 });
    launch.run(stream, 1);
    stream.synchronize();
    const found = [first, second].map((memory) => {
      const value = new Float32Array(1);
      memory.read(value);
      return value[0];
    });
    assertEquals(found, [3.5, 1.5]);
  });
});
