import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { EwmaChart } from "./ewma_chart.ts";

/** A chart that has seen 0 and 2 in turn: mean 1, deviation a little over 1. */
function makeChart(options: { direction?: "rise" | "fall" | "both" } = {}): EwmaChart {
  const chart = new EwmaChart({ warmup: 1000, weight: 0.2, limit: 3, ...options });
  for (let i = 0; i < 1000; i++) chart.observe(2 * (i % 2));
  return chart;
}

Deno.test("the average and its limits are those of their definition", () => {
  const chart = makeChart();
  const deviation = Math.sqrt(1000 / 999);
  const scores = [1, -0.5, 2, 0.25, 1.5];
  scores.forEach((score, n) => {
    chart.observe(1 + score * deviation);
    const average = scores.slice(0, n + 1)
      .reduce((sum, value, i) => sum + 0.2 * 0.8 ** (n - i) * value, 0);
    const spread = Math.sqrt(0.2 / 1.8 * (1 - 0.8 ** (2 * (n + 1))));
    assertAlmostEquals(chart.level, average / (3 * spread), 1e-12);
  });
});

Deno.test("falls are found where they count", () => {
  const found = (["rise", "fall", "both"] as const).map((direction) => {
    const chart = makeChart({ direction });
    return Array.from({ length: 20 }, () => chart.observe(-1)).includes("drift");
  });
  assertEquals(found, [false, true, true]);
});

Deno.test("a small rise that lasts is found, one value is not", () => {
  const chart = makeChart();
  assertEquals(chart.observe(3.9), "stable");
  for (let i = 0; i < 20; i++) assertEquals(chart.observe(1), "stable");
  const at = Array.from({ length: 50 }, () => chart.observe(2.2)).indexOf("drift");
  assertEquals(at > 1 && at < 20, true);
});

Deno.test("bad options are refused", () => {
  for (
    const options of [
      { warmup: 1 },
      { weight: 0 },
      { weight: 1.1 },
      { limit: 0 },
      { clip: NaN },
      { direction: "down" as never },
    ]
  ) assertThrows(() => new EwmaChart(options), RangeError, "Cannot watch");
});
