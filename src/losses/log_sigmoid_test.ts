import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { logSigmoid, sigmoid, softplus } from "./log_sigmoid.ts";

const ANY = fc.double({ noNaN: true, noDefaultInfinity: true });

Deno.test("sigmoid(), softplus() and logSigmoid() are finite for every finite number", () => {
  fc.assert(
    fc.property(ANY, (x) => {
      assert(sigmoid(x) >= 0 && sigmoid(x) <= 1);
      assert(Number.isFinite(softplus(x)) && softplus(x) >= 0);
      assert(Number.isFinite(logSigmoid(x)) && logSigmoid(x) <= 0);
    }),
    { seed: 1, numRuns: 500 },
  );
});

Deno.test("sigmoid() is symmetric, and logSigmoid() is its logarithm", () => {
  fc.assert(
    fc.property(fc.double({ min: -700, max: 700, noNaN: true }), (x) => {
      assertAlmostEquals(sigmoid(x) + sigmoid(-x), 1, 1e-15);
      const logarithm = Math.log(sigmoid(-Math.abs(x)));
      assertAlmostEquals(logSigmoid(-Math.abs(x)), logarithm, 1e-13 * Math.max(1, Math.abs(x)));
      assertEquals(softplus(x), -logSigmoid(-x));
    }),
    { seed: 2, numRuns: 500 },
  );
});

Deno.test("what is tiny keeps its digits", () => {
  assertEquals(sigmoid(-40), Math.exp(-40));
  assertEquals(softplus(-40), Math.exp(-40));
  assertEquals(logSigmoid(40), -Math.exp(-40));
});
