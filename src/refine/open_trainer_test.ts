import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { FoveaError } from "../core/errors.ts";
import { drawJob } from "../../tests/support/training_jobs.ts";
import { BuiltinTrainer } from "./builtin_trainer.ts";
import { openTrainer } from "./open_trainer.ts";

Deno.test("openTrainer() trains as the same trainer does on the caller's thread", async () => {
  const job = drawJob({ seed: 3 });
  await using here = await BuiltinTrainer.create();
  await using there = await openTrainer({ kind: "builtin" });
  assertEquals(there.name, here.name);
  assertEquals(await there.train(job), await here.train(job));
});

Deno.test("openTrainer() holds on at a pace of 0, and goes on or ends when told to", async () => {
  await using trainer = await openTrainer();
  const job = drawJob({ seed: 4 });
  const expected = await trainer.train(job);
  const steps: number[] = [];
  const held = Promise.withResolvers<void>();
  const training = trainer.train(job, {
    onStep: (step) => {
      steps.push(step);
      if (step !== 2) return;
      trainer.pace.share = 0;
      held.resolve();
    },
  });
  await held.promise;
  // A second job waits behind it and may be given up meanwhile.
  const abort = new AbortController();
  const waiting = trainer.train(job, { signal: abort.signal });
  abort.abort(new Error("changed my mind"));
  await assertRejects(() => waiting, Error, "changed my mind");
  assertEquals(steps, [1, 2]);
  trainer.pace.share = 1;
  assertEquals(await training, expected);
  // Ended while it holds.
  const stop = new AbortController();
  trainer.pace.share = 0;
  const ended = trainer.train(job, { signal: stop.signal });
  const reason = new Error("over");
  stop.abort(reason);
  assertStrictEquals(await assertRejects(() => ended), reason);
});

Deno.test("openTrainer() that is disposed ends what is under way, also while it holds", async () => {
  const trainer = await openTrainer();
  trainer.pace.share = 0;
  const training = trainer.train(drawJob({ seed: 5 }));
  const refused = assertRejects(() => training, FoveaError, "disposed");
  await trainer[Symbol.asyncDispose]();
  assertEquals((await refused).code, "DISPOSED");
});

Deno.test("openTrainer() says so where what is asked for is not there", async () => {
  const error = await assertRejects(() => openTrainer({ kind: "none" as "auto" }), Error);
  assertEquals(error instanceof FoveaError, true);
});
