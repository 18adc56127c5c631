import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { checkDefaultEngine, checkLibOnnxRuntime } from "./check_engine.ts";
import { checkKernels } from "./check_kernels.ts";
import { checkOnnxRuntime, checkVideoLibrary, listCameras } from "./check_libraries.ts";

Deno.test("checkKernels() finds the kernels of this copy in order", async () => {
  assertEquals(await checkKernels(), {
    check: "kernels",
    status: "ok",
    found: "WebAssembly SIMD, equal to the references",
    todo: null,
    needed: true,
  });
});

Deno.test("checkOnnxRuntime() names version and providers", async () => {
  const finding = await checkOnnxRuntime(true);
  assertEquals(finding.status, "ok");
  assertStringIncludes(finding.found, "providers cpu");
});

Deno.test("checkLibOnnxRuntime() names the library, where it was looked for, and its providers", () => {
  const [library, ...providers] = checkLibOnnxRuntime(true);
  assertMatch(library!.found, /^1\.\d+\.\d+ from .+ORT_DYLIB_PATH/);
  assertEquals(providers[0]!.check, "provider cpu");
  for (const { status, found, needed } of providers.slice(1)) {
    assertEquals([status === "ok" || found.includes(".so"), needed], [true, false]);
  }
});

Deno.test("checkDefaultEngine() tells what runs where nothing is asked for", async () => {
  const engine = Deno.build.os === "linux" ? "libonnxruntime" : "onnxruntime-node";
  assertEquals((await checkDefaultEngine()).found.startsWith(engine), true);
});

Deno.test("checkVideoLibrary() names FFmpeg and the encoders", async () => {
  const finding = await checkVideoLibrary(true);
  assertEquals(finding.status, "ok");
  assertStringIncludes(finding.found, "libx264");
});

Deno.test("the libraries are not touched where a person would be asked for a permission", async () => {
  assertEquals((await checkOnnxRuntime(false)).status, "missing");
  assertEquals(checkLibOnnxRuntime(false).map(({ status }) => status), ["unknown"]);
  assertEquals((await checkVideoLibrary(false)).status, "missing");
  const cameras = await listCameras(false);
  assertEquals([cameras.status, cameras.needed], ["unknown", false]);
  assertStringIncludes(cameras.todo!, "--allow-ffi");
});
