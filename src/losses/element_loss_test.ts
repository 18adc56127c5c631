// Laws that every loss of one logit keeps.
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { assertGradient } from "../../tests/support/central_difference.ts";
import { binaryCrossEntropyInto } from "./binary_cross_entropy.ts";
import type { LossOut } from "./loss_arrays.ts";
import { qualityFocalInto } from "./quality_focal.ts";
import { sigmoidFocalInto } from "./sigmoid_focal.ts";
import { varifocalInto } from "./varifocal.ts";

type LossInto = (
  logits: ArrayLike<number>,
  targets: ArrayLike<number>,
  out: LossOut,
) => number;

/** Every loss with a gamma below, at and above 1. */
const LOSSES: Readonly<Record<string, LossInto>> = {
  "binary cross-entropy": (z, y, out) => binaryCrossEntropyInto(z, y, {}, out),
  "weighted cross-entropy": (z, y, out) => binaryCrossEntropyInto(z, y, { positiveWeight: 3 }, out),
  "focal, gamma 0.3": (z, y, out) => sigmoidFocalInto(z, y, { gamma: 0.3, alpha: 0.25 }, out),
  "focal, gamma 1": (z, y, out) => sigmoidFocalInto(z, y, { gamma: 1, alpha: null }, out),
  "focal, gamma 2.5": (z, y, out) => sigmoidFocalInto(z, y, { gamma: 2.5, alpha: 0.75 }, out),
  "quality focal, beta 0.5": (z, y, out) => qualityFocalInto(z, y, { beta: 0.5 }, out),
  "quality focal": (z, y, out) => qualityFocalInto(z, y, {}, out),
  "varifocal": (z, y, out) => varifocalInto(z, y, {}, out),
  "varifocal, gamma 0.5": (z, y, out) => varifocalInto(z, y, { gamma: 0.5 }, out),
};

const LOGIT = fc.double({ min: -12, max: 12, noNaN: true });
const ANY_LOGIT = fc.oneof(
  fc.double({ min: -1e300, max: 1e300, noNaN: true }),
  fc.constantFrom(-1e4, -750, -100, -37, -0, 0, 37, 100, 750, 1e4),
);
const TARGET = fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true }));

for (const [name, lossInto] of Object.entries(LOSSES)) {
  Deno.test(`${name}: the gradient is the central difference`, () => {
    fc.assert(
      fc.property(LOGIT, TARGET, (logit, target) => {
        // A cusp has no derivative: |y - p|^0.5 at p = y.
        const p = 1 / (1 + Math.exp(-logit));
        fc.pre(!(name.includes("beta 0.5") && Math.abs(p - target) < 1e-2));
        const gradient = new Float64Array(1);
        lossInto([logit], [target], { gradient });
        assertGradient((z) => lossInto(z, [target], {}), [logit], gradient, 1e-7);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  Deno.test(`${name}: value and gradient are finite, the value is not negative`, () => {
    fc.assert(
      fc.property(ANY_LOGIT, TARGET, (logit, target) => {
        const out = { loss: new Float64Array(1), gradient: new Float64Array(1) };
        const sum = lossInto([logit], [target], out);
        assert(Number.isFinite(sum) && sum >= 0, `${sum} at ${logit}, ${target}`);
        assert(!Object.is(sum, -0));
        assert(Number.isFinite(out.gradient[0]), `${out.gradient[0]} at ${logit}, ${target}`);
      }),
      { seed: 2, numRuns: 500 },
    );
  });

  Deno.test(`${name}: elements do not know each other, outputs are optional`, () => {
    const logits = [-3, 0.5, 2, 9];
    const targets = [1, 0, 0.25, 0];
    const both = { loss: new Float64Array(4), gradient: new Float64Array(4) };
    const sum = lossInto(logits, targets, both);
    let alone = 0;
    logits.forEach((logit, i) => {
      const value = lossInto([logit], [targets[i]!], {});
      assertEquals(value, both.loss[i]!);
      alone += value;
    });
    assertEquals(sum, alone);
    const loss = new Float32Array(4);
    assertEquals(lossInto(Float32Array.from(logits), targets, { loss, gradient: null }), sum);
    assertEquals(loss, Float32Array.from(both.loss));
  });

  Deno.test(`${name}: bad input is refused, and nothing is written`, () => {
    const out = { loss: Float64Array.of(7, 7), gradient: Float64Array.of(7, 7) };
    const bad: [number[], number[], LossOut, string][] = [
      [[1, NaN], [0, 0], out, "logit 1 is NaN"],
      [[1, Infinity], [0, 0], out, "logit 1 is Infinity"],
      [[1, 1], [0, NaN], out, "target 1 is NaN"],
      [[1, 1], [0, 1.5], out, "target 1 is 1.5"],
      [[1, 1], [0, -0.1], out, "not within 0 and 1"],
      [[1, 1], [0], out, "1 of 2"],
      [[1], [0], out, "2 of 1"],
      [[1, 1], [0, 0], { gradient: new Float32Array(3) }, "3 of 2"],
    ];
    for (const [logits, targets, to, message] of bad) {
      assertThrows(() => lossInto(logits, targets, to), RangeError, message);
    }
    assertEquals([...out.loss, ...out.gradient], [7, 7, 7, 7]);
  });
}

Deno.test("varifocal with a detached weight differentiates the cross-entropy only", () => {
  const gradient = new Float64Array(1);
  varifocalInto([0.7], [0], { alpha: 0.75, gamma: 2, detachWeight: true }, { gradient });
  const p = 1 / (1 + Math.exp(-0.7));
  assertAlmostEquals(gradient[0]!, 0.75 * p ** 2 * p, 1e-15);
});

Deno.test("quality focal loss with a hard target is focal loss without alpha", () => {
  fc.assert(
    fc.property(LOGIT, fc.constantFrom(0, 1), fc.double({ min: 0, max: 4, noNaN: true }), (
      logit,
      target,
      beta,
    ) => {
      const quality = qualityFocalInto([logit], [target], { beta }, {});
      const focal = sigmoidFocalInto([logit], [target], { gamma: beta, alpha: null }, {});
      assertAlmostEquals(quality, focal, 1e-12 * Math.max(1, focal));
    }),
    { seed: 3 },
  );
});

Deno.test("settings out of range are refused", () => {
  const bad: (() => unknown)[] = [
    () => binaryCrossEntropyInto([0], [0], { positiveWeight: -1 }, {}),
    () => sigmoidFocalInto([0], [0], { gamma: -1, alpha: null }, {}),
    () => sigmoidFocalInto([0], [0], { gamma: NaN, alpha: null }, {}),
    () => sigmoidFocalInto([0], [0], { gamma: Infinity, alpha: null }, {}),
    () => sigmoidFocalInto([0], [0], { gamma: 2, alpha: 1.1 }, {}),
    () => sigmoidFocalInto([0], [0], { gamma: 2, alpha: -0.1 }, {}),
    () => qualityFocalInto([0], [0], { beta: -1 }, {}),
    () => varifocalInto([0], [0], { alpha: -1 }, {}),
    () => varifocalInto([0], [0], { gamma: NaN }, {}),
  ];
  for (const run of bad) assertThrows(run, RangeError, "Cannot compute the loss");
});
