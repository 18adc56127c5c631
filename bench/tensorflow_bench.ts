/*
 * Five steps of training a head on 3,075 rows of 80 classes: TensorFlow.js natively and in plain
 * JavaScript, beside the built-in trainer. All must come to the same loss before anything is timed.
 */
import {
  BuiltinTrainer,
  NATIVE_TENSORFLOW_PACKAGES,
  TensorFlowTrainer,
  type Trainer,
} from "../src/refine/mod.ts";
import { findNativeTensorFlow } from "../tests/support/native_tensorflow.ts";
import { drawFullJob } from "../tests/support/training_jobs.ts";
import { benchSize } from "./bench_size.ts";

const { small } = benchSize();
const job = drawFullJob(5);
const runs = small ? { n: 1, warmup: 0 } : {};

const trainers: Trainer[] = [
  await BuiltinTrainer.create(),
  await TensorFlowTrainer.create({ packages: ["@tensorflow/tfjs-core"] }),
];
const native = await findNativeTensorFlow();
if (typeof native === "string") {
  Deno.stderr.writeSync(new TextEncoder().encode(`native TensorFlow is skipped: ${native}\n`));
} else {
  trainers.push(await TensorFlowTrainer.create({ packages: NATIVE_TENSORFLOW_PACKAGES }));
}

let expected: number | null = null;
for (const trainer of trainers) {
  const last = (await trainer.train(job)).losses.at(-1)!.total;
  expected ??= last;
  if (!(Math.abs(last - expected) <= 1e-3 * expected)) {
    throw new Error(`Cannot time ${trainer.name}: its loss is ${last}, and should be ${expected}`);
  }
  Deno.bench({
    name: trainer.name,
    group: "five steps of 3,075 rows",
    baseline: trainer === trainers[0],
    ...runs,
    fn: async () => void await trainer.train(job),
  });
}
