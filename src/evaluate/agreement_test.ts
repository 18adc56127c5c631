import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { Detections } from "../core/detections.ts";
import { AgreementTally } from "./agreement.ts";

type Row = readonly [x: number, y: number, size: number, score: number, classIndex: number];

function columns(rows: readonly Row[]): Detections {
  return {
    count: rows.length,
    xyxyPx: Float32Array.from(rows.flatMap(([x, y, size]) => [x, y, x + size, y + size])),
    score: Float32Array.from(rows, ([, , , score]) => score),
    classIndex: Int32Array.from(rows, ([, , , , classIndex]) => classIndex),
    anchorIndex: new Int32Array(rows.length),
  };
}

const RULE = { iouMin: 0.5, firmScore: 0.5 };
const ROWS = fc.array(
  fc.tuple(
    fc.integer({ min: 0, max: 40 }),
    fc.integer({ min: 0, max: 40 }),
    fc.integer({ min: 4, max: 20 }),
    fc.integer({ min: 0, max: 16 }).map((n) => n / 16),
    fc.integer({ min: 0, max: 2 }),
  ),
  { maxLength: 12 },
);
const RUNS = { seed: 5, numRuns: 200 };

function compare(a: readonly Row[], b: readonly Row[]) {
  const tally = new AgreementTally(RULE);
  tally.add(columns(a), columns(b));
  return tally.agreement;
}

Deno.test("detections agree with themselves in whatever order", () => {
  fc.assert(
    fc.property(ROWS, fc.integer({ min: 0, max: 11 }), (rows, shift) => {
      const turned = [...rows.slice(shift), ...rows.slice(0, shift)];
      const { lostShare, newShare, meanIou, referenceCount, candidateCount } = compare(
        rows,
        turned,
      );
      assertEquals([lostShare, newShare, meanIou], [0, 0, 1]);
      assertEquals(referenceCount, candidateCount);
    }),
    RUNS,
  );
});

Deno.test("to exchange the two exchanges what is lost and what is new", () => {
  fc.assert(
    fc.property(ROWS, ROWS, (a, b) => {
      const [one, other] = [compare(a, b), compare(b, a)];
      // Two pairs that overlap alike may be taken in another order.
      const ious = new Set<number>();
      for (const x of a) for (const y of b) ious.add(x[0] - y[0] + 97 * (x[1] - y[1]));
      fc.pre(ious.size === a.length * b.length);
      assertEquals(one.lostShare, other.newShare);
      assertEquals(one.matchedCount, other.matchedCount);
      assertAlmostEquals(one.scoreDifference, other.scoreDifference, 1e-12);
    }),
    RUNS,
  );
});

Deno.test("pictures add up, and a detection is the partner of one other at most", () => {
  const tally = new AgreementTally(RULE);
  const twice: Row[] = [[0, 0, 10, 0.875, 0], [0, 0, 10, 0.75, 0]];
  tally.add(columns(twice), columns([[0, 0, 10, 0.625, 0]]));
  // Another class, and one too far away.
  tally.add(columns([[0, 0, 10, 0.75, 0], [30, 0, 10, 0.75, 0]]), columns([[0, 0, 10, 0.75, 1]]));
  assertEquals(tally.agreement, {
    pictures: 2,
    referenceCount: 4,
    candidateCount: 2,
    matchedCount: 1,
    lostShare: 0.75,
    newShare: 0.5,
    scoreDifference: 0.25,
    meanIou: 1,
  });
});

Deno.test("weak detections are partners and nothing else", () => {
  const strong: Row = [0, 0, 10, 0.75, 0];
  const weak: Row = [0, 0, 10, 0.25, 0];
  assertEquals(compare([weak], []).lostShare, 0);
  assertEquals(compare([strong], [weak]).lostShare, 0);
  assertEquals(compare([weak], [strong]).newShare, 0);
  assertEquals(compare([weak], [weak]).matchedCount, 0);
  assertEquals([compare([strong], []).lostShare, compare([], [strong]).newShare], [1, 1]);
});

Deno.test("a rule that no detection can keep is refused", () => {
  assertThrows(() => new AgreementTally({ iouMin: 2, firmScore: 0.5 }), RangeError, "iouMin 2");
  assertThrows(() => new AgreementTally({ iouMin: 0.5, firmScore: NaN }), RangeError, "firmScore");
});
