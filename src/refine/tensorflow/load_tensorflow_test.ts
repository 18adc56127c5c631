import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { FoveaError } from "../../core/errors.ts";
import { importTensorFlow } from "./import_tensorflow.ts";
import { loadTensorFlow, type TensorFlow, type TensorFlowPackage } from "./load_tensorflow.ts";

const [GPU, NODE, CORE] = [
  "@tensorflow/tfjs-node-gpu",
  "@tensorflow/tfjs-node",
  "@tensorflow/tfjs-core",
] as const;

/** What a package would be: plain JavaScript under the name of a native backend. */
async function standIn(backend: "tensorflow" | "cpu", tell: object = {}): Promise<TensorFlow> {
  const tf = await importTensorFlow(CORE);
  let chosen = "";
  return {
    ...tf,
    setBackend(name: string) {
      chosen = name;
      return tf.setBackend("cpu").then(() => name === backend);
    },
    getBackend: () => chosen,
    backend: () => tell,
  } as TensorFlow;
}

Deno.test("loadTensorFlow() takes the GPU's package first, and asks no other then", async () => {
  const asked: TensorFlowPackage[] = [];
  const tf = await standIn("tensorflow", {
    binding: { TF_Version: "2.17.1" },
    isUsingGpuDevice: true,
  });
  const loaded = await loadTensorFlow(undefined, (name) => {
    asked.push(name);
    return Promise.resolve(tf);
  });
  assertEquals(asked, [GPU]);
  assertEquals(loaded.package, GPU);
  assertEquals(loaded.name, `tfjs (${GPU} 4.22.0, TensorFlow 2.17.1 on a GPU)`);
  assertEquals(loaded.refused, []);
});

Deno.test("loadTensorFlow() goes on to the next package, and keeps why", async () => {
  const tf = await standIn("tensorflow", { binding: { TF_Version: "2.21.0" } });
  const loaded = await loadTensorFlow(undefined, (name) => {
    if (name === GPU) return Promise.reject(new Error("libcudart.so.12: not found\nstack"));
    return Promise.resolve(tf);
  });
  assertEquals(loaded.name, `tfjs (${NODE} 4.22.0, TensorFlow 2.21.0)`);
  assertEquals(loaded.refused, [{ name: GPU, reason: "libcudart.so.12: not found" }]);
});

Deno.test("loadTensorFlow() ends at plain JavaScript", async () => {
  const loaded = await loadTensorFlow(
    undefined,
    (name) => name === CORE ? importTensorFlow(CORE) : Promise.reject(new Error("not installed")),
  );
  assertEquals(loaded.package, CORE);
  assertEquals(loaded.backend, "cpu");
  assertEquals(loaded.name, `tfjs (${CORE} 4.22.0, plain JavaScript)`);
  assertEquals(loaded.refused.map(({ name }) => name), [GPU, NODE]);
});

Deno.test("loadTensorFlow() refuses a package that loads and cannot compute", async () => {
  const tf = await standIn("tensorflow");
  const broken = { ...tf, add: tf.sub } as TensorFlow;
  const idle = await standIn("cpu");
  const error = await assertRejects(
    () => loadTensorFlow([GPU, NODE], (name) => Promise.resolve(name === GPU ? broken : idle)),
    FoveaError,
  );
  assertEquals(error.code, "ENGINE_UNAVAILABLE");
  assertStringIncludes(error.message, `${GPU}: its backend tensorflow says that 40 + 2 is 38`);
  assertStringIncludes(error.message, `${NODE}: its backend tensorflow does not start`);
  assertStringIncludes(error.hint!, "deno task tfjs:build");
});
