import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  floats,
  listCandidates,
  makeCandidates,
  makeParams,
  makeSpec,
  viewOf,
} from "../../tests/support/adapter_bench.ts";
import type { Candidates, ScoreRows } from "../core/kernels.ts";
import { ReferenceKernels } from "../native/reference_kernels.ts";
import { createAdapter } from "./adapter.ts";
import { everyLabel, labelsWhenMeasured } from "./every_label.ts";

const KERNELS = new ReferenceKernels();
const ALL = everyLabel(KERNELS);

/** Score, class and row of each candidate, strongest first. */
function ranked(out: Candidates): number[][] {
  return listCandidates(out).map(([score, label, row]) => [score!, label!, row!])
    .sort((a, b) => b[0]! - a[0]! || a[2]! - b[2]! || a[1]! - b[1]!);
}

Deno.test("everyLabel() reports a box for every class that is good enough", () => {
  const options = { rows: 2, layout: "rows", scores: "probability" };
  const adapter = createAdapter(makeSpec({ family: "yolo-v8", options }));
  const rows = [[10, 10, 4, 4, 0.5, 0.1, 0.75], [20, 20, 8, 8, 0.1, 0.2, 0.125]];
  const view = viewOf({ p: floats([1, 2, 7], rows.flat()) });
  const out = makeCandidates(6);
  adapter.decodeInto(view, ALL, makeParams(), out);
  assertEquals(listCandidates(out), [
    [0.5, 0, 0, 8, 8, 12, 12],
    [0.75, 2, 0, 8, 8, 12, 12],
  ]);
  adapter.decodeInto(view, KERNELS, makeParams(), out);
  assertEquals(listCandidates(out), [[0.75, 2, 0, 8, 8, 12, 12]]);
});

Deno.test("everyLabel() reads columns like rows", () => {
  const data = Float32Array.from({ length: 12 }, (_, i) => (i * 5 % 12) / 12);
  const turned = Float32Array.from({ length: 12 }, (_, i) => data[(i % 4) * 3 + (i >> 2)]!);
  const shape: ScoreRows = {
    rows: 4,
    rowLength: 3,
    classOffset: 0,
    classCount: 3,
    objectnessOffset: -1,
  };
  const [byRow, byColumn] = [makeCandidates(12), makeCandidates(12)];
  ALL.compactRows(data, shape, 0.25, byRow);
  ALL.compactColumns(turned, 0, 4, 3, 0.25, byColumn);
  assertEquals(listCandidates(byColumn), listCandidates(byRow));
  assertEquals(byRow.count, 9);
});

Deno.test("everyLabel() multiplies objectness in and leaves broken rows out", () => {
  const shape: ScoreRows = {
    rows: 3,
    rowLength: 3,
    classOffset: 1,
    classCount: 2,
    objectnessOffset: 0,
  };
  const data = Float32Array.from([0.5, 1, 0.25, 1, NaN, 0.9, Infinity, 0.5, 0.5]);
  const out = makeCandidates(6);
  ALL.compactRows(data, shape, 0.125, out);
  assertEquals([ranked(out), out.nonFinite], [[[0.5, 0, 0], [0.125, 1, 0]], 2]);
});

Deno.test("everyLabel() keeps the best candidates where not all fit", () => {
  const score = fc.integer({ min: 0, max: 4096 }).map((x) => x / 4096);
  fc.assert(
    fc.property(
      fc.uniqueArray(score, { minLength: 4, maxLength: 80 }),
      fc.integer({ min: 1, max: 20 }),
      (scores, capacity) => {
        const rows = Math.floor(scores.length / 2);
        const shape = { rows, rowLength: 2, classOffset: 0, classCount: 2, objectnessOffset: -1 };
        const data = Float32Array.from(scores.slice(0, 2 * rows));
        const [all, some] = [makeCandidates(2 * rows), makeCandidates(capacity)];
        ALL.compactRows(data, shape, 0.25, all);
        ALL.compactRows(data, shape, 0.25, some);
        assertEquals(ranked(some), ranked(all).slice(0, capacity));
        assertEquals(some.overflow, Math.max(0, all.count - capacity));
      },
    ),
    { seed: 3, numRuns: 300 },
  );
});

Deno.test("everyLabel() of one class is what the kernels do anyway", () => {
  fc.assert(
    fc.property(fc.array(fc.float({ noNaN: false }), { minLength: 1, maxLength: 30 }), (scores) => {
      const shape = {
        rows: scores.length,
        rowLength: 1,
        classOffset: 0,
        classCount: 1,
        objectnessOffset: -1,
      };
      const [all, best] = [makeCandidates(scores.length), makeCandidates(scores.length)];
      ALL.compactRows(Float32Array.from(scores), shape, 0.25, all);
      KERNELS.compactRows(Float32Array.from(scores), shape, 0.25, best);
      assertEquals(listCandidates(all), listCandidates(best));
      assertEquals(all.nonFinite, best.nonFinite);
    }),
    { seed: 4, numRuns: 300 },
  );
});

Deno.test("labelsWhenMeasured() follows the makers of a family", () => {
  const labels = (["yolox", "yolo-v8", "yolo-v5", "nanodet"] as const).map((family) =>
    labelsWhenMeasured(makeSpec({ family, options: {} }))
  );
  assertEquals(labels, ["best", "all", "all", "all"]);
});
