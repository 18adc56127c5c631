// The acceptance measures themselves: each is listed, and their arithmetic is right.
import { assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { isMet } from "../../../bench/figure.ts";
import { driftDetectors } from "./drift_detectors.ts";
import { spearman } from "./labelled_loss.ts";
import { TARGETS } from "./targets.ts";

const FOLDER = new URL("./", import.meta.url);

Deno.test("every target has a name of its own and a place in the list", async () => {
  assertEquals(new Set(TARGETS.map(({ name }) => name)).size, TARGETS.length);
  let targets = 0;
  for await (const { name } of Deno.readDir(FOLDER)) {
    const text = await Deno.readTextFile(new URL(name, FOLDER));
    targets += text.match(/^export const \w+: Target\b/gm)?.length ?? 0;
  }
  assertEquals(targets, TARGETS.length);
});

Deno.test("spearman() is the correlation of ranks, ties sharing theirs", () => {
  assertEquals(spearman([1, 2, 3, 4], [10, 20, 30, 400]), 1);
  assertEquals(spearman([1, 2, 3, 4], [4, 3, 2, -1]), -1);
  // NumPy 2.4: corrcoef of the mean ranks.
  assertAlmostEquals(spearman([1, 2, 2, 4, 5], [5, 6, 7, 8, 7]), 0.7631578947368421, 1e-12);
  const values = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 3, maxLength: 30 });
  fc.assert(
    fc.property(values, (ranks) => {
      fc.pre(new Set(ranks).size > 1);
      const cubes = ranks.map((rank) => rank ** 3 - 5);
      assertAlmostEquals(spearman(ranks, cubes), 1, 1e-9);
    }),
    { seed: 7 },
  );
});

Deno.test("the drift detectors meet their target here", async () => {
  const figures = await driftDetectors.measure([]);
  assertEquals(figures.map(isMet), [true, true, true]);
});
