import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { testWithEmulator } from "../../tests/support/cuda_emulator.ts";
import { checkGpu, describeDriver } from "./check_gpu.ts";

Deno.test("checkGpu() does not try without permission", async () => {
  const [finding] = await checkGpu(false, null);
  assertEquals([finding!.status, finding!.needed], ["unknown", false]);
});

Deno.test("checkGpu() names the driver that is not there, and is not needed", async () => {
  const findings = await checkGpu(true, "/nowhere/libcuda.so.1");
  assertEquals(findings.map(({ check, status, needed }) => [check, status, needed]), [
    ["cuda driver", "missing", false],
  ]);
  assertStringIncludes(findings[0]!.found, "/nowhere/libcuda.so.1 (FOVEA_LIBCUDA)");
  assertStringIncludes(findings[0]!.todo!, "NVIDIA's driver");
});

testWithEmulator("checkGpu() tells driver, devices and the self-test", async (emulator) => {
  emulator.set("driverVersion", 12060);
  const findings = await checkGpu(true, emulator.path);
  assertEquals(findings.map(({ check, status }) => [check, status]), [
    ["cuda driver", "ok"],
    ["gpu 0", "ok"],
    ["cuda kernels", "ok"],
  ]);
  assertMatch(findings[0]!.found, /^CUDA 12\.6 \(PTX 8\.5\) from /);
  assertEquals(
    findings[1]!.found,
    "Emulated GPU, compute capability 8.7, 8 multiprocessors, 8.0 GiB; pictures are read in place",
  );
});

testWithEmulator("checkGpu() says what to do about each fault", async (emulator) => {
  emulator.set("initResult", 100);
  const [noDevice] = await checkGpu(true, emulator.path);
  assertEquals(noDevice!.status, "missing");
  assertStringIncludes(noDevice!.todo!, "nvidia-smi");
  emulator.reset();
  emulator.set("ptxVersion", 50);
  const [, , kernels] = await checkGpu(true, emulator.path);
  assertEquals(kernels!.status, "missing");
  assertStringIncludes(kernels!.found, "CUDA_ERROR_UNSUPPORTED_PTX_VERSION");
  assertStringIncludes(kernels!.todo!, "Update NVIDIA's driver");
});

Deno.test("checkGpu() takes no driver for no fault on a PC, and for one on a Jetson", async () => {
  const places = [{ path: "/nowhere/libcuda.so.1", source: "by name" }];
  const [pc] = await checkGpu(true, null, false, places);
  assertEquals([pc!.status, pc!.todo], ["ok", null]);
  const [jetson] = await checkGpu(true, "/nowhere/libcuda.so.1", true);
  assertEquals(jetson!.status, "missing");
  assertStringIncludes(jetson!.todo!, "nvidia-l4t-cuda");
});

Deno.test("describeDriver() tells drivers that are too old for the kernels", () => {
  assertEquals(
    describeDriver("11.4", "libcuda.so.1").found,
    "CUDA 11.4 (PTX 7.4) from libcuda.so.1",
  );
  assertEquals(describeDriver("11.4", "libcuda.so.1").status, "ok");
  const old = describeDriver("9.2", "libcuda.so.1");
  assertEquals([old.status, old.found], ["missing", "CUDA 9.2 (PTX 6.2) from libcuda.so.1"]);
  assertStringIncludes(describeDriver("8.0", "x").found, "before 6.0");
});
