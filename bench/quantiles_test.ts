import { assertEquals } from "@std/assert";
import { quantile, quantiles, slope } from "./quantiles.ts";

Deno.test("quantile() takes the nearest rank and does not sort in place", () => {
  const values = [5, 1, 4, 2, 3];
  assertEquals([0, 0.5, 0.8, 0.81, 1].map((q) => quantile(values, q)), [1, 3, 4, 5, 5]);
  assertEquals(values, [5, 1, 4, 2, 3]);
  assertEquals(quantile([], 0.5), NaN);
});

Deno.test("quantiles() of 1 to 100 are 50, 95 and 99", () => {
  const values = Array.from({ length: 100 }, (_, i) => i + 1);
  assertEquals(quantiles(values), { p50: 50, p95: 95, p99: 99 });
});

Deno.test("slope() finds the line and knows a flat one", () => {
  assertEquals(slope([[0, 1], [1, 3], [2, 5]]), 2);
  assertEquals(slope([[0, 7], [10, 7]]), 0);
});
