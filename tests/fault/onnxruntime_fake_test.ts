// What the engine asks of ONNX Runtime, and what becomes of every call that fails, seen from a
// library that records calls and does as it is told. It counts what it handed out, so that nothing
// may be left behind on any way out.
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { FoveaError } from "../../src/core/errors.ts";
import type { EngineOptions } from "../../src/engine/engine_options.ts";
import { loadLibOnnxRuntime } from "../../src/engine/libonnxruntime.ts";
import { identifyGpu, readTensorRtVersion } from "../../src/native/gpu_identity.ts";
import { liveHandles } from "../../src/native/native_handle.ts";
import {
  compileLibrary,
  FakeOnnxRuntime,
  testWithCompiler,
} from "../support/fake_onnxruntime/build.ts";

const MODEL = new Uint8Array(10);

/** Loads, runs once and disposes. */
async function useEngine(
  fake: FakeOnnxRuntime,
  options: EngineOptions = {},
  stream: bigint | null = null,
): Promise<void> {
  const all = { libraryPath: fake.path, ...options };
  await using engine = await loadLibOnnxRuntime(MODEL, all, stream);
  const data = new Float32Array([1, 2, 3, 4]);
  engine.setInput("x", { type: "float32", dims: [1, 4], data });
  assertEquals((await engine.run()).get("y").data, data);
}

function assertNothingLeft(fake: FakeOnnxRuntime, after: string): void {
  assertEquals([fake.live, [...liveHandles()]], [0, []], `after ${after}`);
}

testWithCompiler("every call that fails is a typed error, and nothing is left behind", async () => {
  using fake = new FakeOnnxRuntime();
  fake.addProvider("shared");
  fake.addProvider("cuda");
  fake.addProvider("tensorrt");
  const options: EngineOptions = {
    providers: ["tensorrt"],
    tensorrt: { fp16: true },
    cuda: { tf32: false },
    profilePrefix: `${fake.folder}/profile`,
    runTimeoutMs: 60_000,
  };
  await useEngine(fake, options, 16n);
  assertNothingLeft(fake, "a run without a fault");
  // What is not reached in such a run, and what cannot fail.
  const unreached = /^(Release|Get(ErrorCode|ErrorMessage|AvailableProviders)|RunOptionsSet)/;
  const reached = fake.functions.filter((name) => !unreached.test(name));
  assert(reached.length > 35);
  for (const name of reached.filter((name) => name !== "AllocatorFree")) {
    fake.reset();
    fake.fail(name, 1, `${name} is broken`);
    const error = await assertRejects(() => useEngine(fake, options, 16n), FoveaError, name);
    assert(error.code.startsWith("ENGINE_"), error.code);
    assertStringIncludes(error.message, `${name} is broken`);
    assertNothingLeft(fake, `a fault in ${name}`);
  }
});

testWithCompiler("session options reach the library", async () => {
  using fake = new FakeOnnxRuntime();
  await useEngine(fake, {
    threads: 3,
    spinning: true,
    graphOptimization: "extended",
    sessionConfig: { "session.set_denormal_as_zero": "1" },
  });
  for (
    const call of [
      "GetApi(11)",
      "SetIntraOpNumThreads(3)",
      "SetInterOpNumThreads(1)",
      "SetSessionExecutionMode(0)",
      "SetSessionGraphOptimizationLevel(2)",
      "AddSessionConfigEntry(session.intra_op.allow_spinning=1)",
      "AddSessionConfigEntry(session.set_denormal_as_zero=1)",
      "CreateSessionFromArray(10)",
    ]
  ) {
    assert(fake.log.includes(call), `${call} in ${fake.log.join(", ")}`);
  }
  assertEquals(fake.log.some((call) => call.includes("ProviderOptions")), false);
});

