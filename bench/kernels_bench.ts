/*
 * Every kernel beside its TypeScript reference, on the sizes of real work. Both must give the same
 * before anything is timed.
 */
import { candidatesBytes, candidatesView } from "../src/core/candidates.ts";
import { type FocalSettings, makeFocalSums } from "../src/core/focal_sums.ts";
import type { Picture } from "../src/core/frame.ts";
import type { InputSpec } from "../src/core/input_spec.ts";
import type { Candidates, Kernels } from "../src/core/kernels.ts";
import { type PixelFormat, planeSizes } from "../src/core/pixel_format.ts";
import { SharedArena } from "../src/native/arena.ts";
import { createKernels } from "../src/native/create_kernels.ts";
import { kernelScratchBytes } from "../src/native/wasm_kernels.ts";
import { fitLetterbox } from "../src/preprocess/letterbox.ts";
import { benchSize } from "./bench_size.ts";

const ANCHORS = 8400;
const CLASSES = 80;
const { small } = benchSize();
const arena = new SharedArena();
const scratchBytes = kernelScratchBytes({ sourceWidth: 1920, netWidth: 640, candidates: ANCHORS });
const scratch = arena.allocate(scratchBytes);
const KERNELS: readonly Kernels[] = [
  await createKernels(arena.memory, scratch, scratchBytes, "typescript"),
  await createKernels(arena.memory, scratch, scratchBytes, "wasm"),
];

/** Registers one operation for both implementations. `run` returns what tells results apart. */
function benchBoth(
  group: string,
  run: (kernels: Kernels) => ArrayLike<number>,
  tolerance = 0,
): void {
  const [expected, actual] = KERNELS.map((kernels) => Array.from(run(kernels)));
  const same = expected!.length === actual!.length &&
    expected!.every((value, i) => Math.abs(value - actual![i]!) <= tolerance);
  if (!same) throw new Error(`Cannot time "${group}": the two results differ`);
  for (const kernels of KERNELS) {
    Deno.bench({
      name: kernels.backend,
      group,
      baseline: kernels.backend === "typescript",
      ...(small ? { n: 3, warmup: 1 } : {}),
      fn: () => void run(kernels),
    });
  }
}

/** A reproducible stream of numbers in 0–1. */
function makeRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function placePicture(format: PixelFormat, width: number, height: number): Picture {
  const random = makeRandom(1);
  const planes = planeSizes(format, width, height).map(({ rowBytes, rows }) => {
    const byteOffset = arena.allocate(rowBytes * rows);
    const bytes = new Uint8Array(arena.buffer, byteOffset, rowBytes * rows);
    for (let i = 0; i < bytes.length; i++) bytes[i] = 256 * random();
    return { byteOffset, strideBytes: rowBytes };
  });
  return { format, width, height, colorRange: "limited", colorMatrix: "bt709", planes };
}

function benchLetterbox(format: PixelFormat, width: number, height: number, side: number): void {
  const input: InputSpec = {
    name: "images",
    type: "float32",
    layout: "nchw",
    width: side,
    height: side,
    channels: "rgb",
    scale: [1, 1, 1],
    bias: [0, 0, 0],
    letterbox: { mode: "letterbox", anchor: "center", padValue: 114 },
  };
  const picture = placePicture(format, width, height);
  const letterbox = fitLetterbox(width, height, side, side, input.letterbox);
  const elements = 3 * side * side;
  const outAt = arena.allocate(4 * elements);
  const out = new Float32Array(arena.buffer, outAt, elements);
  benchBoth(`letterbox ${format} ${width}x${height} to ${side}`, (kernels) => {
    kernels.letterboxInto(picture, arena.buffer, letterbox, input, out);
    return out;
  }, 0.255);
}

function placeScores(rowLength: number): Float32Array {
  const random = makeRandom(2);
  const elements = ANCHORS * rowLength;
  const at = arena.allocate(4 * elements);
  const scores = new Float32Array(arena.buffer, at, elements);
  // Mostly far below any threshold, as detectors put them out.
  for (let i = 0; i < elements; i++) scores[i] = random() ** 24;
  return scores;
}

function placeCandidates(): Candidates {
  const at = arena.allocate(candidatesBytes(ANCHORS));
  return candidatesView(arena.buffer, at, ANCHORS);
}

