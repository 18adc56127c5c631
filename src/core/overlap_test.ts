import { assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { boxArea, iouOf, sharedArea, type Xyxy } from "./overlap.ts";

const side = fc.double({ min: 0, max: 500, noNaN: true });
const box: fc.Arbitrary<Xyxy> = fc.tuple(side, side, side, side)
  .map(([x, y, w, h]): Xyxy => [x, y, x + w + 1, y + h + 1]);

Deno.test("iouOf() is symmetric, in 0 to 1, and 1 of a box with itself", () => {
  fc.assert(fc.property(box, box, (a, b) => {
    const iou = iouOf(a, b);
    assertEquals(iou, iouOf(b, a));
    assertEquals(iou >= 0 && iou <= 1 + 1e-12, true);
    assertAlmostEquals(iouOf(a, a), 1, 1e-12);
  }));
});

Deno.test("iouOf() of known boxes", () => {
  assertEquals(iouOf([0, 0, 2, 2], [1, 0, 3, 2]), 1 / 3);
  assertEquals(iouOf([0, 0, 1, 1], [1, 0, 2, 1]), 0);
  assertEquals(iouOf([0, 0, 0, 0], [0, 0, 0, 0]), 0);
});

Deno.test("an inverted box has no area and shares none", () => {
  assertEquals(boxArea([2, 0, 1, 1]), 0);
  assertEquals(sharedArea([2, 0, 1, 1], [0, 0, 3, 3]), 0);
});
