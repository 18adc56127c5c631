import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { compareNames } from "./natural_order.ts";

Deno.test("compareNames() counts digits by value, however long and padded", () => {
  const sorted = [
    "1.jpg",
    "2.jpg",
    "10.jpg",
    "a1b2",
    "a1b10",
    "a02",
    "a2b",
    "b",
    "frame_9",
    "frame_010",
    "frame_11",
  ];
  const long = ["x99999999999999999998", "x99999999999999999999"];
  assertEquals([...sorted].reverse().sort(compareNames), sorted);
  assertEquals([...long].reverse().sort(compareNames), long);
});

Deno.test("compareNames() is a total order", () => {
  const name = fc.string({
    unit: fc.constantFrom("a", "B", "0", "1", "9", ".", "é"),
    maxLength: 8,
  });
  fc.assert(
    fc.property(name, name, name, (a, b, c) => {
      assertEquals(Math.sign(compareNames(a, b)), -Math.sign(compareNames(b, a)) + 0);
      assertEquals(compareNames(a, b) === 0, a === b);
      if (compareNames(a, b) <= 0 && compareNames(b, c) <= 0) {
        assertEquals(compareNames(a, c) <= 0, true);
      }
    }),
    { seed: 1 },
  );
});
