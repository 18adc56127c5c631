import { candidatesBytes, candidatesView } from "../../src/core/candidates.ts";
import type { DecodeParams, DetectorSpec } from "../../src/core/detector_spec.ts";
import type { Detections } from "../../src/core/detections.ts";
import type { Candidates } from "../../src/core/kernels.ts";
import { FoveaError } from "../../src/core/errors.ts";
import type { OutputView } from "../../src/core/ports.ts";
import { elementCount, type Tensor } from "../../src/core/tensor.ts";
import { createAdapter } from "../../src/detector/adapter.ts";
import { everyLabel } from "../../src/detector/every_label.ts";
import { finishDetections } from "../../src/detector/finish_detections.ts";
import { ReferenceKernels } from "../../src/native/reference_kernels.ts";
import { fitLetterbox } from "../../src/preprocess/letterbox.ts";
import { makeSpec } from "../support/adapter_bench.ts";
import type { Fuzzer, Random } from "./fuzzer.ts";

/** A specification with the shapes of its outputs. */
interface Case {
  readonly spec: DetectorSpec;
  readonly dims: Readonly<Record<string, readonly number[]>>;
}

/** What turns candidates into detections; another one can be tried. */
type Finish = typeof finishDetections;

/** Feeds adapters random shapes and numbers: detections inside the picture or a typed error. */
export const fuzzer: Fuzzer = makeFuzzer(finishDetections);

/** The same with a fault: boxes reach a pixel over the right edge of the picture. */
export const planted: Fuzzer = makeFuzzer((candidates, kernels, params, spec, letterbox, keep) => {
  const found = finishDetections(candidates, kernels, params, spec, letterbox, keep);
  for (let i = 2; i < found.xyxyPx.length; i += 4) {
    if (found.xyxyPx[i] === letterbox.sourceWidth) found.xyxyPx[i]!++;
  }
  return found;
});

function makeFuzzer(finish: Finish): Fuzzer {
  return {
    name: "adapters",
    run(random: Random, runs: number): void {
      for (let run = 0; run < runs; run++) tryCase(randomCase(random), finish, random, run);
    },
  };
}

function tryCase(made: Case, finish: Finish, random: Random, run: number): void {
  const kernels = new ReferenceKernels();
  const adapter = createAdapter(made.spec);
  const capacity = random.chance(4) ? random.int(1, adapter.rows) : adapter.rows;
  const out = candidatesView(new ArrayBuffer(candidatesBytes(capacity)), 0, capacity);
  const params = randomParams(random, made.spec.classNames.length);
  const { input } = made.spec;
  const [width, height] = [random.int(1, 4000), random.int(1, 4000)];
  const letterbox = fitLetterbox(width, height, input.width, input.height, input.letterbox);
  try {
    const picker = params.labels === "all" ? everyLabel(kernels) : kernels;
    adapter.decodeInto(randomOutputs(made, random), picker, params, out);
    checkCandidates(out);
    const keep = new Int32Array(capacity);
    const found = finish(out, kernels, params, made.spec, letterbox, keep);
    checkDetections(found, params, width, height);
  } catch (error) {
    const known = error instanceof FoveaError &&
      (error.code === "OUTPUT_SHAPE" || error.code === "OUTPUT_NOT_FINITE");
    if (!known) throw new Error(`run ${run}, ${made.spec.family}`, { cause: error });
  }
}

function checkCandidates({ count, capacity, score, xyxyNet }: Candidates): void {
  if (count > capacity) throw new Error(`${count} candidates in ${capacity} rows`);
  for (let i = 0; i < count; i++) {
    if (!Number.isFinite(score[i]!)) throw new Error(`candidate ${i} scores ${score[i]}`);
    const box = xyxyNet.subarray(4 * i, 4 * i + 4);
    if (!box.every(Number.isFinite)) throw new Error(`candidate ${i} has the box ${box}`);
  }
}

function checkDetections(
  found: Detections,
  params: DecodeParams,
  width: number,
  height: number,
): void {
  const { count, xyxyPx, score, classIndex, anchorIndex } = found;
  if (count > params.maxDetections) throw new Error(`${count} detections`);
  if (xyxyPx.length !== 4 * count || score.length !== count) throw new Error("columns differ");
  if (classIndex.length !== count || anchorIndex.length !== count) {
    throw new Error("columns differ");
  }
  for (let i = 0; i < count; i++) {
    const [x1, y1, x2, y2] = xyxyPx.subarray(4 * i, 4 * i + 4);
    const inside = x1! >= 0 && y1! >= 0 && x2! <= width && y2! <= height && x2! > x1! && y2! > y1!;
    if (!inside) throw new Error(`box ${[x1, y1, x2, y2]} in ${width}x${height}`);
    if (!(score[i]! >= Math.fround(params.confidence) - 1e-6)) throw new Error(`score ${score[i]}`);
    if (i > 0 && score[i]! > score[i - 1]!) throw new Error("scores rise");
    if (params.classFilter !== null && !params.classFilter.includes(classIndex[i]!)) {
      throw new Error(`class ${classIndex[i]} was not asked for`);
    }
  }
}

