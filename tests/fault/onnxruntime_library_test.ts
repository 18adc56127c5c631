// ONNX Runtime's shared library is missing, broken, another one, or too old; its providers are not
// there. Each is told apart, with the path that was tried.
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { FoveaError } from "../../src/core/errors.ts";
import type { EngineOptions } from "../../src/engine/engine_options.ts";
import { loadLibOnnxRuntime } from "../../src/engine/libonnxruntime.ts";
import { loadOnnxRuntimeNode } from "../../src/engine/onnxruntime_node.ts";
import { bundledLibrary } from "../../src/engine/onnxruntime_places.ts";
import { liveHandles } from "../../src/native/native_handle.ts";
import { FakeOnnxRuntime, testWithCompiler } from "../support/fake_onnxruntime/build.ts";

const MODEL = Deno.readFileSync(new URL("../../models/tiny/yolo_v8.onnx", import.meta.url));

async function refusal(options: EngineOptions): Promise<FoveaError> {
  const error = await assertRejects(() => loadLibOnnxRuntime(MODEL, options), FoveaError);
  assertEquals([...liveHandles()], []);
  return error;
}

Deno.test("a library that is missing, no library or another one is told, with its path", async () => {
  const text = await Deno.makeTempFile({ suffix: ".so" });
  try {
    await Deno.writeTextFile(text, "not a library");
    const cases: readonly (readonly [string, string])[] = [
      ["/nowhere/libonnxruntime.so", "cannot be opened: /nowhere/libonnxruntime.so: cannot open"],
      [text, "cannot be opened"],
      ["libm.so.6", "is another library: it has no OrtGetApiBase"],
    ];
    for (const [libraryPath, words] of cases) {
      const { code, message, hint } = await refusal({ libraryPath });
      assertEquals(code, "ENGINE_UNAVAILABLE");
      assertStringIncludes(message, `${libraryPath} (option libraryPath) ${words}`);
      assertStringIncludes(hint!, "onnxruntime-node");
    }
  } finally {
    await Deno.remove(text);
  }
});

testWithCompiler("a library that is too old is told with both versions", async () => {
  using fake = new FakeOnnxRuntime();
  fake.setVersion("1.10.0", 10);
  const { code, message } = await refusal({ libraryPath: fake.path });
  assertEquals(code, "ENGINE_UNAVAILABLE");
  assertStringIncludes(message, "is too old: it is ONNX Runtime 1.10.0, 1.11 is needed");
  // The oldest that will do.
  fake.setVersion("1.11.0", 11);
  await using engine = await loadLibOnnxRuntime(MODEL, { libraryPath: fake.path });
  assertStringIncludes(engine.library, "1.11.0");
});

Deno.test("a provider whose library is missing is told with the file and the loader's words", async () => {
  const libraryPath = bundledLibrary()!;
  const folder = libraryPath.slice(0, libraryPath.lastIndexOf("/"));
  for (const provider of ["cuda", "tensorrt"]) {
    const { code, message, hint } = await refusal({ libraryPath, providers: [provider] });
    assertEquals(code, "ENGINE_UNAVAILABLE");
    assertStringIncludes(message, `${folder}/libonnxruntime_providers_shared.so: cannot open`);
    assertStringIncludes(hint!, "fallback");
  }
});

Deno.test("a provider that is missing is replaced where a fallback is allowed, and told", async () => {
  const libraryPath = bundledLibrary()!;
  const providers = ["tensorrt", "cuda", "cpu"];
  await using engine = await loadLibOnnxRuntime(MODEL, { libraryPath, providers, fallback: true });
  assertEquals(engine.provider, "cpu");
  assertEquals(engine.missedProviders.map((why) => why.split(":")[0]), ["tensorrt", "cuda"]);
});

Deno.test("both engines live in one process, whatever goes first", async () => {
  const libraryPath = bundledLibrary()!;
  for (const first of [loadLibOnnxRuntime, loadOnnxRuntimeNode]) {
    const second = first === loadLibOnnxRuntime ? loadOnnxRuntimeNode : loadLibOnnxRuntime;
    const path = (load: unknown) => load === loadLibOnnxRuntime ? { libraryPath } : {};
    const one = await first(MODEL, path(first));
    await using other = await second(MODEL, path(second));
    await one[Symbol.asyncDispose]();
    const { name, dims, type } = other.inputs[0]!;
    other.setInput(name, { type, dims, data: new Float32Array(3 * 96 * 128) });
    assertEquals((await other.run()).get("output0").dims, [1, 6, 252]);
  }
});
