import { assertAlmostEquals, assertEquals, assertLessOrEqual } from "@std/assert";
import { CudaHeadForward, CudaHeadGradient } from "../../src/native/cuda_head.ts";
import { findSelfTestFault } from "../../src/native/cuda_self_check.ts";
import type { DeviceMatrix } from "../../src/native/device_matrix.ts";
import type { CudaBench } from "../support/cuda_bench.ts";

/** Cases for what only the CUDA kernels do, against float64, as named functions. */
export const CUDA_CASES: readonly (readonly [string, (bench: CudaBench) => void])[] = [
  ["the self-test finds no fault", passesSelfTest],
  ["fovea_sort sorts more keys than a tile holds", sortsTiles],
  ["fovea_sort leaves unwanted classes and NaN out", leavesOut],
  ["fovea_head_forward multiplies features in rows", forwardsRows],
  ["fovea_head_forward multiplies picked columns of a feature map in half precision", forwardsMap],
  ["fovea_head_gradient sums over rows", sumsRows],
  ["fovea_head_gradient sums over picked columns of a feature map", sumsMap],
];

/** A small, fast, seeded stream of numbers from -1 to 1. */
export function makeNoise(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

function passesSelfTest({ kernels }: CudaBench): void {
  assertEquals(findSelfTestFault(kernels), null);
}

function sort(
  bench: CudaBench,
  score: Float32Array,
  classIndex: Int32Array,
  wanted: Uint32Array | null,
  threads: number,
): number[] {
  const { kernels, stream, context } = bench;
  using stack = new DisposableStack();
  const count = score.length;
  const keys = stack.use(context.allocate(8 * Math.max(2, 2 ** Math.ceil(Math.log2(count)))));
  const order = stack.use(context.allocate(4 * count));
  const counters = bench.place(stack, Int32Array.of(count, 0, 0, 0, 0));
  kernels.prepare("fovea_sort", [threads, 1, 1], {
    score: bench.place(stack, score).address,
    classIndex: bench.place(stack, classIndex).address,
    wanted: wanted === null ? 0n : bench.place(stack, wanted).address,
    keys: keys.address,
    order: order.address,
    counters: counters.address,
    classCount: 40,
  }).run(stream, 1);
  const sorted = bench.fetch(counters, new Int32Array(5))[3]!;
  return [...bench.fetch(order, new Int32Array(count)).subarray(0, sorted)];
}

function sortsTiles(bench: CudaBench): void {
  for (const [count, threads] of [[2049, 64], [5000, 256], [4096, 128]] as const) {
    const noise = makeNoise(count);
    const score = Float32Array.from({ length: count }, () => Math.round(100 * noise()) / 100);
    const expected = Array.from(score.keys()).sort((a, b) => score[b]! - score[a]! || a - b);
    assertEquals(sort(bench, score, new Int32Array(count), null, threads), expected);
  }
}

function leavesOut(bench: CudaBench): void {
  const score = Float32Array.of(0.5, NaN, 0.7, 0.6, 0.8, 0.9, 0.4);
  const classes = Int32Array.of(33, 33, 1, 39, 40, -1, 33);
  // Classes 33 and 39 are wanted; 40 is none of the model's.
  const wanted = Uint32Array.of(0, 1 << 1 | 1 << 7);
  assertEquals(sort(bench, score, classes, wanted, 32), [3, 0, 6]);
  assertEquals(sort(bench, score, classes, Uint32Array.of(0, 0), 32), []);
  assertEquals(sort(bench, Float32Array.of(NaN), Int32Array.of(0), null, 32), []);
}

/** A head and features, with sizes that no tile divides. */
interface HeadWorld {
  readonly mapRows: number;
  readonly channels: number;
  readonly classes: number;
  /** Rows that are used; `null` for all. */
  readonly index: Int32Array | null;
  /** Whether features are stored channel by channel. */
  readonly byChannel: boolean;
  readonly half: boolean;
}

const ROWS_WORLD: HeadWorld = {
  mapRows: 83,
  channels: 37,
  classes: 19,
  index: null,
  byChannel: false,
  half: false,
};
const MAP_WORLD: HeadWorld = {
  mapRows: 90,
  channels: 70,
  classes: 33,
  index: Int32Array.from({ length: 70 }, (_, i) => (i * 37) % 90),
  byChannel: true,
  half: true,
};

function makeWorld(world: HeadWorld) {
  const { mapRows, channels, classes, byChannel, half, index } = world;
  const noise = makeNoise(mapRows);
  const count = mapRows * channels;
  const features = half
    ? Float16Array.from({ length: count }, noise)
    : Float32Array.from({ length: count }, noise);
  const rowStep = byChannel ? 1 : channels;
  const columnStep = byChannel ? mapRows : 1;
  const rows = index?.length ?? mapRows;
  const feature = (row: number, channel: number): number => {
    return features[(index?.[row] ?? row) * rowStep + channel * columnStep]!;
  };
  const weight = Float32Array.from({ length: classes * channels }, noise);
  const bias = Float32Array.from({ length: classes }, noise);
  return { features, rowStep, columnStep, rows, feature, weight, bias };
}

function placeMatrix(
  bench: CudaBench,
  stack: DisposableStack,
  data: Float32Array | Float16Array,
  shape: Pick<DeviceMatrix, "rows" | "columns" | "rowStep" | "columnStep">,
): DeviceMatrix {
  const type = data instanceof Float16Array ? "float16" : "float32";
  return { ...shape, type, address: bench.place(stack, data).address };
}

function checkForward(bench: CudaBench, world: HeadWorld, activate: boolean): void {
  using stack = new DisposableStack();
  const { kernels, context, stream } = bench;
  const { channels, classes, mapRows, byChannel } = world;
  const made = makeWorld(world);
  const { rows, feature, weight, bias } = made;
  const out = stack.use(context.allocate(4 * rows * classes));
  const features = placeMatrix(bench, stack, made.features, {
    rows: mapRows,
    columns: channels,
    rowStep: made.rowStep,
    columnStep: made.columnStep,
  });
  const logits: DeviceMatrix = {
    address: out.address,
    type: "float32",
    rows,
    columns: classes,
    rowStep: byChannel ? 1 : classes,
    columnStep: byChannel ? rows : 1,
  };
  const index = world.index === null ? null : bench.place(stack, world.index).address;
  const head = {
    weight: bench.place(stack, weight).address,
    bias: bench.place(stack, bias).address,
    classes,
    channels,
  };
  new CudaHeadForward(kernels, features, { count: rows, index }, head, logits, { activate })
    .run(stream);
  const found = bench.fetch(out, new Float32Array(rows * classes));
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < classes; c++) {
      let logit = bias[c]!;
      for (let k = 0; k < channels; k++) logit += feature(row, k) * weight[c * channels + k]!;
      const wanted = activate ? 1 / (1 + Math.exp(-logit)) : logit;
      const value = found[row * logits.rowStep + c * logits.columnStep]!;
      assertAlmostEquals(value, wanted, 2e-5, `row ${row}, class ${c}`);
    }
  }
}

