import { assertEquals } from "@std/assert";
import { ManualClock } from "../core/clock.ts";
import { makeResult } from "../../tests/support/fake_result.ts";
import { TrainingPace } from "../refine/training_pace.ts";
import { governTraining } from "./govern_training.ts";

function resultOf(seq: number, total: number) {
  const result = makeResult({ seq });
  return { ...result, timingsMs: { ...result.timingsMs, total } };
}

Deno.test("governTraining() gives way to a loop that becomes slow, and reads the board each second", async () => {
  const clock = new ManualClock();
  const pace = new TrainingPace();
  let [celsius, samples] = [50, 0];
  const telemetry = {
    sample: () => {
      samples++;
      return { temperatures: [{ celsius }], boardMilliwatts: null };
    },
  };
  using governed = governTraining(pace, { telemetry, clock });
  assertEquals(governed.seesBoard, true);
  for (let seq = 0; seq < 40; seq++) {
    governed.observe(resultOf(seq, 10));
    await clock.advance(50);
  }
  assertEquals(samples, 2);
  governed.begin();
  for (let seq = 40; seq < 48; seq++) governed.observe(resultOf(seq, 15));
  assertEquals([pace.share, governed.restraint], [0.125, "frames"]);
  celsius = 95;
  await clock.advance(1_000);
  governed.observe({ ...resultOf(48, 0), kind: "state" });
  assertEquals([pace.share, governed.restraint], [0, "heat"]);
  governed[Symbol.dispose]();
  assertEquals([pace.share, governed.restraint], [1, null]);
});

Deno.test("governTraining() does without sensors where there are none", () => {
  const pace = new TrainingPace();
  using governed = governTraining(pace, { telemetry: null });
  assertEquals(governed.seesBoard, false);
  governed.begin();
  governed.observe(resultOf(0, 10));
  governed.end();
  assertEquals(pace.share, 1);
});
