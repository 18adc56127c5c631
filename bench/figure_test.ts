import { assertEquals, assertMatch } from "@std/assert";
import { figureOf, formatFigures, formatQuantiles, isMet, skippedFigure } from "./figure.ts";

Deno.test("figureOf() keeps the median and the spread of the rounds", () => {
  const figure = figureOf("a", "a thing", "ratio", [3, 1, 2]);
  assertEquals([figure.value, figure.low, figure.high], [2, 1, 3]);
});

Deno.test("isMet() compares on the side the target names, and knows when it cannot", () => {
  const fast = { kind: "at least", bound: 2 } as const;
  const flat = { kind: "at most", bound: 2 } as const;
  assertEquals(isMet(figureOf("a", "a", "ratio", [1.9], fast)), false);
  assertEquals(isMet(figureOf("a", "a", "ratio", [2], fast)), true);
  assertEquals(isMet(figureOf("a", "a", "MB", [2.1], flat)), false);
  assertEquals(isMet(figureOf("a", "a", "MB", [2.1])), null);
  assertEquals(isMet(skippedFigure("a", "a", "no FFmpeg")), null);
});

Deno.test("formatFigures() says what was missed and why something was skipped", () => {
  const table = formatFigures([
    figureOf("a", "loop", "ratio", [0.5], { kind: "at least", bound: 0.95 }),
    skippedFigure("b", "peer", "no FFmpeg"),
  ], true);
  assertMatch(table, /loop +0\.500 +ratio .*at least 0\.950, MISSED/);
  assertMatch(table, /peer +skipped +no FFmpeg/);
});

Deno.test("formatQuantiles() puts the three quantiles of a stage on one line", () => {
  const stages = (["p50", "p95", "p99"] as const).map((name, i) =>
    figureOf(`infer.${name}`, name, "ms", [i + 1])
  );
  assertMatch(formatQuantiles(stages), /infer +1\.000 +2\.000 +3\.000 +ms/);
});
