import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { drawJob, PLAIN_HEAD } from "../../../tests/support/training_jobs.ts";
import { findNativeTensorFlow } from "../../../tests/support/native_tensorflow.ts";
import { FoveaError } from "../../core/errors.ts";
import { importTensorFlow } from "./import_tensorflow.ts";
import { NATIVE_TENSORFLOW_PACKAGES } from "./load_tensorflow.ts";
import { TensorFlowTrainer } from "./tensorflow_trainer.ts";

const native = await findNativeTensorFlow();
const packages = [
  "@tensorflow/tfjs-core" as const,
  ...(typeof native === "string" ? [] : [native.package]),
];

for (const name of packages) {
  Deno.test(`${name}: training frees every tensor, however it ends`, async () => {
    await using trainer = await TensorFlowTrainer.create({ packages: [name] });
    const { memory } = await importTensorFlow(name);
    await trainer.train(drawJob({ seed: 2, recipe: { steps: 2 } }));
    const before = memory().numTensors;
    await trainer.train(drawJob({ seed: 3 }));
    await trainer.train(drawJob({ seed: 3, head: PLAIN_HEAD, objectness: false, classes: [1] }));
    await trainer.train(drawJob({ seed: 3, rows: 0, replay: 0 }));
    assertEquals(memory().numTensors, before);
    const stop = new Error("enough");
    const abort = new AbortController();
    const onStep = (step: number) => {
      if (step === 2) abort.abort(stop);
    };
    const job = drawJob({ seed: 4 });
    assertStrictEquals(
      await assertRejects(() => trainer.train(job, { signal: abort.signal, onStep })),
      stop,
    );
    await assertRejects(() => trainer.train(job, { onStep: () => Promise.reject(stop) }), Error);
    const wild = drawJob({ seed: 4, recipe: { learningRate: 1e40 } });
    await assertRejects(() => trainer.train(wild), FoveaError);
    job.rows.features[3] = NaN;
    await assertRejects(() => trainer.train(job), FoveaError);
    assertEquals(memory().numTensors, before);
  });
}

Deno.test("a step can be held up and ended between its parts", async () => {
  const stop = new Error("enough");
  let parts = 0;
  await using trainer = await TensorFlowTrainer.create({
    packages: ["@tensorflow/tfjs-core"],
    between: () => {
      if (++parts === 6) throw stop;
    },
  });
  const steps: number[] = [];
  const onStep = (step: number) => void steps.push(step);
  const { memory } = await importTensorFlow("@tensorflow/tfjs-core");
  const before = memory().numTensors;
  assertStrictEquals(await assertRejects(() => trainer.train(drawJob(), { onStep })), stop);
  assertEquals(steps, [1, 2]);
  assertEquals(memory().numTensors, before);
});

Deno.test("TensorFlowTrainer.create() says how to get what is not installed", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const error = await assertRejects(
      () => TensorFlowTrainer.create({ packages: NATIVE_TENSORFLOW_PACKAGES, folder }),
      FoveaError,
      "@tensorflow/tfjs-node-gpu: not installed; @tensorflow/tfjs-node: not installed",
    );
    assertEquals(error.code, "ENGINE_UNAVAILABLE");
    const unbuilt = `${folder}/node_modules/@tensorflow/tfjs-node`;
    await Deno.mkdir(`${unbuilt}/lib/napi-v8`, { recursive: true });
    await Deno.writeTextFile(`${unbuilt}/package.json`, `{ "name": "@tensorflow/tfjs-node" }`);
    await assertRejects(
      () => TensorFlowTrainer.create({ packages: ["@tensorflow/tfjs-node"], folder }),
      FoveaError,
      "@tensorflow/tfjs-node: its native binding is not built",
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test({
  name: `two trainers at a time keep to their own backends${
    typeof native === "string" ? ` [skipped: no TensorFlow: ${native}]` : ""
  }`,
  ignore: typeof native === "string",
  async fn() {
    const trainers = await Promise.all(
      packages.map((name) => TensorFlowTrainer.create({ packages: [name] })),
    );
    const job = drawJob({ seed: 5 });
    const apart = [await trainers[0]!.train(job), await trainers[1]!.train(job)];
    const together = await Promise.all(trainers.map((trainer) => trainer.train(job)));
    assertEquals(together, apart);
    // They round differently; equal bits would mean that one has done all the work.
    assertEquals(JSON.stringify(apart[0]) === JSON.stringify(apart[1]), false);
  },
});
