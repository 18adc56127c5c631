import { assertEquals, assertLessOrEqual } from "@std/assert";
import { DriftSignal, standardise } from "./drift_signal.ts";

const CALIBRATION = { mean: 1, deviation: 0.5, threshold: 9 };

Deno.test("standardise() counts in deviations and cuts at six", () => {
  assertEquals(standardise(2, CALIBRATION), 2);
  assertEquals(standardise(100, CALIBRATION), 6);
  assertEquals(standardise(-100, CALIBRATION), -6);
});

Deno.test("a signal that never moved has a spread all the same", () => {
  assertEquals(standardise(1.002, { mean: 1, deviation: 0 }) > 1, true);
  assertEquals(standardise(0, { mean: 0, deviation: 0 }), 0);
});

Deno.test("a jump of three deviations is an alarm after its threshold is piled up", () => {
  const signal = new DriftSignal(CALIBRATION);
  for (let i = 0; i < 50; i++) assertEquals(signal.observe(1).isAlarm, false);
  const steps = Array.from({ length: 6 }, () => signal.observe(2.5));
  assertEquals(steps.map(({ report }) => report.statistic), [2, 4, 6, 8, 10, 2]);
  assertEquals(steps.map(({ isAlarm }) => isAlarm), [false, false, false, false, true, false]);
  assertEquals(steps[4]!.risingFrames, 5);
});

Deno.test("what lasts crosses again and again, but alarms only every 50 frames", () => {
  const signal = new DriftSignal(CALIBRATION);
  const steps = Array.from({ length: 200 }, () => signal.observe(2.5));
  assertEquals(steps.filter(({ isCrossing }) => isCrossing).length, 40);
  assertLessOrEqual(steps.filter(({ isAlarm }) => isAlarm).length, 4);
});

Deno.test("it does not see a fall", () => {
  const signal = new DriftSignal(CALIBRATION);
  for (let i = 0; i < 500; i++) assertEquals(signal.observe(-3).isCrossing, false);
});

Deno.test("a restored signal goes on as the first would have", () => {
  const values = Array.from({ length: 120 }, (_, i) => 1 + (i * 7919 % 13) / 6);
  for (const cut of [1, 17, 60]) {
    const [whole, first, second] = [1, 2, 3].map(() => new DriftSignal(CALIBRATION));
    const wanted = values.map((value) => whole!.observe(value));
    const before = values.slice(0, cut).map((value) => first!.observe(value));
    second!.restore(JSON.parse(JSON.stringify(first)));
    const after = values.slice(cut).map((value) => second!.observe(value));
    assertEquals([...before, ...after], wanted);
  }
});
