import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { assertGradient } from "../../tests/support/central_difference.ts";
import { sigmoidFocalInto } from "./sigmoid_focal.ts";
import { softmaxFocal, softmaxFocalInto } from "./softmax_focal.ts";

const GAMMA = fc.constantFrom(0, 0.3, 1, 2.5);
const ROWS = fc.integer({ min: 1, max: 3 }).chain((rows) =>
  fc.integer({ min: 1, max: 4 }).chain((classes) =>
    fc.record({
      classes: fc.constant(classes),
      logits: fc.array(fc.double({ min: -8, max: 8, noNaN: true }), {
        minLength: rows * classes,
        maxLength: rows * classes,
      }),
      targets: fc.array(fc.nat(classes - 1), { minLength: rows, maxLength: rows }),
    })
  )
);

Deno.test("the gradient is the central difference, and sums to 0 over a row", () => {
  fc.assert(
    fc.property(ROWS, GAMMA, ({ classes, logits, targets }, gamma) => {
      const alpha = Array.from({ length: classes }, (_, c) => 0.5 + c);
      const gradient = new Float64Array(logits.length);
      softmaxFocalInto(logits, targets, { gamma, alpha }, { gradient });
      assertGradient((z) => softmaxFocalInto(z, targets, { gamma, alpha }, {}), logits, gradient);
      for (let row = 0; row < targets.length; row++) {
        const slopes = gradient.subarray(row * classes, (row + 1) * classes);
        assertAlmostEquals(slopes.reduce((sum, slope) => sum + slope, 0), 0, 1e-12);
      }
    }),
    { seed: 1 },
  );
});

Deno.test("a constant added to a row changes nothing", () => {
  fc.assert(
    fc.property(ROWS, GAMMA, fc.integer({ min: -64, max: 64 }), (rows, gamma, shift) => {
      const moved = rows.logits.map((logit) => logit + shift);
      const before = softmaxFocalInto(rows.logits, rows.targets, { gamma }, {});
      const after = softmaxFocalInto(moved, rows.targets, { gamma }, {});
      assertAlmostEquals(before, after, 1e-11);
    }),
    { seed: 2 },
  );
});

Deno.test("with two classes it is sigmoid focal loss of the difference", () => {
  fc.assert(
    fc.property(fc.double({ min: -30, max: 30, noNaN: true }), GAMMA, (difference, gamma) => {
      const softmax = softmaxFocalInto([0, difference], [1], { gamma }, {});
      const sigmoid = sigmoidFocalInto([difference], [1], { gamma, alpha: null }, {});
      assertAlmostEquals(softmax, sigmoid, 1e-13 * Math.max(1, sigmoid));
    }),
    { seed: 3 },
  );
});

Deno.test("value and gradient are finite far away, for gamma within 0 and 1 too", () => {
  for (const gamma of [0, 0.1, 0.9, 2]) {
    for (const scale of [100, 1e4, 1e300]) {
      const out = { loss: new Float64Array(2), gradient: new Float64Array(6) };
      softmaxFocalInto([scale, 0, -scale, scale, 0, -scale], [0, 2], { gamma }, out);
      assertAlmostEquals(out.loss[0]!, 0, 1e-4);
      assertAlmostEquals(out.loss[1]! / (2 * scale), 1, 1e-12);
      assert(out.gradient.every(Number.isFinite));
      assertAlmostEquals(out.gradient[3]!, 1, 1e-12);
      assertAlmostEquals(out.gradient[5]!, -1, 1e-12);
    }
  }
});

Deno.test("one class is never wrong, no rows have no loss", () => {
  assertEquals(softmaxFocalInto([3, -4], [0, 0], {}, {}), 0);
  assertEquals(softmaxFocalInto([], [], {}, {}), 0);
  assertEquals(softmaxFocal([], []).value, 0);
});

Deno.test("the class's alpha weighs its rows", () => {
  const plain = { loss: new Float64Array(2) };
  const weighted = { loss: new Float64Array(2) };
  softmaxFocalInto([1, 2, 3, 1], [0, 1], {}, plain);
  softmaxFocalInto([1, 2, 3, 1], [0, 1], { alpha: [2, 0.5] }, weighted);
  assertAlmostEquals(weighted.loss[0]!, 2 * plain.loss[0]!, 1e-15);
  assertAlmostEquals(weighted.loss[1]!, 0.5 * plain.loss[1]!, 1e-15);
});

Deno.test("bad input is refused, and nothing is written", () => {
  const out = { loss: Float64Array.of(7, 7), gradient: Float64Array.of(7, 7, 7, 7) };
  const logits = [0, 1, 2, 3];
  const bad: (() => unknown)[] = [
    () => softmaxFocalInto(logits, [0, 2], {}, out),
    () => softmaxFocalInto(logits, [0, -1], {}, out),
    () => softmaxFocalInto(logits, [0, 0.5], {}, out),
    () => softmaxFocalInto(logits, [0, NaN], {}, out),
    () => softmaxFocalInto([0, 1, 2, NaN], [0, 1], {}, out),
    () => softmaxFocalInto([0, 1, 2], [0, 1], {}, out),
    () => softmaxFocalInto([1], [], {}, out),
    () => softmaxFocalInto(logits, [0, 1], { gamma: -1 }, out),
    () => softmaxFocalInto(logits, [0, 1], { alpha: [1] }, out),
    () => softmaxFocalInto(logits, [0, 1], { alpha: [1, -1] }, out),
    () => softmaxFocalInto(logits, [0, 1], {}, { loss: new Float64Array(4) }),
    () => softmaxFocalInto(logits, [0, 1], {}, { gradient: new Float64Array(2) }),
  ];
  for (const run of bad) assertThrows(run, RangeError, "Cannot compute the loss");
  assertEquals([...out.loss, ...out.gradient], [7, 7, 7, 7, 7, 7]);
});
