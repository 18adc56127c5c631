import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { firstJudging } from "./refine_evidence.ts";

Deno.test("firstJudging() lets the latest frames with objects judge", () => {
  assertEquals(firstJudging(Array(8).fill(true), 0.3), 6);
  assertEquals(firstJudging([true, true, true, true, true, true, true, false], 0.3), 5);
  assertEquals(firstJudging(Array(20).fill(true), 0.3), 14);
  // Two at least judge, and one at least learns.
  assertEquals(firstJudging([true, true, true], 0.3), 1);
  assertEquals(firstJudging([true, true], 0.3), 2);
  assertEquals(firstJudging(Array(8).fill(true), 0), 8);
});

Deno.test("firstJudging() leaves frames with objects on both sides, or all of them to learn", () => {
  fc.assert(
    fc.property(
      fc.array(fc.boolean()),
      fc.double({ min: 0, max: 0.9, noNaN: true }),
      (has, share) => {
        const first = firstJudging(has, share);
        const [learn, judge] = [has.slice(0, first), has.slice(first)];
        if (judge.length === 0) return;
        assert(learn.includes(true));
        assert(judge[0] === true && judge.filter((one) => one).length >= 2);
      },
    ),
    { seed: 4, numRuns: 200 },
  );
});
