import { assertEquals, assertThrows } from "@std/assert";
import { reduceTerms, reductionScale } from "./reduction.ts";

function terms(): { loss: Float64Array; gradient: Float64Array } {
  return { loss: Float64Array.of(1, 2, 3, 6), gradient: Float64Array.of(4, 0, -4, 8) };
}

Deno.test("reduceTerms() gives a value and the gradient that belongs to it", () => {
  const none = reduceTerms(terms(), { reduction: "none" });
  assertEquals([none.value, ...none.gradient], [12, 4, 0, -4, 8]);
  const sum = reduceTerms(terms(), { reduction: "sum" });
  assertEquals([sum.value, ...sum.gradient], [12, 4, 0, -4, 8]);
  const mean = reduceTerms(terms(), {});
  assertEquals([mean.value, ...mean.gradient], [3, 1, 0, -1, 2]);
  const rows = reduceTerms(terms(), { reduction: "row-mean-sum", columns: 2 });
  assertEquals([rows.value, ...rows.gradient], [6, 2, 0, -2, 4]);
  const positives = reduceTerms(terms(), { averageFactor: 8 });
  assertEquals([positives.value, ...positives.gradient], [1.5, 0.5, 0, -0.5, 1]);
  assertEquals([...rows.loss], [1, 2, 3, 6]);
});

Deno.test("one column is summed, one row is averaged", () => {
  const column = reduceTerms(terms(), { reduction: "row-mean-sum" });
  assertEquals(column.value, 12);
  const row = reduceTerms(terms(), { reduction: "row-mean-sum", columns: 4 });
  assertEquals(row.value, 3);
});

Deno.test("nothing reduces to 0", () => {
  const nothing = { loss: new Float64Array(0), gradient: new Float64Array(0) };
  for (const reduction of ["none", "sum", "mean", "row-mean-sum"] as const) {
    assertEquals(reduceTerms(nothing, { reduction }).value, 0);
  }
});

Deno.test("reductionScale() refuses what does not fit", () => {
  const bad = [
    { reduction: "median" as never },
    { reduction: "row-mean-sum", columns: 3 },
    { reduction: "row-mean-sum", columns: 0 },
    { reduction: "row-mean-sum", columns: 0.5 },
    { reduction: "sum", averageFactor: 2 },
    { averageFactor: 0 },
    { averageFactor: NaN },
    { averageFactor: -1 },
  ] as const;
  for (const options of bad) assertThrows(() => reductionScale(4, options), RangeError, "Cannot");
});
