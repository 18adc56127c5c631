import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  type FocalSettings,
  type FocalSums,
  makeFocalSums,
  weighFocal,
} from "../../src/core/focal_sums.ts";
import type { ScoreRows } from "../../src/core/kernels.ts";
import { sigmoidFocalInto } from "../../src/losses/mod.ts";
import {
  assertSums,
  FIELDS,
  ownSums,
  placeFloats,
  placeSums,
  placeTargets,
  PLAIN,
  plainRows,
  sumBoth,
} from "./focal_bench.ts";
import type { KernelBench } from "./kernel_bench.ts";

/** Cases for `Kernels.focalRows` and `focalColumns`, as named functions. */
export const FOCAL_CASES: readonly (readonly [string, (bench: KernelBench) => void])[] = [
  ["focalRows() and focalColumns() sum what the losses say, with the gradient", sumsLosses],
  ["focalRows() and focalColumns() tell easy negatives from hard ones", splitsEasy],
  ["focalRows() and focalColumns() leave ignored rows out", ignoresRows],
  ["focalRows() and focalColumns() leave broken scores out and count them", countsNonFinite],
  ["focalRows() and focalColumns() stay finite where scores saturate", staysFinite],
  ["focalRows() sums probabilities times the objectness", multipliesObjectness],
  ["focalRows() and focalColumns() take no rows at all", takesNothing],
  ["focalRows() and focalColumns() write the gradient and nothing beside it", keepsToItsBuffers],
  ["focalRows() and focalColumns() read scores that end with the memory", readsToTheEnd],
  ["focalRows() and focalColumns() give the same bits again", repeats],
  ["focalRows() and focalColumns() refuse arguments out of range", refusesArguments],
];

function sumsLosses(bench: KernelBench): void {
  const rows = [[0.8, -1.5, -8], [-9, -7.5, -12], [2, 0.1, -4], [-0.5, -30, 3]];
  const targets = [0, -1, 1, -1];
  const found = sumBoth(bench, rows, targets);
  const wanted = rows.flatMap((row, i) => row.map((_, index) => Number(targets[i] === index)));
  const gradient = new Float64Array(12);
  const loss = new Float64Array(12);
  const weights = { gamma: 2, alpha: 0.25 };
  const total = sigmoidFocalInto(rows.flat(), wanted, weights, { loss, gradient });
  assertAlmostEquals(weighFocal(found, 0.25), total, 1e-6);
  assertEquals([found.positives, found.negatives, found.nonFinite], [2, 10, 0]);
  gradient.forEach((slope, i) => assertAlmostEquals(found.gradient![i]!, slope, 1e-6));
  const last = (loss[2]! + loss[5]! + loss[8]! + loss[11]!) / 0.75;
  assertAlmostEquals(found.classFocal![2]!, last, 1e-5);
  // With gamma 0 both sums are the same, and alpha is a matter of whoever weighs them.
  const plain = sumBoth(bench, rows, targets, { ...PLAIN, gamma: 0, alpha: null });
  assertAlmostEquals(plain.negativeFocal, plain.negativeCrossEntropy, 1e-6);
  const crossEntropy = sigmoidFocalInto(rows.flat(), wanted, { gamma: 0, alpha: null }, {});
  assertAlmostEquals(weighFocal(plain, null), crossEntropy, 1e-5);
}

function splitsEasy(bench: KernelBench): void {
  const rows = [[-3, -8, 1, 2.5, -2.25], [-0.5, 0, -9, -9, -9]];
  const found = sumBoth(bench, rows, null);
  const easy = rows.flat().filter((logit) => 1 / (1 + Math.exp(-logit)) < 0.1);
  const zeros = easy.map(() => 0);
  const focal = sigmoidFocalInto(easy, zeros, { gamma: 2, alpha: null }, {});
  const crossEntropy = sigmoidFocalInto(easy, zeros, { gamma: 0, alpha: null }, {});
  assertAlmostEquals(found.easyFocal, focal, 1e-8);
  assertAlmostEquals(found.easyCrossEntropy, crossEntropy, 1e-6);
  const all = sumBoth(bench, rows, null, { ...PLAIN, easyBelow: 1 });
  assertEquals(all.easyFocal, all.negativeFocal);
  assertEquals(all.easyCrossEntropy, all.negativeCrossEntropy);
}

function ignoresRows(bench: KernelBench): void {
  const rows = [[1, 2], [NaN, 3], [-1, 0.5]];
  const found = sumBoth(bench, rows, [0, -2, -1]);
  assertEquals([found.positives, found.negatives, found.nonFinite], [1, 3, 0]);
  assertEquals([...found.gradient!.subarray(2, 4)], [0, 0]);
  const without = sumBoth(bench, [[1, 2], [-1, 0.5]], [0, -1]);
  assertAlmostEquals(found.negativeFocal, without.negativeFocal, 1e-6);
}

