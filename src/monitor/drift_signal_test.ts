import { assertEquals } from "@std/assert";
import { DriftSignal } from "./drift_signal.ts";

/** Mean 1, deviation 0.5. */
const CALIBRATION = { reference: { count: 101, mean: 1, squares: 25 }, slack: 1, threshold: 9 };

Deno.test("a single frame counts for six deviations at most", () => {
  assertEquals(new DriftSignal(CALIBRATION).observe(2).report.z, 2);
  assertEquals(new DriftSignal(CALIBRATION).observe(100).report.z, 6);
  assertEquals(new DriftSignal(CALIBRATION).observe(-100).report.z, -6);
});

Deno.test("a jump of three deviations crosses after its threshold is piled up", () => {
  const signal = new DriftSignal(CALIBRATION);
  for (let i = 0; i < 50; i++) assertEquals(signal.observe(1).isCrossing, false);
  const steps = Array.from({ length: 6 }, () => signal.observe(2.5));
  assertEquals(steps.map(({ report }) => report.statistic), [2, 4, 6, 8, 10, 2]);
  assertEquals(steps.map(({ isCrossing }) => isCrossing), [
    false,
    false,
    false,
    false,
    true,
    false,
  ]);
  assertEquals(steps[4]!.risingFrames, 5);
});

Deno.test("what lasts crosses again and again", () => {
  const signal = new DriftSignal(CALIBRATION);
  const steps = Array.from({ length: 200 }, () => signal.observe(2.5));
  assertEquals(steps.filter(({ isCrossing }) => isCrossing).length, 40);
});

Deno.test("slack is what a rise must exceed", () => {
  const signal = new DriftSignal({ ...CALIBRATION, slack: 2 });
  assertEquals(signal.observe(2.5).report.statistic, 1);
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
