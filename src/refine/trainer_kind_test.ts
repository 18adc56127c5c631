import { assertEquals } from "@std/assert";
import { drawJob } from "../../tests/support/training_jobs.ts";
import { BuiltinTrainer } from "./builtin_trainer.ts";
import { SubstituteTrainer } from "./trainer_kind.ts";

Deno.test("a substitute trains like what it stands for, and says why it is there", async () => {
  const reason = "Cannot load TensorFlow.js: libtensorflow_cc.so.2: cannot open";
  await using substitute = new SubstituteTrainer(await BuiltinTrainer.create(), reason);
  await using builtin = await BuiltinTrainer.create();
  assertEquals(substitute.name, `${builtin.name} because: ${reason}`);
  assertEquals(await substitute.train(drawJob()), await builtin.train(drawJob()));
});