function randomParams(random: Random, classes: number): DecodeParams {
  return {
    confidence: random.pick([0, 0.001, 0.25, 0.5, 0.99, 1, random.unit()]),
    iouThreshold: random.pick([0, 0.45, 1, random.unit()]),
    agnosticNms: random.chance(2),
    maxDetections: random.pick([1, 10, 300]),
    labels: random.pick(["best", "all"]),
    classFilter: random.chance(3) ? [random.int(0, classes - 1)] : null,
  };
}

function randomOutputs({ dims }: Case, random: Random): OutputView {
  const wrong = random.chance(20);
  const broken = random.chance(10);
  const tensors = new Map(
    Object.entries(dims).map(([name, right]): [string, Tensor] => {
      const shape = wrong ? right.map((dim) => Math.max(0, dim + random.int(-1, 1))) : right;
      const length = elementCount(shape);
      function number(): number {
        return broken ? NaN : random.chance(3) ? random.float() : random.unit() * 2 - 0.5;
      }
      switch (random.int(0, 5)) {
        case 0:
          return [name, {
            type: "float16",
            dims: shape,
            data: Float16Array.from({ length }, number),
          }];
        case 1:
          return [name, {
            type: "float64",
            dims: shape,
            data: Float64Array.from({ length }, number),
          }];
        case 2: {
          const data = BigInt64Array.from({ length }, () => BigInt(random.int(-3, 100)));
          return [name, { type: "int64", dims: shape, data }];
        }
        default:
          return [name, {
            type: "float32",
            dims: shape,
            data: Float32Array.from({ length }, number),
          }];
      }
    }),
  );
  return {
    get(name) {
      const tensor = tensors.get(name);
      if (tensor === undefined) throw new FoveaError("OUTPUT_SHAPE", `no output ${name}`);
      return tensor;
    },
  };
}

/** Family, outputs by role, options and shapes of a model. */
type Variant = readonly [
  DetectorSpec["family"],
  DetectorSpec["outputs"],
  DetectorSpec["options"],
  Case["dims"],
];

/** One of all families with a few classes on a small input. */
function randomCase(random: Random): Case {
  const classes = random.int(1, 5);
  const [width, height] = [32 * random.int(1, 3), 32 * random.int(1, 3)];
  const cells = (width * height) / 64 + (width * height) / 256 + (width * height) / 1024;
  const queries = random.int(1, 40);
  const [family, outputs, options, dims] = random.pick([
    ...gridVariants(random, classes, cells),
    ...queryVariants(random, classes, queries),
  ]);
  const letterbox = {
    mode: random.pick(["letterbox", "stretch"] as const),
    anchor: random.pick(["center", "topleft"] as const),
    padValue: 114,
  };
  return { spec: makeSpec({ family, outputs, options, classes, width, height, letterbox }), dims };
}

function gridVariants(random: Random, classes: number, cells: number): readonly Variant[] {
  const p = { predictions: "p" };
  const columns = random.chance(2);
  return [
    [
      "yolo-v8",
      p,
      {
        rows: cells,
        layout: columns ? "columns" : "rows",
        scores: random.pick(["probability", "logit"]),
      },
      { p: columns ? [1, 4 + classes, cells] : [1, cells, 4 + classes] },
    ],
    ["yolo-v5", p, { rows: 3 * cells }, { p: [1, 3 * cells, 5 + classes] }],
    [
      "yolox",
      p,
      { rows: cells, strides: [8, 16, 32], boxes: random.pick(["grid", "pixels"]) },
      { p: [1, cells, 5 + classes] },
    ],
    [
      "nanodet",
      p,
      { rows: cells, strides: [8, 16, 32], regMax: 7, centreOffset: 0.5 },
      { p: [1, cells, classes + 32] },
    ],
  ];
}

function queryVariants(random: Random, classes: number, queries: number): readonly Variant[] {
  const p = { predictions: "p" };
  const channels = classes + random.int(0, 1);
  return [
    ["yolo-end2end", p, { rows: queries }, { p: [1, queries, 6] }],
    [
      "yolo-end2end",
      p,
      { rows: queries, openRows: true },
      { p: [1, random.int(0, queries), 6] },
    ],
    [
      "detr",
      { logits: "l", boxes: "b" },
      {
        rows: queries,
        format: "pair",
        activation: random.pick(["sigmoid", "softmax", "none"]),
        channels,
      },
      { l: [1, queries, channels], b: [1, queries, 4] },
    ],
    [
      "detr",
      p,
      { rows: queries, format: "joined", activation: "none", channels: 4 + classes },
      { p: [1, queries, 4 + classes] },
    ],
    [
      "detr",
      p,
      { rows: queries, format: "listed", activation: "none", channels: 6 },
      { p: [1, queries, 6] },
    ],
    [
      "detr",
      { labels: "l", boxes: "b", scores: "s" },
      {
        rows: queries,
        format: "picked",
        activation: "none",
        channels: 1,
        boxes: random.pick(["pixels", "relative"]),
      },
      { l: [1, queries], b: [1, queries, 4], s: [1, queries] },
    ],
  ];
}
