import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { LetterboxRule } from "../core/input_spec.ts";
import { fitLetterbox, toNetInto, toSourceInto } from "./letterbox.ts";

const CENTER: LetterboxRule = { mode: "letterbox", anchor: "center", padValue: 114 };
const TOP_LEFT: LetterboxRule = { ...CENTER, anchor: "topleft" };
const STRETCH: LetterboxRule = { ...CENTER, mode: "stretch" };

const side = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 8192 }));
const DOWN: LetterboxRule = { ...CENTER, rounding: "down" };
const rule = fc.constantFrom(CENTER, TOP_LEFT, STRETCH, DOWN);

Deno.test("fitLetterbox() centres a wide picture", () => {
  const fitted = fitLetterbox(1920, 1080, 640, 640, CENTER);
  assertEquals([fitted.contentWidth, fitted.contentHeight], [640, 360]);
  assertEquals([fitted.padX, fitted.padY], [0, 140]);
  assertAlmostEquals(fitted.scaleX, 1 / 3, 1e-12);
});

Deno.test("fitLetterbox() puts all padding right and below for topleft", () => {
  const fitted = fitLetterbox(768, 432, 416, 416, TOP_LEFT);
  assertEquals([fitted.contentWidth, fitted.contentHeight], [416, 234]);
  assertEquals([fitted.padX, fitted.padY], [0, 0]);
});

Deno.test("fitLetterbox() fills both axes when it stretches", () => {
  const fitted = fitLetterbox(1920, 1080, 640, 640, STRETCH);
  assertEquals([fitted.contentWidth, fitted.contentHeight], [640, 640]);
  assertAlmostEquals(fitted.scaleY, 640 / 1080, 1e-12);
});

Deno.test("fitLetterbox() puts an odd pixel of padding to the right and below", () => {
  const fitted = fitLetterbox(10, 5, 10, 10, CENTER);
  assertEquals([fitted.padX, fitted.padY], [0, 2]);
});

Deno.test("fitLetterbox() rounds half a pixel to even", () => {
  assertEquals(fitLetterbox(1280, 721, 640, 640, CENTER).contentHeight, 360);
  assertEquals(fitLetterbox(1280, 723, 640, 640, CENTER).contentHeight, 362);
});

Deno.test("fitLetterbox() rounds down where the rule says so", () => {
  const down: LetterboxRule = { ...DOWN, anchor: "topleft" };
  const sizes = [[640, 427], [640, 426], [333, 500], [641, 361], [1279, 719], [768, 432]] as const;
  // `int(side * min(416 / height, 416 / width))` and `round(…)` in Python 3.11.
  const fitted = (rule: LetterboxRule) =>
    sizes.map(([width, height]) => {
      const { contentWidth, contentHeight } = fitLetterbox(width, height, 416, 416, rule);
      return [contentWidth, contentHeight];
    });
  assertEquals(fitted(down), [
    [416, 277],
    [416, 276],
    [277, 416],
    [416, 234],
    [416, 233],
    [416, 233],
  ]);
  assertEquals(fitted(TOP_LEFT), [
    [416, 278],
    [416, 277],
    [277, 416],
    [416, 234],
    [416, 234],
    [416, 234],
  ]);
  assertEquals(fitLetterbox(8192, 1, 416, 416, down).contentHeight, 1);
});

Deno.test("fitLetterbox() keeps at least one pixel of a very thin picture", () => {
  assertEquals(fitLetterbox(8192, 1, 416, 416, CENTER).contentHeight, 1);
  assertEquals(fitLetterbox(1, 8192, 416, 416, TOP_LEFT).contentWidth, 1);
});

Deno.test("fitLetterbox() refuses sizes that are not whole numbers from 1", () => {
  for (const bad of [0, -1, 1.5, NaN, Infinity]) {
    assertThrows(() => fitLetterbox(bad, 1, 1, 1, CENTER), RangeError);
    assertThrows(() => fitLetterbox(1, bad, 1, 1, CENTER), RangeError);
    assertThrows(() => fitLetterbox(1, 1, bad, 1, CENTER), RangeError);
    assertThrows(() => fitLetterbox(1, 1, 1, bad, CENTER), RangeError);
  }
});

Deno.test("fitLetterbox() always stays inside the input and touches it on one axis", () => {
  fc.assert(
    fc.property(side, side, side, side, rule, (sw, sh, nw, nh, fitRule) => {
      const { contentWidth, contentHeight, padX, padY } = fitLetterbox(sw, sh, nw, nh, fitRule);
      assertEquals(contentWidth >= 1 && contentHeight >= 1 && padX >= 0 && padY >= 0, true);
      assertEquals(padX + contentWidth <= nw && padY + contentHeight <= nh, true);
      // Rounding down also takes what the product lacks by the precision of numbers.
      const short = fitRule.rounding === "down" ? 1 : 0;
      assertEquals(contentWidth >= nw - short || contentHeight >= nh - short, true);
      if (fitRule.anchor === "center") {
        const right = nw - contentWidth - padX;
        const below = nh - contentHeight - padY;
        assertEquals([right - padX, below - padY].every((odd) => odd === 0 || odd === 1), true);
      }
    }),
    { seed: 1 },
  );
});

Deno.test("toSourceInto() brings back every box that toNetInto() took", () => {
  const unit = fc.double({ min: 0, max: 1, noNaN: true });
  const corners = fc.array(fc.tuple(unit, unit), { minLength: 2, maxLength: 20 });
  fc.assert(
    fc.property(side, side, side, side, rule, corners, (sw, sh, nw, nh, fitRule, points) => {
      const letterbox = fitLetterbox(sw, sh, nw, nh, fitRule);
      const even = points.slice(0, points.length - points.length % 2);
      const boxes = new Float32Array(even.flatMap(([x, y]) => [x * sw, y * sh]));
      const mapped = boxes.slice();
      toNetInto(letterbox, mapped, boxes.length / 4);
      toSourceInto(letterbox, mapped, boxes.length / 4);
      // A network pixel is known to float32; in source pixels that is worth 1 / scale.
      const precision = 8192 * 2 ** -22 / Math.min(letterbox.scaleX, letterbox.scaleY, 1);
      boxes.forEach((value, i) => assertAlmostEquals(mapped[i]!, value, precision));
    }),
    { seed: 1 },
  );
});

Deno.test("toSourceInto() clips to the picture and leaves further rows alone", () => {
  const letterbox = fitLetterbox(100, 50, 200, 200, CENTER);
  const boxes = new Float32Array([-10, 0, 250, 199, 7, 7, 7, 7]);
  toSourceInto(letterbox, boxes, 1);
  assertEquals([...boxes], [0, 0, 100, 50, 7, 7, 7, 7]);
});

Deno.test("mapping boxes refuses more rows than there are", () => {
  const letterbox = fitLetterbox(4, 4, 4, 4, CENTER);
  assertThrows(() => toSourceInto(letterbox, new Float32Array(7), 2), RangeError);
  assertThrows(() => toNetInto(letterbox, new Float32Array(4), -1), RangeError);
});
