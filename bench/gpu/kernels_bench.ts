/*
 * Every CUDA kernel beside its WebAssembly counterpart, on the sizes of real work, in one run. A
 * figure of the GPU is the time from giving the work to its end, the wait included; data is on the
 * GPU already, as it is on the way of a picture. Results are compared before anything is timed.
 */
import { candidatesBytes, candidatesView } from "../../src/core/candidates.ts";
import { type FocalSettings, makeFocalSums } from "../../src/core/focal_sums.ts";
import type { Picture } from "../../src/core/frame.ts";
import type { InputSpec } from "../../src/core/input_spec.ts";
import { SharedArena } from "../../src/native/arena.ts";
import { createKernels } from "../../src/native/create_kernels.ts";
import { CudaDecoder } from "../../src/native/cuda_decoder.ts";
import { CudaFocal } from "../../src/native/cuda_focal.ts";
import { CudaFrameRing } from "../../src/native/cuda_frame_ring.ts";
import { CudaHeadForward, CudaHeadGradient } from "../../src/native/cuda_head.ts";
import { CudaLetterbox } from "../../src/native/cuda_letterbox.ts";
import { scoresInColumns } from "../../src/native/device_scores.ts";
import { kernelScratchBytes } from "../../src/native/wasm_kernels.ts";
import { fitLetterbox } from "../../src/preprocess/letterbox.ts";
import { CudaBench } from "../../tests/support/cuda_bench.ts";
import { findGpuFault, nameWithFault, openDriver } from "../../tests/support/gpu.ts";
import { benchSize } from "../bench_size.ts";

const [WIDTH, HEIGHT, SIDE] = [1920, 1080, 640];
const [ANCHORS, CLASSES, CHANNELS] = [8400, 80, 64];
const SHARE_OF_GOOD_ROWS = 0.02;
const SETTINGS: FocalSettings = { activation: "logit", gamma: 1.5, alpha: 0.25, easyBelow: 0.1 };

const INPUT: InputSpec = {
  name: "images",
  type: "float32",
  layout: "nchw",
  width: SIDE,
  height: SIDE,
  channels: "rgb",
  scale: [1 / 255, 1 / 255, 1 / 255],
  bias: [0, 0, 0],
  letterbox: { mode: "letterbox", anchor: "center", padValue: 114 },
};

/** A reproducible stream of numbers in 0–1. */
function makeRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Contest {
  readonly group: string;
  readonly wasm: (() => unknown) | null;
  readonly cuda: () => unknown;
}

function register({ group, wasm, cuda }: Contest): void {
  const options = { group, ...(benchSize().small ? { n: 3, warmup: 1 } : {}) };
  if (wasm !== null) {
    Deno.bench({ ...options, name: "wasm", baseline: true, fn: () => void wasm() });
  }
  Deno.bench({ ...options, name: "cuda", fn: () => void cuda() });
}

/** Boxes of any size with a score for each class, of which few are good: `[4 + classes, anchors]`. */
function makeOutput(): Float32Array {
  const random = makeRandom(2);
  const data = new Float32Array((4 + CLASSES) * ANCHORS);
  for (let i = 0; i < 4 * ANCHORS; i++) data[i] = (i < 2 * ANCHORS ? SIDE : 120) * random();
  for (let i = 4 * ANCHORS; i < data.length; i++) {
    data[i] = random() < SHARE_OF_GOOD_ROWS / CLASSES ? 0.3 + 0.7 * random() : 0.1 * random();
  }
  return data;
}

function checkSame(group: string, a: ArrayLike<number>, b: ArrayLike<number>, by: number): void {
  const same = a.length === b.length &&
    Array.from(a).every((value, i) => Math.abs(value - b[i]!) <= by);
  if (!same) throw new Error(`Cannot time "${group}": the two results differ`);
}

async function makeContests(bench: CudaBench): Promise<Contest[]> {
  const arena = new SharedArena();
  const bytes = kernelScratchBytes({ sourceWidth: WIDTH, netWidth: SIDE, candidates: ANCHORS });
  const wasm = await createKernels(arena.memory, arena.allocate(bytes), bytes);
  const stack = new DisposableStack();
  return [
    letterboxContest(bench, stack, arena, wasm),
    decodeContest(bench, stack, arena, wasm),
    focalContest(bench, stack, arena, wasm),
    ...headContests(bench, stack),
  ];
}

