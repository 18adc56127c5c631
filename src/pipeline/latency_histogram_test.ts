import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { LatencyHistogram } from "./latency_histogram.ts";

/** The oracle: sort everything and take the value at the nearest rank. */
function nearestRank(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(q * sorted.length) - 1]!;
}

Deno.test("LatencyHistogram is within half a percent of the exact quantile", () => {
  const times = fc.array(fc.double({ min: 1e-3, max: 1e6, noNaN: true }), { minLength: 1 });
  const share = fc.double({ min: 0.01, max: 1, noNaN: true });
  fc.assert(
    fc.property(times, share, (values, q) => {
      const histogram = new LatencyHistogram();
      for (const value of values) histogram.add(value);
      const exact = nearestRank(values, q);
      const found = histogram.quantile(q)!;
      assert(Math.abs(found - exact) <= 0.0051 * exact, `${found} for ${exact}`);
    }),
    { seed: 20, numRuns: 300 },
  );
});

Deno.test("LatencyHistogram gives one value back exactly", () => {
  const histogram = new LatencyHistogram();
  histogram.add(13.37);
  assertEquals(histogram.quantiles(), { p50: 13.37, p95: 13.37, p99: 13.37, max: 13.37 });
});

Deno.test("LatencyHistogram takes zeros and values beyond its last bin", () => {
  const histogram = new LatencyHistogram();
  for (const value of [0, 0, 0, 1e12]) histogram.add(value);
  assertEquals(histogram.quantile(0.75), 0);
  assertEquals(histogram.quantiles().max, 1e12);
});

Deno.test("LatencyHistogram knows nothing before the first value", () => {
  assertEquals(new LatencyHistogram().quantiles(), { p50: null, p95: null, p99: null, max: null });
});

Deno.test("LatencyHistogram refuses what is no time and stays as it was", () => {
  const histogram = new LatencyHistogram();
  for (const value of [-1, NaN, Infinity]) assertThrows(() => histogram.add(value), RangeError);
  assertEquals(histogram.count, 0);
  for (const q of [0, 1.1, NaN]) assertThrows(() => histogram.quantile(q), RangeError);
});