testWithCompiler(
  "TensorRT is asked for with its options, then CUDA on the same stream",
  async () => {
    using fake = new FakeOnnxRuntime();
    fake.addProvider("shared");
    fake.addProvider("tensorrt");
    await useEngine(fake, {
      providers: ["tensorrt", "cpu"],
      tensorrt: { deviceId: 1, int8: true, dlaCore: 0, userStream: 0x1230n },
    });
    assertEquals(fake.log.filter((call) => call.includes("rovider")), [
      "UpdateTensorRTProviderOptions(device_id=1)",
      "UpdateTensorRTProviderOptions(trt_int8_enable=1)",
      "UpdateTensorRTProviderOptions(trt_dla_enable=1)",
      "UpdateTensorRTProviderOptions(trt_dla_core=0)",
      "UpdateTensorRTProviderOptionsWithValue(user_compute_stream=0x1230)",
      "SessionOptionsAppendExecutionProvider_TensorRT_V2()",
      "UpdateCUDAProviderOptions(device_id=1)",
      "UpdateCUDAProviderOptionsWithValue(user_compute_stream=0x1230)",
      "SessionOptionsAppendExecutionProvider_CUDA_V2()",
    ]);
    fake.reset();
    await useEngine(fake, { providers: ["tensorrt"], tensorrt: { rest: "cpu" } });
    assertEquals(fake.log.filter((call) => call.includes("CUDA")), []);
  },
);

testWithCompiler("on a stream of ours runs do not wait, and addresses are the GPU's", async () => {
  using fake = new FakeOnnxRuntime();
  fake.addProvider("shared");
  fake.addProvider("cuda");
  const options = { libraryPath: fake.path, providers: ["cuda"], cuda: { deviceId: 3 } };
  for (const runTimeoutMs of [0, 60_000]) {
    fake.reset();
    const engine = await loadLibOnnxRuntime(MODEL, { ...options, runTimeoutMs }, 0x40n);
    for (
      const call of [
        "UpdateCUDAProviderOptionsWithValue(user_compute_stream=0x40)",
        "CreateMemoryInfo(Cuda, 0, 3, 0)",
        "AddRunConfigEntry(disable_synchronize_execution_providers=1)",
      ]
    ) {
      assert(fake.log.includes(call), `${call} in ${fake.log.join(", ")}`);
    }
    const { addressing } = engine;
    assertEquals([addressing!.memory, addressing!.isAsync], ["cuda", true]);
    const [from, to] = [Float32Array.of(1, 2, 3, 4), new Float32Array(4)];
    const [input, output] = [from, to].map((data) => ({
      type: "float32" as const,
      dims: [1, 4],
      address: Deno.UnsafePointer.value(Deno.UnsafePointer.of(data)),
    }));
    addressing!.bindInput("x", input!);
    addressing!.bindOutput("y", output!);
    const view = await engine.run();
    assertEquals(to, from);
    assertEquals(assertThrows(() => view.get("y"), FoveaError).code, "OUTPUT_SHAPE");
    // Bound anew, it is read as ever.
    const data = new Float32Array(4);
    engine.setOutput("y", { type: "float32", dims: [1, 4], data });
    assertEquals((await engine.run()).get("y").data, from);
    for (const wrong of [{ ...input!, address: 0n }, { ...input!, dims: [4] }]) {
      const error = assertThrows(() => addressing!.bindInput("x", wrong), FoveaError);
      assertEquals(error.code, "MODEL_UNSUPPORTED");
    }
    await engine[Symbol.asyncDispose]();
    assertNothingLeft(fake, "runs on a stream");
  }
  fake.reset();
  await useEngine(fake);
  assertEquals(fake.log.some((call) => call.includes("disable_synchronize")), false);
});