/** Float32 numbers in the arena; it may grow, so its buffer is asked for afterwards. */
function placeFloats(arena: SharedArena, count: number): Float32Array {
  const byteOffset = arena.allocate(4 * count);
  return new Float32Array(arena.buffer, byteOffset, count);
}

type Wasm = Awaited<ReturnType<typeof createKernels>>;

function letterboxContest(
  bench: CudaBench,
  stack: DisposableStack,
  arena: SharedArena,
  wasm: Wasm,
): Contest {
  const group = `letterbox ${WIDTH}x${HEIGHT} nv12 to ${SIDE}x${SIDE}, with the picture's copy`;
  const byteOffset = arena.allocate(WIDTH * HEIGHT * 1.5);
  const random = makeRandom(1);
  const pixels = new Uint8Array(arena.buffer, byteOffset, WIDTH * HEIGHT * 1.5);
  for (let i = 0; i < pixels.length; i++) pixels[i] = 256 * random();
  const picture: Picture = {
    format: "nv12",
    width: WIDTH,
    height: HEIGHT,
    colorRange: "limited",
    colorMatrix: "bt709",
    planes: [0, WIDTH * HEIGHT].map((offset) => {
      return { byteOffset: byteOffset + offset, strideBytes: WIDTH };
    }),
  };
  const elements = 3 * SIDE * SIDE;
  const ours = placeFloats(arena, elements);
  const geometry = fitLetterbox(WIDTH, HEIGHT, SIDE, SIDE, INPUT.letterbox);
  const { context, kernels, stream } = bench;
  const target = stack.use(context.allocate(4 * elements));
  const ring = stack.use(new CudaFrameRing(context));
  const letterbox = new CudaLetterbox(kernels, INPUT, target.address);
  const cuda = (): void => {
    ring.submit(picture, arena.buffer, stream, (image) => {
      letterbox.run(stream, image.picture, image, geometry);
    });
    stream.synchronize();
  };
  const onWasm = (): void => wasm.letterboxInto(picture, arena.buffer, geometry, INPUT, ours);
  onWasm();
  cuda();
  checkSame(group, ours, bench.fetch(target, new Float32Array(elements)), 1e-3);
  return { group, wasm: onWasm, cuda };
}

function decodeContest(
  bench: CudaBench,
  stack: DisposableStack,
  arena: SharedArena,
  wasm: Wasm,
): Contest {
  const group = `decode and suppress [1, ${4 + CLASSES}, ${ANCHORS}]`;
  const output = makeOutput();
  const data = placeFloats(arena, output.length);
  data.set(output);
  const candidatesAt = arena.allocate(candidatesBytes(ANCHORS));
  const candidates = candidatesView(arena.buffer, candidatesAt, ANCHORS);
  const keepAt = arena.allocate(4 * ANCHORS);
  const keep = new Int32Array(arena.buffer, keepAt, ANCHORS);
  const options = { iouThreshold: 0.5, agnostic: false, maxDetections: 300 };
  const onWasm = (): number => {
    wasm.compactColumns(data, 4 * ANCHORS, ANCHORS, CLASSES, 0.25, candidates);
    for (let i = 0; i < candidates.count; i++) {
      const anchor = candidates.anchorIndex[i]!;
      const [x, y, w, h] = [0, 1, 2, 3].map((value) => data[value * ANCHORS + anchor]!);
      candidates.xyxyNet.set([x! - w! / 2, y! - h! / 2, x! + w! / 2, y! + h! / 2], 4 * i);
    }
    return wasm.nms(candidates, options, keep);
  };
  const address = bench.place(stack, output).address;
  const plan = {
    rows: ANCHORS,
    classCount: CLASSES,
    outputs: { p: [1, 4 + CLASSES, ANCHORS] },
    pick: { kind: "columns", output: "p", offset: 4 * ANCHORS },
    logits: false,
    boxes: {
      kind: "plain",
      output: "p",
      rowStep: 1,
      valueStep: ANCHORS,
      corners: false,
      scaleX: 1,
      scaleY: 1,
    },
  } as const;
  const settings = { ...options, threshold: 0.25, suppress: true, classFilter: null };
  const decoder = stack.use(
    new CudaDecoder(bench.kernels, plan, settings, () => {
      return { type: "float32", dims: plan.outputs.p, address };
    }),
  );
  const cuda = () => {
    decoder.run(bench.stream);
    bench.stream.synchronize();
    return decoder.read().kept;
  };
  const kept = onWasm();
  const anchors = Array.from(keep.subarray(0, kept), (row) => candidates.anchorIndex[row]!);
  const found = cuda();
  checkSame(group, anchors, found.anchorIndex.subarray(0, found.count), 0);
  return { group, wasm: onWasm, cuda };
}

