import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Cusum } from "./cusum.ts";

const VALUES = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), {
  minLength: 30,
  maxLength: 90,
});

Deno.test("the sum is that of its definition over a two-pass reference", () => {
  fc.assert(
    fc.property(VALUES, (values) => {
      const detector = new Cusum({ warmup: 20, slack: 0.5, threshold: 1e6, clip: 3 });
      for (const value of values) detector.observe(value);
      const clean = values.slice(0, 20);
      const mean = clean.reduce((sum, value) => sum + value) / 20;
      const squares = clean.reduce((sum, value) => sum + (value - mean) ** 2, 0);
      const deviation = Math.max(Math.sqrt(squares / 19), 1e-3 * Math.abs(mean) + 1e-6);
      let expected = 0;
      for (const value of values.slice(20)) {
        const score = Math.min(Math.max((value - mean) / deviation, -3), 3);
        expected = Math.max(0, expected + score - 0.5);
      }
      assertAlmostEquals(1e6 * detector.level, expected, 1e-6);
    }),
    { seed: 1 },
  );
});

Deno.test("falls are found where they count", () => {
  const values = Array.from({ length: 100 }, (_, i) => (i % 2) + (i < 60 ? 0 : -4));
  const found = (["rise", "fall", "both"] as const).map((direction) => {
    const detector = new Cusum({ warmup: 50, direction });
    return values.some((value) => detector.observe(value) === "drift");
  });
  assertEquals(found, [false, true, true]);
});

Deno.test("one outlier is not a drift, however large", () => {
  const detector = new Cusum({ warmup: 50 });
  for (let i = 0; i < 60; i++) detector.observe(i % 2);
  assertEquals(detector.observe(1e9), "stable");
  assertAlmostEquals(detector.level, 5 / 20, 1e-12);
});

Deno.test("a lasting drift is reported again and again, the reference does not move", () => {
  const detector = new Cusum({ warmup: 50 });
  for (let i = 0; i < 50; i++) detector.observe(i % 2);
  const drifts = Array.from({ length: 60 }, (_, i) => detector.observe(5 + i % 2))
    .filter((state) => state === "drift");
  assert(drifts.length > 5);
});

Deno.test("a reference that never moved makes no alarm of a rounding", () => {
  const detector = new Cusum({ warmup: 50 });
  for (let i = 0; i < 50; i++) detector.observe(100);
  for (let i = 0; i < 500; i++) assertEquals(detector.observe(100.05), "stable");
});

Deno.test("bad options are refused", () => {
  for (
    const options of [
      { warmup: 1 },
      { warmup: 2.5 },
      { slack: -1 },
      { slack: NaN },
      { threshold: 0 },
      { threshold: Infinity },
      { clip: 0 },
      { direction: "down" as never },
    ]
  ) assertThrows(() => new Cusum(options), RangeError, "Cannot watch");
});
