import { assertEquals } from "@std/assert";
import {
  NATIVE_TENSORFLOW_PACKAGES,
  openTrainer,
  TensorFlowTrainer,
} from "../../src/refine/mod.ts";
import { findNativeTensorFlow } from "../support/native_tensorflow.ts";
import { runTrainerCases } from "./trainer_cases.ts";

runTrainerCases(
  "TensorFlow.js, plain JavaScript",
  () => TensorFlowTrainer.create({ packages: ["@tensorflow/tfjs-core"] }),
);

const native = await findNativeTensorFlow();
if (typeof native === "string") {
  Deno.test({
    name: `TensorFlow.js, native [skipped: no TensorFlow: ${native}]`,
    ignore: true,
    fn() {},
  });
} else {
  runTrainerCases(
    "TensorFlow.js, native",
    () => TensorFlowTrainer.create({ packages: NATIVE_TENSORFLOW_PACKAGES }),
  );
  runTrainerCases("TensorFlow.js, on its thread", () => openTrainer({ kind: "tfjs" }));
}

Deno.test("openTrainer() takes native TensorFlow where it is found, else what is built in", async () => {
  await using trainer = await openTrainer({ kind: "auto" });
  // One that is there and broken is told of behind the name.
  const expected = typeof native === "string" ? "builtin (wasm)" : native.name;
  assertEquals(trainer.name.split(" because: ")[0], expected);
});
