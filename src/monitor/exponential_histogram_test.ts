import { assert, assertAlmostEquals, assertEquals, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import { ExponentialHistogram, ROW_BUCKETS } from "./exponential_histogram.ts";

/** Buckets from old to new. */
function bucketsOf(window: ExponentialHistogram): { size: number; sum: number }[] {
  const buckets: { size: number; sum: number }[] = [];
  window.visit((size, sum) => buckets.push({ size, sum }) > 0);
  return buckets;
}

const VALUES = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), {
  minLength: 1,
  maxLength: 400,
});

Deno.test("buckets hold all values in order, with sum and variance of the window", () => {
  fc.assert(
    fc.property(VALUES, fc.nat(20), (values, drops) => {
      const window = new ExponentialHistogram();
      for (const value of values) window.add(value);
      let kept = values;
      for (let i = 0; i < drops && window.width > 0; i++) {
        kept = kept.slice(bucketsOf(window)[0]!.size);
        window.dropOldest();
      }
      assertEquals(window.width, kept.length);
      let at = 0;
      for (const { size, sum } of bucketsOf(window)) {
        const inside = kept.slice(at, at += size);
        assertAlmostEquals(sum, inside.reduce((total, value) => total + value, 0), 1e-9);
      }
      assertEquals(at, kept.length);
      const mean = kept.reduce((total, value) => total + value, 0) / Math.max(1, kept.length);
      const squares = kept.reduce((total, value) => total + (value - mean) ** 2, 0);
      assertAlmostEquals(window.sum, mean * kept.length, 1e-9);
      assertAlmostEquals(window.variance, squares / Math.max(1, kept.length), 1e-7);
    }),
    { seed: 1 },
  );
});

Deno.test("sizes double with age, and few buckets hold many values", () => {
  const window = new ExponentialHistogram();
  for (let i = 0; i < 100_000; i++) window.add(i % 7);
  const sizes = bucketsOf(window).map(({ size }) => size);
  assertEquals(sizes, sizes.toSorted((a, b) => b - a));
  assertEquals(sizes.reduce((sum, size) => sum + size), 100_000);
  for (const size of new Set(sizes)) {
    assertLessOrEqual(sizes.filter((other) => other === size).length, ROW_BUCKETS);
  }
  assert(sizes.length < 90, `${sizes.length} buckets`);
});

Deno.test("everything can be dropped and begun again", () => {
  const window = new ExponentialHistogram();
  for (let i = 0; i < 20; i++) window.add(i);
  while (window.width > 0) window.dropOldest();
  assertEquals([window.sum, window.squares, window.variance], [0, 0, 0]);
  window.add(3);
  assertEquals([window.width, window.sum, window.variance], [1, 3, 0]);
});

Deno.test("JSON brings back the same window", () => {
  fc.assert(
    fc.property(VALUES, (values) => {
      const window = new ExponentialHistogram();
      for (const value of values) window.add(value);
      const copy = new ExponentialHistogram();
      copy.restore(JSON.parse(JSON.stringify(window)));
      assertEquals(copy.toJSON(), window.toJSON());
      assertEquals(copy.width, window.width);
      window.add(1);
      copy.add(1);
      assertEquals(copy.toJSON(), window.toJSON());
    }),
    { seed: 2 },
  );
});
