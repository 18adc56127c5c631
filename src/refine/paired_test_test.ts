import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { signFlipTest } from "./paired_test.ts";

/** By the definition: every assignment, summed anew. */
function bruteForce(values: readonly number[]): number {
  const kept = values.filter((value) => value !== 0);
  const sum = kept.reduce((a, b) => a + b, 0);
  let reached = 0;
  for (let bits = 0; bits < 2 ** kept.length; bits++) {
    const other = kept.reduce((a, b, i) => a + ((bits >> i) & 1 ? -b : b), 0);
    if (other >= sum - 1e-9) reached++;
  }
  return reached / 2 ** kept.length;
}

Deno.test("signFlipTest() counts every assignment of signs", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 10 }), (values) => {
      const { p, pairs, exact } = signFlipTest(values);
      assertAlmostEquals(p, bruteForce(values), 1e-12);
      assertEquals([pairs, exact], [values.filter((value) => value !== 0).length, true]);
    }),
    { seed: 3, numRuns: 100 },
  );
});

Deno.test("signFlipTest() of many pairs draws, the same way each time, close to the truth", () => {
  const better = Array.from({ length: 40 }, (_, i) => 1 + i % 3);
  const mixed = Array.from({ length: 40 }, (_, i) => i % 2 === 0 ? 1 : -1);
  assert(signFlipTest(better).p < 1e-4);
  assertEquals(signFlipTest(better), signFlipTest(better));
  // The sum is 0, which half of the assignments and one of eight that are equal to it reach.
  assertAlmostEquals(signFlipTest(mixed).p, 0.5626, 0.02);
  assertEquals(signFlipTest(mixed).exact, false);
});

Deno.test("signFlipTest() without a difference is not surprised, and refuses what is no number", () => {
  assertEquals(signFlipTest([0, 0]), { pairs: 0, p: 1, exact: true });
  assertThrows(() => signFlipTest([1, NaN]), RangeError, "NaN");
});
