import fc from "fast-check";
import {
  focalColumns as oracleColumns,
  focalRows as oracleRows,
} from "../../kernels/reference/focal.ts";
import type { ScoreRows } from "../../src/core/kernels.ts";
import { assertSums, ownSums, placeFloats, placeSums, placeTargets } from "./focal_bench.ts";
import type { KernelBench } from "./kernel_bench.ts";

/** Comparisons of `Kernels.focalRows` and `focalColumns` with the oracle, as named functions. */
export const FOCAL_ORACLE_CASES: readonly (readonly [string, (bench: KernelBench) => void])[] = [
  ["focalRows() agrees with the oracle on any scores", rowsAgreeWithOracle],
  ["focalColumns() agrees with the oracle on any scores", columnsAgreeWithOracle],
];

const anyScore = fc.oneof(
  { weight: 40, arbitrary: fc.double({ min: -20, max: 20, noNaN: true }) },
  { weight: 20, arbitrary: fc.double({ min: -14, max: -6, noNaN: true }) },
  { weight: 20, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
  { weight: 10, arbitrary: fc.double({ min: 0, max: 0.002, noNaN: true }) },
  { weight: 3, arbitrary: fc.constantFrom(-1e4, -100, -0, 0, 1, 100, 1e4, 1e-30) },
  { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity) },
).map(Math.fround);

const anySettings = fc.record({
  activation: fc.constantFrom("logit" as const, "probability" as const),
  gamma: fc.constantFrom(0, 0.3, 0.5, 1, 1.5, 1.7, 2, 2.5, 5, 20),
  alpha: fc.constantFrom(null, 0, 0.25, 1),
  easyBelow: fc.constantFrom(0.001, 0.1, 0.4321, 0.9),
});

function anyTargets(rows: number, classCount: number): fc.Arbitrary<number[] | null> {
  const targets = fc.array(fc.integer({ min: -2, max: classCount - 1 }), {
    minLength: rows,
    maxLength: rows,
  });
  return fc.option(targets, { nil: null, freq: 3 });
}

function rowsAgreeWithOracle(bench: KernelBench): void {
  const worlds = fc.record({
    rows: fc.nat(70),
    classCount: fc.integer({ min: 1, max: 9 }),
    before: fc.nat(3),
    after: fc.nat(3),
    hasObjectness: fc.boolean(),
    settings: anySettings,
  }).chain(({ rows, classCount, before, after, hasObjectness, settings }) => {
    const rowLength = before + classCount + after;
    const shape: ScoreRows = {
      rows,
      rowLength,
      classOffset: before,
      classCount,
      objectnessOffset: hasObjectness && settings.activation === "probability" ? 0 : -1,
    };
    const length = rows * rowLength;
    return fc.record({
      scores: fc.array(anyScore, { minLength: length, maxLength: length }),
      targets: anyTargets(rows, classCount),
      shape: fc.constant(shape),
      settings: fc.constant(settings),
    });
  });
  fc.assert(
    fc.property(worlds, ({ scores, targets, shape, settings }) => {
      bench.reset();
      const expected = ownSums(shape.rows, shape.classCount);
      const own = targets === null ? null : Int32Array.from(targets);
      oracleRows(Float32Array.from(scores), shape, own, settings, expected);
      const found = placeSums(bench, shape.rows, shape.classCount);
      const data = placeFloats(bench, scores);
      bench.kernels.focalRows(data, shape, placeTargets(bench, targets), settings, found);
      assertSums(found, expected, settings.gamma);
    }),
    { numRuns: 300, seed: 1 },
  );
}

function columnsAgreeWithOracle(bench: KernelBench): void {
  const worlds = fc.record({
    anchors: fc.integer({ min: 1, max: 300 }),
    classCount: fc.integer({ min: 1, max: 3 }),
    offset: fc.nat(5),
    settings: anySettings,
  }).chain(({ anchors, classCount, offset, settings }) => {
    const length = offset + anchors * classCount;
    return fc.record({
      scores: fc.array(anyScore, { minLength: length, maxLength: length }),
      targets: anyTargets(anchors, classCount),
      anchors: fc.constant(anchors),
      classCount: fc.constant(classCount),
      offset: fc.constant(offset),
      settings: fc.constant(settings),
    });
  });
  fc.assert(
    fc.property(worlds, ({ scores, targets, anchors, classCount, offset, settings }) => {
      bench.reset();
      const expected = ownSums(anchors, classCount);
      const own = targets === null ? null : Int32Array.from(targets);
      const data = Float32Array.from(scores);
      oracleColumns(data, offset, anchors, classCount, own, settings, expected);
      const found = placeSums(bench, anchors, classCount);
      const placed = placeTargets(bench, targets);
      const there = placeFloats(bench, scores);
      bench.kernels.focalColumns(there, offset, anchors, classCount, placed, settings, found);
      assertSums(found, expected, settings.gamma);
    }),
    { numRuns: 150, seed: 1 },
  );
}
