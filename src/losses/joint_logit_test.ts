import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { jointLogit } from "./joint_logit.ts";
import { sigmoid } from "./log_sigmoid.ts";

const moderate = fc.double({ min: -15, max: 15, noNaN: true });
const any = fc.double({ min: -700, max: 700, noNaN: true });

Deno.test("jointLogit() is the logit of the product of both sigmoids", () => {
  fc.assert(
    fc.property(moderate, moderate, (objectness, logit) => {
      assertAlmostEquals(
        sigmoid(jointLogit(objectness, logit)),
        sigmoid(objectness) * sigmoid(logit),
        1e-12,
      );
    }),
    { seed: 1, numRuns: 500 },
  );
});

Deno.test("jointLogit() is symmetric, below both, and finite for any finite logits", () => {
  fc.assert(
    fc.property(any, any, (a, b) => {
      const joint = jointLogit(a, b);
      assertEquals(joint, jointLogit(b, a));
      assert(Number.isFinite(joint));
      assert(joint <= Math.min(a, b) + 1e-9 * Math.max(1, Math.abs(a), Math.abs(b)));
    }),
    { seed: 2, numRuns: 500 },
  );
});

Deno.test("jointLogit() agrees with itself where its two formulas meet", () => {
  for (const other of [36.5, 37, 40, 100]) {
    const [below, above] = [jointLogit(37, other), jointLogit(37.000001, other)];
    assert(above >= below && above - below < 1e-5, `${other}: ${below}, ${above}`);
  }
});
