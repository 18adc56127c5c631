// Laws that every loss of boxes keeps.
import { assert, assertAlmostEquals, assertEquals, assertGreater, assertThrows } from "@std/assert";
import fc from "fast-check";
import { assertGradient } from "../../tests/support/central_difference.ts";
import type { BoxLossSettings } from "./box_loss.ts";
import { ciouLoss, ciouLossInto } from "./ciou_loss.ts";
import { diouLossInto } from "./diou_loss.ts";
import { giouLossInto } from "./giou_loss.ts";
import { iouLossInto } from "./iou_loss.ts";

const LOSSES = { iou: iouLossInto, giou: giouLossInto, diou: diouLossInto, ciou: ciouLossInto };

/** Boxes whose corners never come closer to each other than a step of the central difference. */
const BOX = fc.record({
  x: fc.integer({ min: 0, max: 60 }),
  y: fc.integer({ min: 0, max: 60 }),
  width: fc.integer({ min: 1, max: 40 }),
  height: fc.integer({ min: 1, max: 40 }),
}).map(({ x, y, width, height }) => [x, y, x + width, y + height]);
const SHIFTED = BOX.map((box) => box.map((corner) => corner + 0.25));

for (const [name, lossInto] of Object.entries(LOSSES)) {
  Deno.test(`${name}: the gradient is the central difference`, () => {
    fc.assert(
      fc.property(SHIFTED, BOX, (predicted, target) => {
        const gradient = new Float64Array(4);
        lossInto(predicted, target, {}, { gradient });
        // alpha of CIoU is a constant of the derivative: it is that of the middle.
        const f = name === "ciou"
          ? detachedCiou(predicted, target)
          : (at: Float64Array) => lossInto(at, target, {}, {});
        assertGradient(f, predicted, gradient, 1e-6);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  Deno.test(`${name}: the same box has no loss and nowhere to go`, () => {
    fc.assert(
      fc.property(BOX, (box) => {
        const gradient = new Float64Array(4);
        assertAlmostEquals(lossInto(box, box, {}, { gradient }), 0, 1e-6);
        for (const slope of gradient) assertAlmostEquals(slope, 0, 1e-6);
      }),
      { seed: 2 },
    );
  });

  Deno.test(`${name}: neither place nor scale matter`, () => {
    fc.assert(
      fc.property(BOX, BOX, fc.constantFrom(0.5, 4, 64), fc.integer({ min: -99, max: 99 }), (
        predicted,
        target,
        scale,
        shift,
      ) => {
        const before = lossInto(predicted, target, { epsilon: 0 }, {});
        const [a, b] = [predicted, target].map((box) => box.map((c) => scale * (c + shift)));
        assertAlmostEquals(lossInto(a!, b!, { epsilon: 0 }, {}), before, 1e-12);
        const turned = lossInto(target, predicted, { epsilon: 0 }, {});
        assertAlmostEquals(turned, before, 1e-12);
      }),
      { seed: 3 },
    );
  });

  Deno.test(`${name}: boxes without extent and huge boxes stay finite`, () => {
    const boxes = [
      [5, 5, 5, 5],
      [5, 0, 5, 10],
      [0, 5, 10, 5],
      [0, 0, 10, 10],
      [-1e60, -1e60, 1e60, 1e60],
      [1e-150, 1e-150, 2e-150, 2e-150],
    ];
    for (const predicted of boxes) {
      for (const target of boxes) {
        for (const settings of [{}, { epsilon: 0 }] as BoxLossSettings[]) {
          const out = { loss: new Float64Array(1), gradient: new Float64Array(4) };
          lossInto(predicted, target, settings, out);
          const found = [...out.loss, ...out.gradient];
          assert(found.every(Number.isFinite), `${predicted} on ${target}: ${found}`);
        }
      }
    }
  });

  Deno.test(`${name}: bad input is refused, and nothing is written`, () => {
    const good = [0, 0, 2, 2, 1, 1, 3, 3];
    const out = { loss: Float64Array.of(7, 7), gradient: new Float64Array(8).fill(7) };
    const bad: [number[], number[], string][] = [
      [[0, 0, 2, 2, 3, 1, 1, 3], good, "predicted box 1"],
      [good, [0, 0, 2, 2, 1, 3, 3, 1], "target box 1"],
      [[0, 0, 2, NaN, 1, 1, 3, 3], good, "predicted box 0"],
      [good, [0, 0, Infinity, 2, 1, 1, 3, 3], "target box 0"],
      [[0, 0, 2, 2, 1, 1, 3, 1e80], good, "predicted box 1"],
      [good.slice(4), good, "8 of 4"],
      [good.slice(1), good, "no rows of 4"],
    ];
    for (const [predicted, target, message] of bad) {
      assertThrows(() => lossInto(predicted, target, {}, out), RangeError, message);
    }
    assertThrows(() => lossInto(good, good, { epsilon: -1 }, out), RangeError, "epsilon");
    assertThrows(() => lossInto(good, good, {}, { gradient: new Float64Array(4) }), RangeError);
    assertEquals(out.gradient.every((slope) => slope === 7) && out.loss[0] === 7, true);
  });
}

/** CIoU's loss around `predicted` with its alpha held fast. */
function detachedCiou(
  predicted: readonly number[],
  target: readonly number[],
): (at: Float64Array) => number {
  const shapeAt = (box: ArrayLike<number>) => {
    const angle = Math.atan2(target[2]! - target[0]!, target[3]! - target[1]!) -
      Math.atan2(box[2]! - box[0]!, box[3]! - box[1]!);
    return 4 / Math.PI ** 2 * angle ** 2;
  };
  const shape = shapeAt(predicted);
  const iou = 1 - iouLossInto(predicted, target, {}, {});
  const alpha = shape / (1 - iou + shape + 1e-7);
  return (at) => diouLossInto(at, target, {}, {}) + alpha * shapeAt(at);
}

Deno.test("CIoU is not below DIoU, DIoU and GIoU not below IoU", () => {
  fc.assert(
    fc.property(BOX, BOX, (predicted, target) => {
      const [iou, giou, diou, ciou] = Object.values(LOSSES).map((lossInto) =>
        lossInto(predicted, target, {}, {})
      ) as [number, number, number, number];
      assert(giou >= iou - 1e-12 && diou >= iou - 1e-12 && ciou >= diou - 1e-12);
      assert(iou >= 0 && iou <= 1 && giou <= 2 && diou <= 2);
    }),
    { seed: 4 },
  );
});

Deno.test("far boxes are drawn together by all but IoU", () => {
  for (const [name, lossInto] of Object.entries(LOSSES)) {
    const gradient = new Float64Array(4);
    lossInto([30, 0, 40, 10], [0, 0, 10, 10], {}, { gradient });
    const pull = gradient[0]! + gradient[2]!;
    if (name === "iou") assertEquals(pull, 0);
    else assertGreater(pull, 0);
  }
});

Deno.test("the reduced form averages over boxes", () => {
  const [predicted, target] = [[0, 0, 4, 8, 0, 0, 1, 1], [0, 0, 8, 4, 0, 0, 1, 1]];
  const { value, loss, gradient } = ciouLoss(predicted, target);
  assertAlmostEquals(value, (loss[0]! + loss[1]!) / 2, 1e-15);
  const whole = new Float64Array(8);
  ciouLossInto(predicted, target, {}, { gradient: whole });
  gradient.forEach((slope, i) => assertAlmostEquals(slope, whole[i]! / 2, 1e-15));
});