function forwardsRows(bench: CudaBench): void {
  checkForward(bench, ROWS_WORLD, false);
  checkForward(bench, { ...ROWS_WORLD, mapRows: 1, channels: 1, classes: 1 }, false);
}

function forwardsMap(bench: CudaBench): void {
  checkForward(bench, MAP_WORLD, true);
}

function checkGradient(bench: CudaBench, world: HeadWorld): void {
  using stack = new DisposableStack();
  const { kernels, context, stream } = bench;
  const { channels, classes, mapRows, byChannel } = world;
  const made = makeWorld(world);
  const { rows, feature } = made;
  const noise = makeNoise(7);
  const slopes = Float32Array.from({ length: rows * classes }, noise);
  const shape = {
    rows,
    columns: classes,
    rowStep: byChannel ? 1 : classes,
    columnStep: byChannel ? rows : 1,
  };
  const features = placeMatrix(bench, stack, made.features, {
    rows: mapRows,
    columns: channels,
    rowStep: made.rowStep,
    columnStep: made.columnStep,
  });
  const gradient = placeMatrix(bench, stack, slopes, shape);
  const index = world.index === null ? null : bench.place(stack, world.index).address;
  const weight = stack.use(context.allocate(4 * classes * channels));
  const bias = stack.use(context.allocate(4 * classes));
  const out = { weight: weight.address, bias: bias.address, classes, channels };
  stack.use(new CudaHeadGradient(kernels, features, { count: rows, index }, gradient, out))
    .run(stream);
  const foundWeight = bench.fetch(weight, new Float32Array(classes * channels));
  const foundBias = bench.fetch(bias, new Float32Array(classes));
  let worst = 0;
  for (let c = 0; c < classes; c++) {
    const slope = (row: number): number => slopes[row * shape.rowStep + c * shape.columnStep]!;
    const sumRows = (of: (row: number) => number): number => {
      let sum = 0;
      for (let row = 0; row < rows; row++) sum += of(row);
      return sum;
    };
    worst = Math.max(worst, Math.abs(foundBias[c]! - sumRows(slope)));
    for (let k = 0; k < channels; k++) {
      const wanted = sumRows((row) => slope(row) * feature(row, k));
      worst = Math.max(worst, Math.abs(foundWeight[c * channels + k]! - wanted));
    }
  }
  assertLessOrEqual(worst, 2e-5);
}

function sumsRows(bench: CudaBench): void {
  checkGradient(bench, ROWS_WORLD);
  // More rows than one part takes.
  checkGradient(bench, { ...ROWS_WORLD, mapRows: 530, channels: 5, classes: 3 });
}

function sumsMap(bench: CudaBench): void {
  checkGradient(bench, MAP_WORLD);
}