function countsNonFinite(bench: KernelBench): void {
  for (const activation of ["logit", "probability"] as const) {
    for (const bad of [NaN, Infinity, -Infinity]) {
      for (const classCount of [1, 3, 4, 6, 80]) {
        bench.reset();
        const rows = Array.from({ length: 41 }, () => Array(classCount).fill(0.25));
        const clean = sumBoth(bench, rows, null, { ...PLAIN, activation });
        const targets = rows.map(() => -1);
        targets[17] = 0;
        rows[2]![classCount - 1] = bad;
        rows[17]![0] = bad;
        rows[40]![classCount >> 1] = bad;
        const found = sumBoth(bench, rows, targets, { ...PLAIN, activation });
        assertEquals(
          [found.positives, found.negatives, found.nonFinite],
          [0, 41 * classCount - 3, 3],
        );
        const share = (41 * classCount - 3) / (41 * classCount);
        const expected = clean.negativeFocal * share;
        assertAlmostEquals(found.negativeFocal, expected, 1e-5 * Math.max(1, expected));
        assertEquals(found.gradient![17 * classCount], 0);
        assert(found.gradient!.every(Number.isFinite));
      }
    }
  }
}

function staysFinite(bench: KernelBench): void {
  const logits = [-1e4, -100, -88, -87, -20, 20, 87, 88, 100, 1e4, 3e38, -3e38];
  const shares = [0, 1e-45, 1e-38, 1e-20, 0.5, 0.99999994, 1, 1.0000001, -1e-9, 2, -2];
  for (const gamma of [0, 0.3, 0.5, 2, 20]) {
    for (const [activation, scores] of [["logit", logits], ["probability", shares]] as const) {
      for (const target of [-1, 0]) {
        const settings = { ...PLAIN, activation, gamma };
        const targets = scores.map(() => target);
        const found = sumBoth(bench, scores.map((score) => [score]), targets, settings);
        for (const field of FIELDS) {
          assert(Number.isFinite(found[field]) && found[field] >= 0, `${field} ${found[field]}`);
        }
        assert(found.gradient!.every(Number.isFinite), `${found.gradient}`);
      }
    }
  }
  // A probability of 1 lacks half a step of float32, not nothing.
  const sure = sumBoth(bench, [[1]], [-1], { ...PLAIN, activation: "probability", gamma: 0 });
  assertAlmostEquals(sure.negativeCrossEntropy, 25 * Math.LN2, 1e-5);
  const lost = sumBoth(bench, [[0]], [0], { ...PLAIN, activation: "probability", gamma: 0 });
  assertAlmostEquals(lost.positiveCrossEntropy, 126 * Math.LN2, 1e-3);
}

function multipliesObjectness(bench: KernelBench): void {
  const shape = { rows: 2, rowLength: 8, classOffset: 2, classCount: 5, objectnessOffset: 1 };
  const settings = { ...PLAIN, activation: "probability" } as const;
  const data = placeFloats(bench, [9, 0.5, 1, 0.5, 0.25, 0, 0.125, 9, 9, 0.25, 1, 1, 1, 1, 1, 9]);
  const targets = placeTargets(bench, [1, -1]);
  const found = placeSums(bench, 2, 5);
  bench.kernels.focalRows(data, shape, targets, settings, found);
  const product = [0.5, 0.25, 0.125, 0, 0.0625, 0.25, 0.25, 0.25, 0.25, 0.25];
  const expected = placeSums(bench, 2, 5);
  const plain = placeFloats(bench, product);
  bench.kernels.focalRows(plain, plainRows(2, 5), targets, settings, expected);
  assertSums(found, expected, 2);
  // What stands beside a row's classes does not matter, whatever it is multiplied with.
  data[7] = 0;
  data[9] = Infinity;
  bench.kernels.focalRows(data, shape, targets, settings, found);
  assertEquals(found.nonFinite, 5);
}

function takesNothing(bench: KernelBench): void {
  const found = placeSums(bench, 0, 3);
  const none = placeFloats(bench, []);
  bench.kernels.focalRows(none, plainRows(0, 3), placeTargets(bench, []), PLAIN, found);
  assertSums(found, ownSums(0, 3), 2);
  bench.kernels.focalColumns(none, 0, 0, 3, null, PLAIN, found);
  assertSums(found, ownSums(0, 3), 2);
}

