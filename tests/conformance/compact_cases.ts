import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  compactColumns as oracleColumns,
  compactRows as oracleRows,
} from "../../kernels/reference/compact.ts";
import { candidatesBytes, candidatesView } from "../../src/core/candidates.ts";
import type { Candidates, ScoreRows } from "../../src/core/kernels.ts";
import type { KernelBench } from "./kernel_bench.ts";

/** Cases for `Kernels.compactRows` and `compactColumns`, as named functions. */
export const COMPACT_CASES: readonly (readonly [string, (bench: KernelBench) => void])[] = [
  ["compactRows() picks the best class of every good row", picksBestOfRows],
  ["compactColumns() picks the best class of every good anchor", picksBestOfColumns],
  ["compactRows() multiplies by the objectness", multipliesObjectness],
  ["compactRows() and compactColumns() give equal scores to the lower class", breaksTies],
  ["compactRows() and compactColumns() keep a score equal to the threshold", keepsThreshold],
  ["compactRows() and compactColumns() leave broken rows out and count them", countsNonFinite],
  ["compactRows() and compactColumns() count what does not fit", countsOverflow],
  ["compactRows() and compactColumns() take no rows at all", takesNothing],
  ["compactRows() agrees with the oracle on any scores", rowsAgreeWithOracle],
  ["compactColumns() agrees with the oracle on any scores", columnsAgreeWithOracle],
];

/** What was found, as plain rows of `[score, class, anchor]`. */
interface Found {
  readonly rows: readonly (readonly [number, number, number])[];
  readonly overflow: number;
  readonly nonFinite: number;
}

function listFound(out: Candidates): Found {
  const rows = Array.from({ length: out.count }, (_, i): [number, number, number] => {
    return [out.score[i]!, out.classIndex[i]!, out.anchorIndex[i]!];
  });
  return { rows, overflow: out.overflow, nonFinite: out.nonFinite };
}

function placeScores(bench: KernelBench, scores: readonly number[]): Float32Array {
  const offset = bench.allocate(4 * Math.max(1, scores.length));
  const data = new Float32Array(bench.buffer, offset, scores.length);
  data.set(scores);
  return data;
}

function placeCandidates(bench: KernelBench, capacity: number): Candidates {
  const offset = bench.allocate(candidatesBytes(capacity));
  const out = candidatesView(bench.buffer, offset, capacity);
  Object.assign(out, { count: 99, overflow: 99, nonFinite: 99 });
  return out;
}

/** Rows of class scores only. */
function plainRows(rows: number, classCount: number): ScoreRows {
  return { rows, rowLength: classCount, classOffset: 0, classCount, objectnessOffset: -1 };
}

function findRows(
  bench: KernelBench,
  scores: readonly number[],
  shape: ScoreRows,
  threshold: number,
  capacity = 100,
): Found {
  const data = placeScores(bench, scores);
  const out = placeCandidates(bench, capacity);
  bench.kernels.compactRows(data, shape, threshold, out);
  return listFound(out);
}

function findColumns(
  bench: KernelBench,
  columns: readonly number[],
  offset: number,
  anchors: number,
  threshold: number,
  capacity = 100,
): Found {
  const data = placeScores(bench, columns);
  const out = placeCandidates(bench, capacity);
  const classCount = Math.floor((columns.length - offset) / Math.max(1, anchors));
  bench.kernels.compactColumns(data, offset, anchors, classCount, threshold, out);
  return listFound(out);
}

/** The same rows through both operations; both must find the same. */
function findBoth(
  bench: KernelBench,
  rows: readonly (readonly number[])[],
  threshold: number,
  capacity = 100,
): Found {
  const classCount = rows[0]!.length;
  const byRow = findRows(
    bench,
    rows.flat(),
    plainRows(rows.length, classCount),
    threshold,
    capacity,
  );
  const columns = rows[0]!.flatMap((_, index) => rows.map((row) => row[index]!));
  assertEquals(findColumns(bench, columns, 0, rows.length, threshold, capacity), byRow);
  return byRow;
}

function picksBestOfRows(bench: KernelBench): void {
  const shape = { rows: 3, rowLength: 7, classOffset: 4, classCount: 3, objectnessOffset: -1 };
  const boxes = [9, 9, 9, 9];
  const scores = [...boxes, 0, 0.5, 0.25, ...boxes, 0.125, 0.125, 0, ...boxes, 1, 0, 0];
  const expected = { rows: [[0.5, 1, 0], [1, 0, 2]], overflow: 0, nonFinite: 0 };
  assertEquals<unknown>(findRows(bench, scores, shape, 0.25), expected);
}

function picksBestOfColumns(bench: KernelBench): void {
  const scores = [7, 7, 7, ...[0, 0.125, 1], ...[0.5, 0.125, 0], ...[0.25, 0, 0]];
  const expected = { rows: [[0.5, 1, 0], [1, 0, 2]], overflow: 0, nonFinite: 0 };
  assertEquals<unknown>(findColumns(bench, scores, 3, 3, 0.25), expected);
}

function multipliesObjectness(bench: KernelBench): void {
  const shape = { rows: 2, rowLength: 6, classOffset: 1, classCount: 5, objectnessOffset: 0 };
  const scores = [0.5, 0, 0, 0, 0, 1, 0.25, 1, 1, 1, 1, 1];
  const expected = { rows: [[0.5, 4, 0]], overflow: 0, nonFinite: 0 };
  assertEquals<unknown>(findRows(bench, scores, shape, 0.5), expected);
}