function benchCompact(threshold: number): void {
  const out = placeCandidates();
  const rows = placeScores(5 + CLASSES);
  const shape = {
    rows: ANCHORS,
    rowLength: 5 + CLASSES,
    classOffset: 5,
    classCount: CLASSES,
    objectnessOffset: 4,
  };
  benchBoth(`compact ${ANCHORS} rows of ${CLASSES} classes, threshold ${threshold}`, (kernels) => {
    kernels.compactRows(rows, shape, threshold, out);
    return out.anchorIndex.subarray(0, out.count);
  });
  benchBoth(`compact ${ANCHORS} columns of ${CLASSES}, threshold ${threshold}`, (kernels) => {
    kernels.compactColumns(rows, 0, ANCHORS, CLASSES, threshold, out);
    return out.anchorIndex.subarray(0, out.count);
  });
}

/** Boxes of all sizes, few of which overlap by more than the threshold: the most work there is. */
function benchNms(classes: number, iouThreshold: number, maxDetections: number): void {
  const random = makeRandom(3);
  const candidates = placeCandidates();
  for (let i = 0; i < ANCHORS; i++) {
    const size = 8 * 2 ** (5 * random());
    const [x, y] = [640 * random(), 640 * random()];
    candidates.xyxyNet.set([x, y, x + size, y + size * (0.5 + random())], 4 * i);
    candidates.score[i] = random();
    candidates.classIndex[i] = Math.floor(classes * random());
  }
  candidates.count = ANCHORS;
  const keepAt = arena.allocate(4 * ANCHORS);
  const keep = new Int32Array(arena.buffer, keepAt, ANCHORS);
  const options = { iouThreshold, agnostic: false, maxDetections };
  const group =
    `suppress ${ANCHORS} of ${classes} classes, IoU ${iouThreshold}, keep ${maxDetections}`;
  benchBoth(group, (kernels) => keep.subarray(0, kernels.nms(candidates, options, keep)));
}

/**
 * Focal loss over all scores of a frame, as a monitor sums it and as a trainer wants it. Most logits
 * are far below 0, as those of detectors are; 40 anchors have an object.
 */
function benchFocal(anchors: number, activation: FocalSettings["activation"]): void {
  const random = makeRandom(4);
  const cells = anchors * CLASSES;
  const places = [4 * cells, 4 * cells, 4 * anchors].map((bytes) => arena.allocate(bytes));
  const scores = new Float32Array(arena.buffer, places[0], cells);
  const gradient = new Float32Array(arena.buffer, places[1], cells);
  const targets = new Int32Array(arena.buffer, places[2], anchors).fill(-1);
  for (let i = 0; i < cells; i++) {
    const logit = -14 + 7 * (random() + random()) + (random() < 0.002 ? 8 : 0);
    scores[i] = activation === "logit" ? logit : 1 / (1 + Math.exp(-logit));
  }
  for (let i = 0; i < 40; i++) targets[Math.floor(anchors * random())] = i;
  const settings: FocalSettings = { activation, gamma: 1.5, alpha: 0.25, easyBelow: 0.1 };
  const shape = {
    rows: anchors,
    rowLength: CLASSES,
    classOffset: 0,
    classCount: CLASSES,
    objectnessOffset: -1,
  };
  const what = `of ${anchors} × ${CLASSES} ${activation === "logit" ? "logits" : "probabilities"}`;
  const sums = makeFocalSums();
  const withGradient = makeFocalSums({ gradient });
  const logSums = () => [Math.log(sums.negativeFocal), Math.log(sums.negativeCrossEntropy)];
  benchBoth(`focal sums ${what}, rows`, (kernels) => {
    kernels.focalRows(scores, shape, null, settings, sums);
    return logSums();
  }, 1e-5);
  benchBoth(`focal sums ${what}, columns`, (kernels) => {
    kernels.focalColumns(scores, 0, anchors, CLASSES, null, settings, sums);
    return logSums();
  }, 1e-5);
  benchBoth(`focal sums and gradient ${what}, rows`, (kernels) => {
    kernels.focalRows(scores, shape, targets, settings, withGradient);
    return gradient;
  }, 1e-5);
}

for (const format of ["rgb24", "nv12", "i420", "yuyv", "bgrx", "gray8"] as const) {
  benchLetterbox(format, 768, 432, 416);
  benchLetterbox(format, 1920, 1080, 640);
}
benchCompact(0.25);
benchCompact(0.001);
benchNms(CLASSES, 0.45, 300);
benchNms(CLASSES, 0.65, ANCHORS);
benchNms(1, 0.65, ANCHORS);
for (const anchors of [3549, ANCHORS]) {
  benchFocal(anchors, "logit");
  benchFocal(anchors, "probability");
}
