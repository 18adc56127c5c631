import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { nms as oracle } from "../../kernels/reference/nms.ts";
import { candidatesBytes, candidatesView } from "../../src/core/candidates.ts";
import type { Candidates, NmsOptions } from "../../src/core/kernels.ts";
import type { KernelBench } from "./kernel_bench.ts";

/** Cases for `Kernels.nms`, as named functions. */
export const NMS_CASES: readonly (readonly [string, (bench: KernelBench) => void])[] = [
  ["nms() keeps the best of overlapping boxes", keepsBest],
  ["nms() keeps overlapping boxes of other classes unless agnostic", separatesClasses],
  ["nms() keeps a box whose IoU is the threshold itself", keepsThreshold],
  ["nms() lists by falling score and equal scores by rising row", listsInOrder],
  ["nms() stops at maxDetections", stopsAtMaximum],
  ["nms() lets dropped boxes drop nobody", isGreedy],
  ["nms() keeps empty, inside-out and broken boxes but not NaN scores", survivesBadBoxes],
  ["nms() tells apart classes that are negative or far apart", separatesFarClasses],
  ["nms() takes no candidates", takesNothing],
  ["nms() agrees with plain textbook suppression", agreesWithTextbook],
  ["nms() agrees with the oracle on any boxes", agreesWithOracle],
  ["nms() agrees with the oracle on thousands of boxes", agreesOnCrowds],
  ["nms() agrees with the oracle where float32 has little room", agreesOnStrangeCrowds],
  ["nms() finds rivals that only just overlap enough", findsBarelyOverlapping],
  ["nms() keeps everything that it kept before", isIdempotent],
];

/** One candidate: corners, score, class. */
type Row = readonly [x1: number, y1: number, x2: number, y2: number, score: number, group: number];

const ALL: NmsOptions = { iouThreshold: 0.5, agnostic: false, maxDetections: 1000 };

function fillCandidates(out: Candidates, rows: readonly Row[]): void {
  rows.forEach(([x1, y1, x2, y2, score, group], i) => {
    out.xyxyNet.set([x1, y1, x2, y2], 4 * i);
    out.score[i] = score;
    out.classIndex[i] = group;
  });
  out.count = rows.length;
}

function suppress(bench: KernelBench, rows: readonly Row[], options: NmsOptions): number[] {
  const capacity = Math.max(1, rows.length);
  const candidatesAt = bench.allocate(candidatesBytes(capacity));
  const keepAt = bench.allocate(4 * capacity);
  const candidates = candidatesView(bench.buffer, candidatesAt, capacity);
  const keep = new Int32Array(bench.buffer, keepAt, capacity).fill(-7);
  fillCandidates(candidates, rows);
  const kept = bench.kernels.nms(candidates, options, keep);
  assertEquals([...keep.subarray(kept)].every((row) => row === -7), true, "wrote too many rows");
  return [...keep.subarray(0, kept)];
}

function suppressByOracle(rows: readonly Row[], options: NmsOptions): number[] {
  const capacity = Math.max(1, rows.length);
  const candidates = candidatesView(new ArrayBuffer(candidatesBytes(capacity)), 0, capacity);
  const keep = new Int32Array(capacity);
  fillCandidates(candidates, rows);
  return [...keep.subarray(0, oracle(candidates, options, keep))];
}

function keepsBest(bench: KernelBench): void {
  const rows: Row[] = [[0, 0, 10, 10, 0.5, 0], [1, 0, 11, 10, 0.75, 0], [20, 0, 30, 10, 0.25, 0]];
  assertEquals(suppress(bench, rows, ALL), [1, 2]);
}

function separatesClasses(bench: KernelBench): void {
  const rows: Row[] = [[0, 0, 10, 10, 0.5, 1], [0, 0, 10, 10, 0.75, 2]];
  assertEquals(suppress(bench, rows, ALL), [1, 0]);
  assertEquals(suppress(bench, rows, { ...ALL, agnostic: true }), [1]);
}

function keepsThreshold(bench: KernelBench): void {
  const rows: Row[] = [[0, 0, 2, 2, 0.75, 0], [0, 0, 2, 1, 0.5, 0]];
  assertEquals(suppress(bench, rows, ALL), [0, 1]);
  assertEquals(suppress(bench, rows, { ...ALL, iouThreshold: 0.499 }), [0]);
}

