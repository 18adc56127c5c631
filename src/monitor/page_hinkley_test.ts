import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { PageHinkley } from "./page_hinkley.ts";

Deno.test("the sum is that of its definition over the running mean", () => {
  const values = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), {
    minLength: 3,
    maxLength: 60,
  });
  fc.assert(
    fc.property(values, fc.constantFrom(1, 0.99), (values, memory) => {
      const detector = new PageHinkley({ warmup: 1, slack: 0.1, threshold: 1e6, memory });
      let expected = 0;
      values.forEach((value, i) => {
        detector.observe(value);
        const mean = values.slice(0, i + 1).reduce((sum, other) => sum + other) / (i + 1);
        expected = Math.max(0, memory * expected + value - mean - 0.1);
      });
      assertAlmostEquals(1e6 * detector.level, expected, 1e-9);
    }),
    { seed: 1 },
  );
});

Deno.test("falls are found where they count", () => {
  const values = Array.from({ length: 100 }, (_, i) => i < 50 ? 1 : 0);
  const found = (["rise", "fall", "both"] as const).map((direction) => {
    const detector = new PageHinkley({ slack: 0.01, threshold: 5, direction });
    return values.findIndex((value) => detector.observe(value) === "drift");
  });
  assertEquals(found, [-1, 55, 55]);
});

Deno.test("after a drift it warms up again", () => {
  const detector = new PageHinkley({ warmup: 10, slack: 0.01, threshold: 2 });
  for (let i = 0; i < 20; i++) detector.observe(0);
  const states = Array.from({ length: 15 }, () => detector.observe(1));
  assertEquals(states.slice(0, 4), ["stable", "stable", "drift", "warming"]);
  assertEquals(states[12], "stable");
});

Deno.test("bad options are refused", () => {
  for (
    const options of [
      { warmup: 0 },
      { slack: -1 },
      { threshold: 0 },
      { memory: 1.1 },
      { memory: NaN },
      { direction: "down" as never },
    ]
  ) assertThrows(() => new PageHinkley(options), RangeError, "Cannot watch");
});