testWithCompiler("a provider's refusal is told by what is wrong", async () => {
  using fake = new FakeOnnxRuntime();
  fake.addProvider("shared");
  fake.addProvider("cuda");
  const cuda: EngineOptions = { providers: ["cuda", "cpu"], cuda: { tf32: true } };
  const refuse = async (options: EngineOptions): Promise<FoveaError> => {
    const error = await assertRejects(() => useEngine(fake, options), FoveaError);
    assertNothingLeft(fake, error.message);
    return error;
  };
  // An option that the version does not know is no reason to fall back.
  fake.fail("UpdateCUDAProviderOptions", 2, "Unknown provider option: use_tf32");
  const option = await refuse({ ...cuda, fallback: true });
  assertEquals(option.code, "ENGINE_OPTION");
  assertStringIncludes(option.message, "use_tf32");
  // A device that is not there is one.
  fake.reset();
  fake.fail("CreateSessionFromArray", 11, "CUDA failure 100: no CUDA-capable device is detected");
  const device = await refuse(cuda);
  assertEquals(device.code, "ENGINE_UNAVAILABLE");
  assertStringIncludes(device.message, "no CUDA-capable device");
  // A model that no provider could load is the model's fault.
  fake.reset();
  fake.fail("CreateSessionFromArray", 7, "Protobuf parsing failed");
  assertEquals((await refuse({ ...cuda, fallback: true })).code, "ENGINE_FAILED");
  // A stream needs a library that can take one.
  fake.reset();
  fake.setVersion("1.15.1", 15);
  const stream = await refuse({ providers: ["cuda"], cuda: { userStream: 16n } });
  assertEquals(stream.code, "ENGINE_OPTION");
  assertStringIncludes(stream.hint!, "1.16");
});

testWithCompiler("a provider that misses a dependency is told with that dependency", async () => {
  using fake = new FakeOnnxRuntime();
  fake.addProvider("shared");
  const { folder } = fake;
  const [source, missing] = [`${folder}/part.cc`, `${folder}/libcublasLt.so.12`];
  await Deno.writeTextFile(
    source,
    'extern "C" __attribute__((visibility("default"))) int f() { return 1; }',
  );
  compileLibrary(source, missing, folder);
  const user = `${folder}/user.cc`;
  await Deno.writeTextFile(user, 'extern "C" int f(); int g() { return f(); }');
  const { success } = await new Deno.Command("g++", {
    args: ["-shared", "-fPIC", "-o", `${folder}/libonnxruntime_providers_cuda.so`, user, missing],
  }).output();
  assertEquals(success, true);
  await Deno.remove(missing);
  fake.fail("SessionOptionsAppendExecutionProvider_CUDA_V2", 1, "Failed to load shared library");
  const error = await assertRejects(() => useEngine(fake, { providers: ["cuda"] }), FoveaError);
  assertEquals(error.code, "ENGINE_UNAVAILABLE");
  assertStringIncludes(error.message, `${folder}/libonnxruntime_providers_cuda.so`);
  assertStringIncludes(error.message, "libcublasLt.so.12: cannot open shared object file");
});

testWithCompiler("GPU and TensorRT tell what they are, or why not", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const source = `${folder}/gpu.cc`;
    const library = `${folder}/libfake_gpu.so`;
    await Deno.writeTextFile(
      source,
      `#include <cstring>
      #define EXPORT extern "C" __attribute__((visibility("default")))
      EXPORT int cuInit(unsigned) { return 0; }
      EXPORT int cuDeviceGet(int* device, int ordinal) { *device = 40 + ordinal; return ordinal ? 101 : 0; }
      EXPORT int cuDeviceGetName(char* name, int, int device) { strcpy(name, "Orin"); return device != 40; }
      EXPORT int cuDeviceGetAttribute(int* value, int what, int) { *value = what == 75 ? 8 : 7; return 0; }
      EXPORT int getInferLibVersion() { return 100300; }`,
    );
    compileLibrary(source, library, folder);
    const places = [{ path: library, source: "test" }];
    assertEquals(identifyGpu(0, places), { name: "Orin", computeCapability: "87" });
    assertEquals(readTensorRtVersion(places), "100300");
    const absent = await assertRejects(async () => await identifyGpu(1, places), FoveaError);
    assertEquals(absent.code, "ENGINE_UNAVAILABLE");
    assertStringIncludes(absent.message, "cuDeviceGet gave 101");
    const nowhere = [{ path: `${folder}/libcuda.so.1`, source: "test" }];
    for (const ask of [() => identifyGpu(0, nowhere), () => readTensorRtVersion(nowhere)]) {
      const error = await assertRejects(async () => await ask(), FoveaError, "libcuda.so.1");
      assertEquals(error.code, "ENGINE_UNAVAILABLE");
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
