import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { roundStep, roundUp } from "./time_axis.ts";

Deno.test("marks of an axis are round", () => {
  assertEquals(roundStep(1, 4), 0.2);
  assertEquals(roundStep(1189, 8), 100);
  assertEquals(roundStep(20_000, 4), 5000);
  const edges = [0.1, 0.83, 0.94, 1, 1.25, 7].map((value) => roundUp(value).toFixed(2));
  assertEquals(edges, ["0.10", "1.00", "1.00", "1.00", "1.40", "7.00"]);
});

Deno.test("the edge of an axis is a mark, above every value, and wastes little", () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-6, max: 1e9, noNaN: true }), (value) => {
      const top = roundUp(value);
      const step = roundStep(value, 4);
      assert(top >= value * (1 - 1e-9) && top < value + 1.001 * step, `${value} ${top}`);
      assert(Math.abs(top / step - Math.round(top / step)) < 1e-6);
      assert(top / step >= 4 - 1e-9 && top / step <= 11);
    }),
    { seed: 5 },
  );
});