function listsInOrder(bench: KernelBench): void {
  const scores = [0.5, -0, 1, 0.5, 0, -2, 1e-40, Infinity, 0.5, -1e-40, 3];
  const rows = scores.map((score, i): Row => [10 * i, 0, 10 * i + 5, 5, score, 0]);
  assertEquals(suppress(bench, rows, ALL), [7, 10, 2, 0, 3, 8, 6, 1, 4, 9, 5]);
}

function stopsAtMaximum(bench: KernelBench): void {
  const rows = Array.from({ length: 20 }, (_, i): Row => [10 * i, 0, 10 * i + 5, 5, i / 20, i % 3]);
  assertEquals(suppress(bench, rows, { ...ALL, maxDetections: 3 }), [19, 18, 17]);
  assertEquals(suppress(bench, rows, { ...ALL, maxDetections: 0 }), []);
}

function isGreedy(bench: KernelBench): void {
  const rows: Row[] = [[0, 0, 10, 1, 0.9, 0], [3, 0, 13, 1, 0.8, 0], [6, 0, 16, 1, 0.7, 0]];
  assertEquals(suppress(bench, rows, ALL), [0, 2]);
}

function survivesBadBoxes(bench: KernelBench): void {
  const rows: Row[] = [
    [-5, -5, 5, 5, 0.9, 0],
    [0, 0, 0, 0, 0.8, 0],
    [0, 0, 0, 0, 0.7, 0],
    [4, 4, 1, 1, 0.6, 0],
    [NaN, 0, 1, 1, 0.5, 0],
    [-Infinity, -Infinity, Infinity, Infinity, 0.4, 0],
    [-5, -5, 5, 5, NaN, 1],
    [-5, -5, 5, 5, 0.3, 0],
  ];
  assertEquals(suppress(bench, rows, { ...ALL, iouThreshold: 0 }), [0, 1, 2, 3, 4, 5]);
}

function separatesFarClasses(bench: KernelBench): void {
  const groups = [0, 256, 512, -256, -1, 255, 2 ** 31 - 1, -(2 ** 31), 0, -1];
  const rows = groups.map((group, i): Row => [0, 0, 9, 9, 1 - i / 100, group]);
  assertEquals(suppress(bench, rows, ALL), [0, 1, 2, 3, 4, 5, 6, 7]);
}

function takesNothing(bench: KernelBench): void {
  assertEquals(suppress(bench, [], ALL), []);
}

/** Marks and sweeps over all pairs in float64, as torchvision's CPU code does. */
function suppressByTextbook(rows: readonly Row[], options: NmsOptions): number[] {
  const order = rows.map((_, i) => i).sort((a, b) => rows[b]![4] - rows[a]![4] || a - b);
  const dropped = new Set<number>();
  for (const [place, i] of order.entries()) {
    if (dropped.has(i)) continue;
    for (const j of order.slice(place + 1)) {
      const comparable = options.agnostic || rows[i]![5] === rows[j]![5];
      if (comparable && iou(rows[i]!, rows[j]!) > options.iouThreshold) dropped.add(j);
    }
  }
  return order.filter((i) => !dropped.has(i)).slice(0, options.maxDetections);
}

function iou(a: Row, b: Row): number {
  const width = Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0]));
  const height = Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
  const area = (row: Row): number => (row[2] - row[0]) * (row[3] - row[1]);
  return width * height / (area(a) + area(b) - width * height);
}

/** Whole coordinates and dyadic thresholds are exact in float32 and float64 alike. */
function agreesWithTextbook(bench: KernelBench): void {
  const side = fc.integer({ min: 1, max: 20 });
  const row = fc.tuple(fc.nat(40), fc.nat(40), side, side, fc.nat(10), fc.nat(2))
    .map(([x, y, w, h, score, group]): Row => [x, y, x + w, y + h, score / 10, group]);
  const options = fc.record({
    iouThreshold: fc.constantFrom(0, 0.25, 0.4375, 0.5, 0.75, 1),
    agnostic: fc.boolean(),
    maxDetections: fc.nat(60),
  });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 60 }), options, (rows, chosen) => {
      bench.reset();
      assertEquals(suppress(bench, rows, chosen), suppressByTextbook(rows, chosen));
    }),
    { numRuns: 300, seed: 1 },
  );
}

