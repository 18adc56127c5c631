import { assertEquals } from "@std/assert";
import { makeTree } from "../../tests/support/fake_tree.ts";
import { THOR } from "../../tests/support/fake_boards.ts";
import { testWithCompiler } from "../../tests/support/fake_onnxruntime/build.ts";
import { buildLibrary } from "../../tests/support/native_source.ts";
import { openTelemetry } from "../board/telemetry.ts";
import { Nvml } from "./nvml.ts";

const NOT_SUPPORTED = 3;

/** A library whose calls return what `codes` says, 0 by default, and write fixed numbers. */
function sourceOf(codes: Readonly<Record<string, number>> = {}): string {
  const code = (name: string) => codes[name] ?? 0;
  return `extern "C" {
    int nvmlInit_v2() { return ${code("init")}; }
    int nvmlShutdown() { return 0; }
    int nvmlDeviceGetHandleByIndex_v2(unsigned index, void** device) {
      *device = (void*)0x1234; return index == 0 ? ${code("handle")} : 2;
    }
    int nvmlDeviceGetUtilizationRates(void*, unsigned* out) {
      out[0] = 43; out[1] = 99; return ${code("load")};
    }
    int nvmlDeviceGetTemperature(void*, int, unsigned* out) { *out = 57; return ${code("heat")}; }
    int nvmlDeviceGetPowerUsage(void*, unsigned* out) { *out = 18250; return ${code("power")}; }
    int nvmlDeviceGetClockInfo(void*, int, unsigned* out) { *out = 1410; return ${code("clock")}; }
    int nvmlDeviceGetMaxClockInfo(void*, int, unsigned* out) {
      *out = 1980; return ${code("clock")};
    }
  }`;
}

testWithCompiler("Nvml reads load, heat, power and clocks of a GPU", async () => {
  await using library = await buildLibrary("nvml", sourceOf());
  using nvml = Nvml.open(["/fovea-none.so", library.path])!;
  assertEquals(nvml.read(), {
    load: 0.43,
    celsius: 57,
    milliwatts: 18_250,
    clockHz: 1410e6,
    clockMaxHz: 1980e6,
  });
});

testWithCompiler("Nvml tells what a board does not support as null", async () => {
  const codes = { load: NOT_SUPPORTED, heat: NOT_SUPPORTED, power: NOT_SUPPORTED, clock: 999 };
  await using library = await buildLibrary("nvml", sourceOf(codes));
  using nvml = Nvml.open([library.path])!;
  assertEquals(nvml.read(), {
    load: null,
    celsius: null,
    milliwatts: null,
    clockHz: null,
    clockMaxHz: null,
  });
});

testWithCompiler("Nvml is absent where driver or GPU are", async () => {
  await using noDriver = await buildLibrary("nvml", sourceOf({ init: 9 }));
  await using noGpu = await buildLibrary("nvml", sourceOf({ handle: 6 }));
  await using other = await buildLibrary("other", 'extern "C" int nvmlInit_v2() { return 0; }');
  assertEquals(Nvml.open([noDriver.path, noGpu.path, other.path, "/fovea-none.so"]), null);
});

testWithCompiler("a Thor tells the load of its GPU through the library", async () => {
  await using library = await buildLibrary("nvml", sourceOf({ power: NOT_SUPPORTED }));
  await using tree = await makeTree(THOR);
  using telemetry = openTelemetry({ root: tree.root, nvmlPlaces: [library.path] });
  const { gpuLoad, gpuClock, temperatures } = telemetry.sample();
  assertEquals([gpuLoad, gpuClock.nowHz], [0.43, 1574e6]);
  assertEquals(temperatures, [{ name: "gpu", celsius: 57 }]);
});