/** Ties at every pair of positions of rows short and long. */
function breaksTies(bench: KernelBench): void {
  for (const classCount of [2, 3, 4, 5, 9, 17]) {
    bench.reset();
    for (let low = 0; low < classCount - 1; low++) {
      const row = Array(classCount).fill(0.25);
      row[low] = 0.75;
      row[classCount - 1] = 0.75;
      const rows = Array(19).fill(row);
      const expected = rows.map((_, i) => [0.75, low, i]);
      assertEquals<unknown>(findBoth(bench, rows, 0.5).rows, expected);
    }
  }
}

function keepsThreshold(bench: KernelBench): void {
  const rows = [[0.25, 0], [0.2499, 0], [0, 0.2501]];
  const found = findBoth(bench, rows, 0.25).rows.map(([, , anchor]) => anchor);
  assertEquals(found, [0, 2]);
  // A threshold is a float32 like the scores, so that 0.1 reaches 0.1.
  assertEquals(findBoth(bench, [[Math.fround(0.1)]], 0.1).rows.length, 1);
}

function countsNonFinite(bench: KernelBench): void {
  for (const bad of [NaN, Infinity, -Infinity]) {
    for (const classCount of [1, 3, 4, 6, 80]) {
      bench.reset();
      const rows = Array.from({ length: 21 }, () => Array(classCount).fill(0.5));
      rows[2]![classCount - 1] = bad;
      rows[17]![0] = bad;
      rows[20]![classCount >> 1] = bad;
      const found = findBoth(bench, rows, 0.25);
      assertEquals([found.rows.length, found.nonFinite], [18, 3]);
      assertEquals(found.rows.some(([, , anchor]) => [2, 17, 20].includes(anchor)), false);
    }
  }
}

function countsOverflow(bench: KernelBench): void {
  const rows = Array.from({ length: 40 }, (_, i) => [i % 2 === 0 ? 0.9 : 0.1, 0]);
  const found = findBoth(bench, rows, 0.5, 3);
  assertEquals(found.rows.map(([, , anchor]) => anchor), [0, 2, 4]);
  assertEquals(found.overflow, 17);
}

function takesNothing(bench: KernelBench): void {
  const nothing = { rows: [], overflow: 0, nonFinite: 0 };
  assertEquals(findRows(bench, [], plainRows(0, 80), 0.5), nothing);
  const out = placeCandidates(bench, 1);
  bench.kernels.compactColumns(placeScores(bench, []), 0, 0, 80, 0.5, out);
  assertEquals(listFound(out), nothing);
}

/** Scores that collide often, with what broken models put out among them. */
const anyScore = fc.oneof(
  { weight: 60, arbitrary: fc.integer({ min: 0, max: 16 }).map((n) => n / 16) },
  { weight: 40, arbitrary: fc.float({ noDefaultInfinity: true, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity, -0, 1e-45, -1e-45) },
);
const anyThreshold = fc.constantFrom(0, 0.25, 0.3, 0.5, 1, -1, 1e-3);

function rowsAgreeWithOracle(bench: KernelBench): void {
  const shapes = fc.record({
    rows: fc.nat(40),
    classCount: fc.integer({ min: 1, max: 21 }),
    before: fc.nat(6),
    after: fc.nat(3),
    hasObjectness: fc.boolean(),
  }).chain(({ rows, classCount, before, after, hasObjectness }) => {
    const rowLength = before + classCount + after;
    const objectness = hasObjectness ? fc.nat(rowLength - 1) : fc.constant(-1);
    const length = rows * rowLength;
    return fc.record({
      scores: fc.array(anyScore, { minLength: length, maxLength: length }),
      shape: objectness.map((objectnessOffset): ScoreRows => {
        return { rows, rowLength, classOffset: before, classCount, objectnessOffset };
      }),
    });
  });
  fc.assert(
    fc.property(
      shapes,
      anyThreshold,
      fc.integer({ min: 1, max: 50 }),
      (rows, threshold, capacity) => {
        bench.reset();
        const out = candidatesView(new ArrayBuffer(candidatesBytes(capacity)), 0, capacity);
        oracleRows(new Float32Array(rows.scores), rows.shape, threshold, out);
        const actual = findRows(bench, rows.scores, rows.shape, threshold, capacity);
        assertEquals(actual, listFound(out));
      },
    ),
    { numRuns: 200, seed: 1 },
  );
}

function columnsAgreeWithOracle(bench: KernelBench): void {
  const shapes = fc.record({
    anchors: fc.integer({ min: 1, max: 40 }),
    classCount: fc.integer({ min: 1, max: 21 }),
    offset: fc.nat(9),
  }).chain(({ anchors, classCount, offset }) => {
    const length = offset + anchors * classCount;
    return fc.record({
      anchors: fc.constant(anchors),
      classCount: fc.constant(classCount),
      offset: fc.constant(offset),
      scores: fc.array(anyScore, { minLength: length, maxLength: length }),
    });
  });
  fc.assert(
    fc.property(
      shapes,
      anyThreshold,
      fc.integer({ min: 1, max: 50 }),
      (shape, threshold, capacity) => {
        bench.reset();
        const { anchors, classCount, offset, scores } = shape;
        const out = candidatesView(new ArrayBuffer(candidatesBytes(capacity)), 0, capacity);
        oracleColumns(new Float32Array(scores), offset, anchors, classCount, threshold, out);
        const actual = findColumns(bench, scores, offset, anchors, threshold, capacity);
        assertEquals(actual, listFound(out));
      },
    ),
    { numRuns: 200, seed: 1 },
  );
}
