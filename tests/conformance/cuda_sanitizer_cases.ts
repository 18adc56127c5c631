import { assertEquals } from "@std/assert";
import { makeFocalSums } from "../../src/core/focal_sums.ts";
import { PIXEL_FORMATS } from "../../src/core/pixel_format.ts";
import { fitLetterbox } from "../../src/preprocess/letterbox.ts";
import { makeCandidates } from "../support/adapter_bench.ts";
import type { CudaBench } from "../support/cuda_bench.ts";
import { CudaHostKernels, HostMemory } from "../support/cuda_host_kernels.ts";
import { CUDA_CASES, makeNoise } from "./cuda_cases.ts";
import { type KernelBench, makeInput, placeNoise, placeOutput, TOP_LEFT } from "./kernel_bench.ts";

/**
 * Launches for the sanitizers: every kernel, every barrier, small. Sanitizers make a thread hundreds
 * of times slower, so what the conformance suite repeats is done once here, in blocks of two warps.
 */
export const SANITIZER_CASES: readonly ((bench: CudaBench) => void)[] = [
  letterboxes,
  compacts,
  suppresses,
  sumsLosses,
  picksLabels,
  makesBoxes,
  ...CUDA_CASES.filter(([name]) => /self-test|head/.test(name)).map(([, run]) => run),
];

/** Threads of the blocks that run alone: two warps. */
const THREADS = 64;

function hostKernels(bench: CudaBench): CudaHostKernels {
  return new CudaHostKernels(bench, () => ({ threads: THREADS, transfer: "mapped" }));
}

function letterboxes(bench: CudaBench): void {
  const memory = new HostMemory(2 ** 16);
  const kernels = hostKernels(bench);
  const place: KernelBench = {
    kernels,
    buffer: memory.buffer,
    allocate: (bytes) => memory.allocate(bytes),
    reset: () => memory.reset(),
  };
  for (const [i, format] of PIXEL_FORMATS.entries()) {
    memory.reset();
    const picture = placeNoise(place, { format, width: 7, height: 5, rowGap: 3 }, i);
    const type = (["float32", "float16", "uint8"] as const)[i % 3]!;
    const input = makeInput(9, 10, TOP_LEFT, { type });
    const geometry = fitLetterbox(7, 5, 9, 10, TOP_LEFT);
    const out = placeOutput(place, input);
    kernels.letterboxInto(picture, memory.buffer, geometry, input, out);
  }
}

function compacts(bench: CudaBench): void {
  const kernels = hostKernels(bench);
  const noise = makeNoise(3);
  const [rows, classCount] = [150, 5];
  const data = Float32Array.from({ length: rows * (classCount + 1) }, noise);
  data[77] = NaN;
  const out = makeCandidates(40);
  const shape = { rows, rowLength: 6, classOffset: 1, classCount, objectnessOffset: 0 };
  kernels.compactRows(data, shape, 0.1, out);
  kernels.compactColumns(data, 3, rows, classCount, 0.1, out);
  assertEquals(out.count, 40);
}

/** More candidates than the sanitizers' tile of keys holds, in several chunks. */
function suppresses(bench: CudaBench): void {
  const kernels = hostKernels(bench);
  const noise = makeNoise(4);
  const candidates = makeCandidates(250);
  candidates.count = candidates.capacity;
  for (let i = 0; i < candidates.count; i++) {
    const [x, y] = [20 * noise(), 20 * noise()];
    candidates.xyxyNet.set([x, y, x + 12, y + 12], 4 * i);
    candidates.score[i] = noise();
    candidates.classIndex[i] = i % 3;
  }
  const options = { iouThreshold: 0.3, agnostic: false, maxDetections: 90 };
  kernels.nms(candidates, options, new Int32Array(90));
}

function sumsLosses(bench: CudaBench): void {
  const [rows, classCount] = [90, 6];
  const data = Float32Array.from({ length: rows * classCount }, makeNoise(5));
  const targets = Int32Array.from({ length: rows }, (_, i) => i % 9 - 2);
  const out = makeFocalSums({
    gradient: new Float32Array(rows * classCount),
    classFocal: new Float64Array(classCount),
  });
  const settings = { activation: "logit", gamma: 1.5, alpha: 0.25, easyBelow: 0.5 } as const;
  hostKernels(bench).focalColumns(data, 0, rows, classCount, targets.map(limit), settings, out);
  assertEquals(out.positives > 0, true);
}

function limit(target: number): number {
  return Math.min(target, 5);
}

function picksLabels(bench: CudaBench): void {
  const { kernels, context, stream } = bench;
  using stack = new DisposableStack();
  const rows = 50;
  const picked = {
    score: stack.use(context.allocate(4 * rows)).address,
    classIndex: stack.use(context.allocate(4 * rows)).address,
    rows,
    threshold: 0,
  };
  const logits = Float32Array.from({ length: rows * 40 }, makeNoise(6));
  kernels.prepare("fovea_pick_softmax", [THREADS, 1, 1], {
    ...picked,
    data: bench.place(stack, logits).address,
    element: 2,
    channels: 40,
    classCount: 39,
  }).run(stream, Math.ceil(rows / 2));
  for (const labels of [new Float32Array(rows), new Int32Array(rows), new BigInt64Array(rows)]) {
    kernels.prepare("fovea_pick_labelled", [THREADS, 1, 1], {
      ...picked,
      scores: bench.place(stack, logits.subarray(0, rows)).address,
      labels: bench.place(stack, labels).address,
      scoreElement: 2,
      labelElement: 2,
      scoreAt: 0,
      scoreStep: 1,
      labelAt: 0,
      labelStep: 1,
      labelBytes: labels instanceof Float32Array ? 0 : labels.BYTES_PER_ELEMENT,
      roundLabels: 1,
      classMax: 79,
    }).run(stream, 1);
  }
  stream.synchronize();
}

/** Two candidates, the last row among them. */
function makesBoxes(bench: CudaBench): void {
  const { kernels, stream, context } = bench;
  using stack = new DisposableStack();
  const [rows, rowStep] = [30, 17];
  const numbers = () => {
    return bench.place(stack, Float32Array.from({ length: rows }, makeNoise(8))).address;
  };
  const common = {
    data: bench.place(stack, Float32Array.from({ length: rows * rowStep }, makeNoise(7))).address,
    element: 2,
    rowStep,
    anchorIndex: bench.place(stack, Int32Array.of(3, rows - 1)).address,
    xyxy: stack.use(context.allocate(32)).address,
    score: bench.place(stack, Float32Array.of(0.5, 0.25)).address,
    counters: bench.place(stack, Int32Array.of(2, 0, 0, 0, 0)).address,
  };
  const threads = [32, 1, 1] as const;
  const cells = { column: numbers(), row: numbers(), stride: numbers() };
  kernels.prepare("fovea_boxes_grid", threads, { ...common, ...cells }).run(stream, 1);
  kernels.prepare("fovea_boxes_bins", threads, {
    ...common,
    ...cells,
    valueOffset: 5,
    bins: 3,
    centreOffset: 0.5,
    netWidth: 64,
    netHeight: 64,
  }).run(stream, 1);
  kernels.prepare("fovea_boxes_plain", threads, {
    ...common,
    valueStep: 2,
    isCorners: 0,
    scaleX: 2,
    scaleY: 2,
    areLogits: 1,
  }).run(stream, 1);
  stream.synchronize();
}