function agreesWithOracle(bench: KernelBench): void {
  const any = fc.oneof(
    { weight: 40, arbitrary: fc.float({ min: -64, max: 64, noNaN: true }) },
    { weight: 1, arbitrary: fc.float() },
  );
  const row = fc.tuple(any, any, any, any, fc.float(), fc.integer({ min: -3, max: 300 }))
    .map((values): Row => values);
  const options = fc.record({
    iouThreshold: fc.double({ min: 0, max: 1, noNaN: true }),
    agnostic: fc.boolean(),
    maxDetections: fc.nat(60),
  });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 60 }), options, (rows, chosen) => {
      bench.reset();
      assertEquals(suppress(bench, rows, chosen), suppressByOracle(rows, chosen));
    }),
    { numRuns: 300, seed: 1 },
  );
}

/** Boxes around some places, of sizes from tiny to half the picture, as a detector gives them. */
function makeCrowd(count: number, classes: number, seed: number): Row[] {
  let state = seed;
  function random(): number {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  }
  return Array.from({ length: count }, (): Row => {
    const size = 4 * 2 ** (6 * random());
    const [x, y] = [640 * random(), 640 * random()];
    const [w, h] = [size * (0.5 + random()), size * (0.5 + random())];
    return [x, y, x + w, y + h, random(), Math.floor(classes * random())];
  });
}

function agreesOnCrowds(bench: KernelBench): void {
  for (const [count, classes] of [[3000, 1], [3000, 3], [3000, 80], [500, 1]] as const) {
    for (const iouThreshold of [0, 0.45, 0.65, 0.95]) {
      bench.reset();
      const rows = makeCrowd(count, classes, count + classes);
      const options = { iouThreshold, agnostic: classes === 3, maxDetections: 3000 };
      assertEquals(suppress(bench, rows, options), suppressByOracle(rows, options));
    }
  }
}

/** Crowds where float32 has little room: far from the origin, tiny, huge, all in one place. */
function agreesOnStrangeCrowds(bench: KernelBench): void {
  const strange: readonly (readonly [scale: number, offset: number])[] = [
    [1, 1e6],
    [1, -3e7],
    [1e-4, 7],
    [1e-19, 0],
    [1e-23, 0],
    [1e15, 0],
    [1e35, 0],
    [0, 5],
  ];
  for (const [scale, offset] of strange) {
    for (const iouThreshold of [0, 0.1, 0.45, 0.9, 1]) {
      bench.reset();
      const rows = makeCrowd(1100, 1, 77).map(([x1, y1, x2, y2, score]): Row => {
        const [left, top] = [x1 * scale + offset, y1 * scale + offset];
        return [left, top, x2 * scale + offset, y2 * scale + offset, score, 0];
      });
      const options = { ...ALL, iouThreshold, maxDetections: 1100 };
      assertEquals(suppress(bench, rows, options), suppressByOracle(rows, options));
    }
  }
  bench.reset();
  const stacked = makeCrowd(1100, 1, 3).map(([x1, y1, x2, y2, score]): Row => {
    return [x1 - x2, y1 - y2, x2 - x1, y2 - y1, score, 0];
  });
  assertEquals(suppress(bench, stacked, ALL), suppressByOracle(stacked, ALL));
}

/** Pairs in a crowd, one box in the corner or at the end of the other, a little above the threshold. */
function findsBarelyOverlapping(bench: KernelBench): void {
  for (const iouThreshold of [0.1, 0.25, 0.45, 0.65, 0.9]) {
    bench.reset();
    const pairs = makeCrowd(400, 1, 9).flatMap(([x, y, , , score], i): Row[] => {
      const size = 10 + (i % 40);
      const reach = 0.997 * size / iouThreshold;
      const [wide, tall] = i % 2 === 0 ? [reach, size] : [size, reach];
      const small: Row = [x, y, x + size, y + size, score, 0];
      const [left, top] = i % 4 < 2 ? [x, y] : [x + size - wide, y + size - tall];
      return [small, [left, top, left + wide, top + tall, 1 - score, 0]];
    });
    const options = { ...ALL, iouThreshold, maxDetections: 800 };
    const kept = suppress(bench, pairs, options);
    assertEquals(kept, suppressByOracle(pairs, options));
    assertEquals(kept.length <= 400, true);
  }
}

function isIdempotent(bench: KernelBench): void {
  const rows = makeCrowd(400, 2, 5);
  const kept = suppress(bench, rows, ALL).map((i) => rows[i]!);
  assertEquals(suppress(bench, kept, ALL), kept.map((_, i) => i));
}
