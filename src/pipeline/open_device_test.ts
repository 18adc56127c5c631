import { assertEquals, assertStringIncludes } from "@std/assert";
import { type CudaEmulator, testWithEmulator } from "../../tests/support/cuda_emulator.ts";
import { bundledLibrary } from "../engine/onnxruntime_places.ts";
import { CUDA_DRIVER_VARIABLE } from "../native/cuda_places.ts";
import { loadPerceiver } from "./load_perceiver.ts";
import { openDevice } from "./open_device.ts";
import type { LoadRequest } from "./protocol.ts";

const MODEL = await Deno.readFile(new URL("../../models/tiny/yolo_v8.onnx", import.meta.url));

function makeRequest(change: Partial<LoadRequest> = {}): LoadRequest {
  return {
    model: MODEL,
    engine: "libonnxruntime",
    engineOptions: { providers: ["cuda"] },
    resolve: {},
    decode: {
      iouThreshold: 0.5,
      agnosticNms: false,
      maxDetections: 50,
      labels: "best",
    },
    classes: null,
    head: null,
    ...change,
  };
}

/** Names a driver in the environment while `fn` runs. */
async function withDriver(path: string, fn: () => Promise<void>): Promise<void> {
  const before = Deno.env.get(CUDA_DRIVER_VARIABLE);
  Deno.env.set(CUDA_DRIVER_VARIABLE, path);
  try {
    await fn();
  } finally {
    if (before === undefined) Deno.env.delete(CUDA_DRIVER_VARIABLE);
    else Deno.env.set(CUDA_DRIVER_VARIABLE, before);
  }
}

/** Whether a request opens the GPU. */
async function opens(emulator: CudaEmulator, change: Partial<LoadRequest>): Promise<boolean> {
  const { session, fault } = await openDevice(makeRequest(change));
  using _ = session;
  assertEquals(fault, null);
  assertEquals(emulator.alive("context"), session === null ? 0 : 1);
  return session !== null;
}

testWithEmulator("openDevice() opens a GPU for models that run on one", async (emulator) => {
  await withDriver(emulator.path, async () => {
    const { decode } = makeRequest();
    assertEquals(await opens(emulator, {}), true);
    assertEquals(await opens(emulator, { engineOptions: { providers: ["tensorrt"] } }), true);
    const preferred = { providers: ["cpu", "cuda"], fallback: true };
    assertEquals(await opens(emulator, { engineOptions: preferred }), true);
    assertEquals(await opens(emulator, { engineOptions: {} }), false);
    assertEquals(await opens(emulator, { engineOptions: { providers: ["cpu", "cuda"] } }), false);
    assertEquals(await opens(emulator, { engine: "onnxruntime-node" }), false);
    assertEquals(await opens(emulator, { decode: { ...decode, labels: "all" } }), false);
    const shared = { providers: ["cuda"], cuda: { userStream: 16n } };
    assertEquals(await opens(emulator, { engineOptions: shared }), false);
  });
});

testWithEmulator("openDevice() opens the GPU that is asked for", async (emulator) => {
  emulator.set("deviceCount", 2);
  await withDriver(emulator.path, async () => {
    for (const [provider, ordinal] of [["cuda", 1], ["tensorrt", 0]] as const) {
      const engineOptions = { providers: [provider], [provider]: { deviceId: ordinal } };
      const { session } = await openDevice(makeRequest({ engineOptions }));
      using _ = session;
      assertEquals(session!.context.device.ordinal, ordinal);
    }
  });
});

Deno.test("openDevice() tells why a GPU cannot be had", async () => {
  await withDriver("/nowhere/libcuda.so.1", async () => {
    const { session, fault } = await openDevice(makeRequest());
    assertEquals([session, fault!.code], [null, "GPU_UNAVAILABLE"]);
    assertStringIncludes(fault!.message, "/nowhere/libcuda.so.1");
  });
});

testWithEmulator("a model that falls back to the processor frees the GPU", async (emulator) => {
  await withDriver(emulator.path, async () => {
    const engineOptions = {
      libraryPath: bundledLibrary(),
      providers: ["cuda", "cpu"],
      fallback: true,
    };
    const { perceiver, reply } = await loadPerceiver(makeRequest({ engineOptions }));
    await using _ = perceiver;
    assertEquals([reply.provider, reply.kernels], ["cpu", "wasm"]);
    assertEquals(reply.missedProviders.length, 1);
    assertEquals(emulator.leaks(), []);
  });
});
