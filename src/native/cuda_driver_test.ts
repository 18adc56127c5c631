import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { type CudaEmulator, testWithEmulator } from "../../tests/support/cuda_emulator.ts";
import { compileLibrary, hasCompiler } from "../../tests/support/fake_onnxruntime/build.ts";
import { FoveaError, type FoveaErrorCode } from "../core/errors.ts";
import { CudaContext } from "./cuda_context.ts";
import { CudaDriver } from "./cuda_driver.ts";
import { CUDA_DRIVER_VARIABLE, cudaDriverPlaces } from "./cuda_places.ts";
import { type CudaFailure, isContextLost } from "./cuda_status.ts";

function open(emulator: CudaEmulator): CudaDriver {
  return CudaDriver.open(cudaDriverPlaces(emulator.path, null));
}

function assertFails(
  call: () => unknown,
  code: FoveaErrorCode,
  message: string,
): FoveaError & { readonly hint: string } {
  const error = assertThrows(call, FoveaError, message);
  assertEquals(error.code, code, error.message);
  return error as FoveaError & { readonly hint: string };
}

Deno.test("cudaDriverPlaces() takes what was asked for before what the environment names", () => {
  assertEquals(cudaDriverPlaces("/a", "/b"), [{ path: "/a", source: "asked for" }]);
  assertEquals(cudaDriverPlaces(null, "/b"), [{ path: "/b", source: CUDA_DRIVER_VARIABLE }]);
  const usual = cudaDriverPlaces(null, null).map(({ path }) => path);
  assertEquals(usual[0], "libcuda.so.1");
  assertEquals(usual.includes("/usr/lib/aarch64-linux-gnu/nvidia/libcuda.so.1"), true);
});

Deno.test("CudaDriver.open() names every place where there is no driver", () => {
  const places = ["/nowhere/libcuda.so.1", "/nowhere/else.so"].flatMap((path) => {
    return cudaDriverPlaces(path, null);
  });
  const error = assertFails(() => CudaDriver.open(places), "GPU_UNAVAILABLE", "/nowhere/else.so");
  assertStringIncludes(error.message, "/nowhere/libcuda.so.1 (asked for) cannot be opened");
  assertStringIncludes(error.hint, "Install NVIDIA's driver");
});

Deno.test("CudaDriver.open() tells another library from a driver", () => {
  const places = cudaDriverPlaces("libc.so.6", null);
  assertFails(
    () => CudaDriver.open(places),
    "GPU_UNAVAILABLE",
    "is another library: it has no cuInit",
  );
});

Deno.test({
  name: `CudaDriver.open() tells a driver that is too old${
    hasCompiler() ? "" : " [skipped: no g++]"
  }`,
  ignore: !hasCompiler(),
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "fovea_old_driver_" });
    try {
      const source = `${folder}/old.cc`;
      const exported = 'extern "C" __attribute__((visibility("default"))) int';
      await Deno.writeTextFile(source, `${exported} cuInit(unsigned) { return 0; }\n`);
      compileLibrary(source, `${folder}/libold.so`, folder);
      const places = cudaDriverPlaces(`${folder}/libold.so`, null);
      assertFails(() => CudaDriver.open(places), "GPU_UNAVAILABLE", "is too old: it has no cu");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("CudaDriver.open() refuses a file that is no library", () => {
  const path = new URL("../../deno.json", import.meta.url).pathname;
  const places = cudaDriverPlaces(path, null);
  assertFails(() => CudaDriver.open(places), "GPU_UNAVAILABLE", "cannot be opened");
});

testWithEmulator("CudaDriver tells what cuInit says, and what to do", (emulator) => {
  const cases = [
    [100, "CUDA_ERROR_NO_DEVICE", "nvidia-smi"],
    [34, "CUDA_ERROR_STUB_LIBRARY", "LD_LIBRARY_PATH"],
    [803, "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH", "libcuda.so.1 of the host"],
    [3, "CUDA_ERROR_NOT_INITIALIZED", "nvidia-smi"],
  ] as const;
  for (const [code, name, hint] of cases) {
    emulator.set("initResult", code);
    const error = assertFails(() => open(emulator), "GPU_UNAVAILABLE", `${name} (${code})`);
    assertStringIncludes(error.hint, hint);
    assertEquals((error.cause as CudaFailure).call, "cuInit");
  }
  emulator.set("initResult", 0);
  emulator.set("deviceCount", 0);
  assertFails(() => open(emulator), "GPU_UNAVAILABLE", "CUDA_ERROR_NO_DEVICE");
});

testWithEmulator("CudaDriver describes devices", (emulator) => {
  emulator.set("driverVersion", 12060);
  emulator.set("deviceCount", 2);
  emulator.set("computeCapability", 53);
  using driver = open(emulator);
  assertEquals([driver.version, driver.versionText, driver.path], [12060, "12.6", emulator.path]);
  const devices = driver.listDevices();
  assertEquals(devices.map(({ ordinal }) => ordinal), [0, 1]);
  assertEquals(devices[0], {
    ordinal: 0,
    name: "Emulated GPU",
    computeCapability: 53,
    integrated: true,
    mapsHostMemory: true,
    multiprocessors: 8,
    memoryBytes: 2 ** 33,
  });
  assertFails(() => driver.describeDevice(2), "GPU_UNAVAILABLE", "CUDA_ERROR_INVALID_DEVICE (101)");
  assertThrows(() => driver.describeDevice(-1), RangeError, "Cannot use GPU -1");
});

testWithEmulator("CudaDriver gives codes without a name a number", (emulator) => {
  using driver = open(emulator);
  emulator.fail("cuDeviceGetCount", 4242);
  const error = assertFails(() => driver.listDevices(), "GPU_FAILED", "unknown error (4242)");
  assertEquals(isContextLost(error), false);
});

testWithEmulator("CudaDriver that is closed refuses calls", (emulator) => {
  const driver = open(emulator);
  driver[Symbol.dispose]();
  driver[Symbol.dispose]();
  assertFails(() => driver.listDevices(), "DISPOSED", "it is closed");
});

testWithEmulator(
  "CudaContext frees what it has taken when it cannot be made current",
  (emulator) => {
    using driver = open(emulator);
    emulator.fail("cuCtxSetCurrent", 999);
    assertFails(() => new CudaContext(driver), "GPU_FAILED", "Cannot use the GPU on this thread");
    assertEquals(emulator.alive("context"), 0);
    emulator.fail("cuDevicePrimaryCtxRetain", 2);
    assertFails(() => new CudaContext(driver), "GPU_MEMORY", "CUDA_ERROR_OUT_OF_MEMORY (2)");
  },
);
