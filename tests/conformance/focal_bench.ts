import { assert, assertEquals } from "@std/assert";
import { type FocalSettings, type FocalSums, makeFocalSums } from "../../src/core/focal_sums.ts";
import type { ScoreRows } from "../../src/core/kernels.ts";
import type { KernelBench } from "./kernel_bench.ts";

/** Settings of most cases. */
export const PLAIN: FocalSettings = { activation: "logit", gamma: 2, alpha: 0.25, easyBelow: 0.1 };
/** The sums. */
export const FIELDS = [
  "positiveFocal",
  "negativeFocal",
  "easyFocal",
  "positiveCrossEntropy",
  "negativeCrossEntropy",
  "easyCrossEntropy",
] as const;

/** Float32 numbers in the kernels' memory. */
export function placeFloats(bench: KernelBench, values: readonly number[]): Float32Array {
  const offset = bench.allocate(4 * Math.max(1, values.length));
  const placed = new Float32Array(bench.buffer, offset, values.length);
  placed.set(values);
  return placed;
}

/** Classes of rows in the kernels' memory. */
export function placeTargets(
  bench: KernelBench,
  values: readonly number[] | null,
): Int32Array | null {
  if (values === null) return null;
  const offset = bench.allocate(4 * Math.max(1, values.length));
  const placed = new Int32Array(bench.buffer, offset, values.length);
  placed.set(values);
  return placed;
}

/** Sums full of values that no kernel finds, with room for everything. */
export function placeSums(bench: KernelBench, rows: number, classCount: number): FocalSums {
  const classesAt = bench.allocate(8 * classCount);
  const gradientAt = bench.allocate(4 * Math.max(1, rows * classCount));
  const out = makeFocalSums({
    classFocal: new Float64Array(bench.buffer, classesAt, classCount).fill(99),
    gradient: new Float32Array(bench.buffer, gradientAt, rows * classCount).fill(NaN),
  });
  for (const field of FIELDS) out[field] = 99;
  return Object.assign(out, { positives: 99, negatives: 99, nonFinite: 99 });
}

/** Sums in memory of their own, for the oracle. */
export function ownSums(rows: number, classCount: number): FocalSums {
  return makeFocalSums({
    classFocal: new Float64Array(classCount),
    gradient: new Float32Array(rows * classCount),
  });
}

/** Rows of class scores only. */
export function plainRows(rows: number, classCount: number): ScoreRows {
  return { rows, rowLength: classCount, classOffset: 0, classCount, objectnessOffset: -1 };
}

/** Rows through both operations, which must agree; the gradient is that of rows. */
export function sumBoth(
  bench: KernelBench,
  rows: readonly (readonly number[])[],
  targets: readonly number[] | null,
  settings: FocalSettings = PLAIN,
): FocalSums {
  const classCount = rows[0]!.length;
  const placed = placeTargets(bench, targets);
  const byRow = placeSums(bench, rows.length, classCount);
  const data = placeFloats(bench, rows.flat());
  bench.kernels.focalRows(data, plainRows(rows.length, classCount), placed, settings, byRow);
  const byColumn = placeSums(bench, rows.length, classCount);
  const columns = rows[0]!.flatMap((_, index) => rows.map((row) => row[index]!));
  const turned = placeFloats(bench, columns);
  bench.kernels.focalColumns(turned, 0, rows.length, classCount, placed, settings, byColumn);
  const back = Float32Array.from(
    { length: columns.length },
    (_, i) => byColumn.gradient![(i % classCount) * rows.length + Math.floor(i / classCount)]!,
  );
  assertSums({ ...byColumn, gradient: back }, byRow, settings.gamma);
  return byRow;
}

/** Asserts what the contract promises: within 1e-5 of the oracle, more for a large gamma. */
export function assertSums(found: FocalSums, expected: FocalSums, gamma: number): void {
  const relative = 1e-5 * Math.max(1, gamma / 3);
  assertEquals(
    [found.positives, found.negatives, found.nonFinite],
    [expected.positives, expected.negatives, expected.nonFinite],
  );
  function assertClose(what: string, a: number, b: number): void {
    assert(Math.abs(a - b) <= relative * Math.abs(b) + 1e-30, `${what}: ${a} is not ${b}`);
  }
  for (const field of FIELDS) assertClose(field, found[field], expected[field]);
  expected.classFocal!.forEach((sum, i) => assertClose(`class ${i}`, found.classFocal![i]!, sum));
  expected.gradient!.forEach((slope, i) => assertClose(`cell ${i}`, found.gradient![i]!, slope));
}