function focalContest(
  bench: CudaBench,
  stack: DisposableStack,
  arena: SharedArena,
  wasm: Wasm,
): Contest {
  const group = `focal loss and gradient of [${CLASSES}, ${ANCHORS}]`;
  const random = makeRandom(3);
  const count = CLASSES * ANCHORS;
  const data = placeFloats(arena, count);
  for (let i = 0; i < count; i++) data[i] = -9 + 6 * random();
  const sums = makeFocalSums({ gradient: placeFloats(arena, count) });
  const onWasm = (): void => {
    wasm.focalColumns(data, 0, ANCHORS, CLASSES, null, SETTINGS, sums);
  };
  const logits = bench.place(stack, data.slice()).address;
  const gradient = stack.use(bench.context.allocate(4 * count));
  const focal = stack.use(
    new CudaFocal(
      bench.kernels,
      scoresInColumns(logits, "float32", 0, ANCHORS, CLASSES),
      SETTINGS,
      { targets: null, gradient: gradient.address, classes: false },
    ),
  );
  const found = makeFocalSums();
  const cuda = (): void => {
    focal.run(bench.stream);
    bench.stream.synchronize();
    focal.readInto(found);
  };
  onWasm();
  cuda();
  checkSame(group, [found.negativeFocal / sums.negativeFocal], [1], 2e-5);
  return { group, wasm: onWasm, cuda };
}

/** They have no counterpart on the processor, so nothing is compared. */
function headContests(bench: CudaBench, stack: DisposableStack): Contest[] {
  const { kernels, stream, context } = bench;
  const random = makeRandom(4);
  const place = (count: number) => {
    return bench.place(stack, Float32Array.from({ length: count }, () => random() - 0.5)).address;
  };
  const features = {
    address: place(ANCHORS * CHANNELS),
    type: "float32" as const,
    rows: ANCHORS,
    columns: CHANNELS,
    rowStep: 1,
    columnStep: ANCHORS,
  };
  const head = {
    weight: place(CLASSES * CHANNELS),
    bias: place(CLASSES),
    classes: CLASSES,
    channels: CHANNELS,
  };
  const logits = {
    ...features,
    address: stack.use(context.allocate(4 * ANCHORS * CLASSES)).address,
    columns: CLASSES,
  };
  const all = { count: ANCHORS, index: null };
  const forward = new CudaHeadForward(kernels, features, all, head, logits);
  const backward = stack.use(new CudaHeadGradient(kernels, features, all, logits, head));
  const size = `${ANCHORS}x${CHANNELS} to ${CLASSES}`;
  return [["head forward", forward] as const, ["head gradient", backward] as const].map(
    ([name, kernel]): Contest => ({
      group: `${name} ${size}`,
      wasm: null,
      cuda: () => {
        kernel.run(stream);
        stream.synchronize();
      },
    }),
  );
}

const fault = findGpuFault();
if (fault === null) {
  const bench = await CudaBench.open(openDriver());
  for (const contest of await makeContests(bench)) register(contest);
} else {
  // deno-lint-ignore no-console -- a bench that is ignored says nothing
  console.log(nameWithFault("kernels on a GPU", fault));
}
