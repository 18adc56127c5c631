import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { binaryCrossEntropyInto } from "./binary_cross_entropy.ts";
import { sigmoid } from "./log_sigmoid.ts";
import { focalOfProbability, sigmoidFocal, sigmoidFocalInto } from "./sigmoid_focal.ts";

const LOGIT = fc.double({ min: -30, max: 30, noNaN: true });
const SHARE = fc.double({ min: 0, max: 1, noNaN: true });
const GAMMA = fc.double({ min: 0, max: 5, noNaN: true });

function focal(logit: number, target: number, gamma: number, alpha: number | null): number {
  return sigmoidFocalInto([logit], [target], { gamma, alpha }, {});
}

Deno.test("with gamma 0 and no alpha it is binary cross-entropy, gradient too", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(LOGIT, SHARE)), (pairs) => {
      const [logits, targets] = [pairs.map(([z]) => z), pairs.map(([, y]) => y)];
      const focal = {
        loss: new Float64Array(pairs.length),
        gradient: new Float64Array(pairs.length),
      };
      const plain = {
        loss: new Float64Array(pairs.length),
        gradient: new Float64Array(pairs.length),
      };
      sigmoidFocalInto(logits, targets, { gamma: 0, alpha: null }, focal);
      binaryCrossEntropyInto(logits, targets, {}, plain);
      focal.loss.forEach((value, i) => assertAlmostEquals(value, plain.loss[i]!, 1e-14));
      focal.gradient.forEach((slope, i) => assertAlmostEquals(slope, plain.gradient[i]!, 1e-15));
    }),
    { seed: 1 },
  );
});

Deno.test("the ratio to cross-entropy is (1 - p_t)^gamma", () => {
  fc.assert(
    fc.property(LOGIT, fc.constantFrom(0, 1), GAMMA, (logit, target, gamma) => {
      const missing = sigmoid(target === 1 ? -logit : logit);
      const crossEntropy = focal(logit, target, 0, null);
      assertAlmostEquals(focal(logit, target, gamma, null), missing ** gamma * crossEntropy, 1e-13);
    }),
    { seed: 2 },
  );
});

Deno.test("alpha scales the two sides, and the weighted loss is linear in it", () => {
  fc.assert(
    fc.property(LOGIT, SHARE, GAMMA, SHARE, (logit, target, gamma, alpha) => {
      const plain = focal(logit, target, gamma, null);
      const weight = target * alpha + (1 - target) * (1 - alpha);
      assertAlmostEquals(focal(logit, target, gamma, alpha), weight * plain, 1e-12);
      const between = alpha * focal(logit, target, gamma, 1) +
        (1 - alpha) * focal(logit, target, gamma, 0);
      assertAlmostEquals(focal(logit, target, gamma, alpha), between, 1e-12);
    }),
    { seed: 3 },
  );
});

Deno.test("alpha 1 leaves positives, alpha 0 leaves negatives", () => {
  assertEquals(focal(3, 0, 2, 1), 0);
  assertEquals(focal(-3, 1, 2, 0), 0);
  assertEquals(focal(-3, 1, 2, 1), focal(-3, 1, 2, null));
});

Deno.test("turning logit and target around changes nothing but the sign of the gradient", () => {
  fc.assert(
    fc.property(LOGIT, SHARE, GAMMA, (logit, target, gamma) => {
      // Only targets that turn around exactly.
      const y = Math.round(target * 256) / 256;
      const gradient = new Float64Array(2);
      const loss = new Float64Array(2);
      const weights = { gamma, alpha: null };
      sigmoidFocalInto([logit, -logit], [y, 1 - y], weights, { loss, gradient });
      assertAlmostEquals(loss[0]!, loss[1]!, 1e-13);
      assertAlmostEquals(gradient[0]!, -gradient[1]!, 1e-13);
    }),
    { seed: 4 },
  );
});

Deno.test("a larger gamma never makes a loss larger", () => {
  fc.assert(
    fc.property(LOGIT, SHARE, GAMMA, GAMMA, (logit, target, a, b) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      const excess = focal(logit, target, high, null) - focal(logit, target, low, null);
      assertEquals(excess <= 1e-13, true);
    }),
    { seed: 5 },
  );
});

Deno.test("saturated logits keep a finite gradient for gamma within 0 and 1", () => {
  for (const gamma of [0.1, 0.5, 0.9]) {
    for (const scale of [100, 1e4]) {
      const gradient = new Float64Array(4);
      const logits = [-scale, scale, -scale, scale];
      const loss = new Float64Array(4);
      sigmoidFocalInto(logits, [0, 0, 1, 1], { gamma, alpha: null }, { loss, gradient });
      assertAlmostEquals(loss[1]!, scale, 1e-9);
      assertAlmostEquals(loss[2]!, scale, 1e-9);
      assertAlmostEquals(gradient[0]!, 0, 1e-4);
      assertAlmostEquals(gradient[1]!, 1, 1e-12);
      assertAlmostEquals(gradient[2]!, -1, 1e-12);
      assertAlmostEquals(gradient[3]!, 0, 1e-4);
    }
  }
});

Deno.test("focalOfProbability() is the loss of the logit of that probability", () => {
  fc.assert(
    fc.property(LOGIT, GAMMA, (logit, gamma) => {
      assertAlmostEquals(
        focalOfProbability(sigmoid(-Math.abs(logit)), gamma),
        focal(-Math.abs(logit), 1, gamma, null),
        1e-12 * Math.max(1, Math.abs(logit)),
      );
    }),
    { seed: 6 },
  );
  assertEquals(focalOfProbability(1, 2), 0);
  for (const pt of [0, -1, 1.1, NaN]) {
    assertThrows(() => focalOfProbability(pt, 2), RangeError, `the probability is ${pt}`);
  }
  assertThrows(() => focalOfProbability(0.5, -1), RangeError, "gamma");
});

Deno.test("sigmoidFocal() gives the example of the glossary", () => {
  const [logits, targets] = [[0.8, -1.5, 0.1], [1, 0, 1]];
  const { value, loss, gradient } = sigmoidFocal(logits, targets, { gamma: 1.5 });
  assertAlmostEquals(value, 0.08052775724608184, 1e-16);
  assertEquals(loss.length, 3);
  assertAlmostEquals(gradient[2]!, -0.08041280253212824, 1e-16);
  const plain = sigmoidFocal(logits, targets, { gamma: 0, alpha: null, reduction: "mean" });
  assertAlmostEquals(plain.value, 0.405637, 1e-6);
});