function keepsToItsBuffers(bench: KernelBench): void {
  for (const classCount of [1, 3, 4, 5]) {
    for (const rows of [1, 2, 3, 5, 33]) {
      bench.reset();
      const cells = rows * classCount;
      const data = placeFloats(bench, Array(cells).fill(0.5));
      const room = placeFloats(bench, Array(cells + 16).fill(7));
      const sumsAt = bench.allocate(8 * (classCount + 2));
      const sums = new Float64Array(bench.buffer, sumsAt, classCount + 2).fill(7);
      const out = makeFocalSums({
        gradient: room.subarray(8, 8 + cells),
        classFocal: sums.subarray(1, 1 + classCount),
      });
      const targets = placeTargets(bench, Array(rows).fill(classCount - 1));
      bench.kernels.focalRows(data, plainRows(rows, classCount), targets, PLAIN, out);
      bench.kernels.focalColumns(data, 0, rows, classCount, targets, PLAIN, out);
      const around = [...room.subarray(0, 8), ...room.subarray(8 + cells), sums[0], sums.at(-1)];
      assertEquals(around.every((value) => value === 7), true);
      assertEquals(room.subarray(8, 8 + cells).includes(7), false);
    }
  }
}

/** Nothing lies behind the last score, so reading too far would be an error. */
function readsToTheEnd(bench: KernelBench): void {
  for (const classCount of [1, 2, 3, 5, 6, 7]) {
    const cells = 3 * classCount;
    const out = makeFocalSums();
    const size = bench.buffer.byteLength;
    const data = new Float32Array(bench.buffer, size - 4 * cells, cells);
    const saved = data.slice();
    data.fill(0.5);
    const targets = placeTargets(bench, [0, -1, -2]);
    bench.kernels.focalRows(data, plainRows(3, classCount), targets, PLAIN, out);
    assertEquals(out.positives, 1);
    bench.kernels.focalColumns(data, 0, 3, classCount, targets, PLAIN, out);
    assertEquals([out.positives, out.negatives], [1, 2 * classCount - 1]);
    data.set(saved);
  }
}

function repeats(bench: KernelBench): void {
  const rows = Array.from({ length: 50 }, (_, i) => [Math.sin(i) * 9, -7 - Math.cos(i), 0.1 * i]);
  const first = sumBoth(bench, rows, null, { ...PLAIN, gamma: 1.7 });
  const again = sumBoth(bench, rows, null, { ...PLAIN, gamma: 1.7 });
  assertEquals(again, first);
}

function refusesArguments(bench: KernelBench): void {
  const data = placeFloats(bench, Array(60).fill(0.5));
  const targets = placeTargets(bench, Array(20).fill(-1))!;
  const shape = plainRows(20, 3);
  const { kernels } = bench;
  const good = placeSums(bench, 20, 3);
  kernels.focalRows(data, shape, targets, PLAIN, good);
  function refuse(
    change: Partial<ScoreRows>,
    settings: object,
    out: FocalSums = good,
    to: Int32Array | null = targets,
  ): void {
    const wrong = { ...PLAIN, ...settings } as FocalSettings;
    const rows = { ...shape, ...change };
    const what = JSON.stringify({ change, settings });
    assertThrows(() => kernels.focalRows(data, rows, to, wrong, out), RangeError, "Cannot", what);
  }
  refuse({ rows: 21 }, {});
  refuse({ classOffset: 1 }, {});
  refuse({ objectnessOffset: 0 }, {});
  refuse({}, { gamma: -1 });
  refuse({}, { gamma: 21 });
  refuse({}, { gamma: NaN });
  refuse({}, { alpha: 1.5 });
  refuse({}, { alpha: NaN });
  refuse({}, { easyBelow: 0 });
  refuse({}, { easyBelow: 2 });
  refuse({}, { activation: "softmax" });
  refuse({}, {}, good, targets.subarray(1));
  refuse({}, {}, makeFocalSums({ gradient: good.gradient!.subarray(1) }));
  refuse({}, {}, makeFocalSums({ classFocal: good.classFocal!.subarray(1) }));
  for (const wrong of [-3, 3]) {
    targets[19] = wrong;
    refuse({}, {});
    assertThrows(() => kernels.focalColumns(data, 0, 20, 3, targets, PLAIN, good), RangeError);
  }
  for (const [at, anchors, classes] of [[1, 20, 3], [0, 21, 3], [-1, 5, 5], [0, 5, 0]] as const) {
    assertThrows(
      () => kernels.focalColumns(data, at, anchors, classes, null, PLAIN, makeFocalSums()),
      RangeError,
    );
  }
}
