import {
  assertAlmostEquals,
  assertEquals,
  assertGreaterOrEqual,
  assertLessOrEqual,
} from "@std/assert";
import fc from "fast-check";
import { boxArea, boxIou, sharedArea } from "./box_overlap.ts";

const box = fc.tuple(
  fc.double({ min: -50, max: 50, noNaN: true }),
  fc.double({ min: -50, max: 50, noNaN: true }),
  fc.double({ min: 0.1, max: 60, noNaN: true }),
  fc.double({ min: 0.1, max: 60, noNaN: true }),
).map(([x, y, width, height]) => [x, y, x + width, y + height]);

Deno.test("boxIou() is symmetric, in 0 to 1, and 1 of a box with itself", () => {
  fc.assert(
    fc.property(box, box, (a, b) => {
      const iou = boxIou(a, 0, b, 0);
      assertEquals(iou, boxIou(b, 0, a, 0));
      assertGreaterOrEqual(iou, 0);
      assertLessOrEqual(iou, 1);
      assertAlmostEquals(boxIou(a, 0, a, 0), 1, 1e-12);
    }),
    { seed: 7 },
  );
});

Deno.test("boxIou() reads boxes out of columns", () => {
  const boxes = new Float32Array([9, 9, 9, 9, 0, 0, 4, 2, 2, 0, 6, 2]);
  assertEquals([sharedArea(boxes, 4, boxes, 8), boxArea(boxes, 4)], [4, 8]);
  assertAlmostEquals(boxIou(boxes, 4, boxes, 8), 1 / 3, 1e-12);
});

Deno.test("boxIou() is 0 where boxes only touch or have no area", () => {
  assertEquals(boxIou([0, 0, 2, 2], 0, [2, 0, 4, 2], 0), 0);
  assertEquals(boxIou([0, 0, 2, 2], 0, [1, 2, 3, 4], 0), 0);
  assertEquals(boxIou([1, 1, 1, 5], 0, [0, 0, 9, 9], 0), 0);
  assertEquals(boxIou([1, 1, 1, 1], 0, [1, 1, 1, 1], 0), 0);
});
