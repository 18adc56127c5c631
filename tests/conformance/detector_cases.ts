import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { candidatesBytes, candidatesView } from "../../src/core/candidates.ts";
import type { DetectorSpec } from "../../src/core/detector_spec.ts";
import { FoveaError, type FoveaErrorCode } from "../../src/core/errors.ts";
import type { OutputView } from "../../src/core/ports.ts";
import { elementCount, type Tensor } from "../../src/core/tensor.ts";
import { createAdapter, type OutputAdapter } from "../../src/detector/adapter.ts";
import { finishDetections } from "../../src/detector/finish_detections.ts";
import { ReferenceKernels } from "../../src/native/reference_kernels.ts";
import { fitLetterbox } from "../../src/preprocess/letterbox.ts";
import {
  listCandidates,
  makeCandidates,
  makeParams,
  makeSpec,
  type SpecChoice,
  viewOf,
} from "../support/adapter_bench.ts";
import type { KernelBench } from "./kernel_bench.ts";

/** One layout with the shapes of its outputs. */
export interface AdapterVariant {
  /** For the tests' names. */
  readonly name: string;
  /** What the specification says. */
  readonly choice: SpecChoice;
  /** Shapes by output name. */
  readonly dims: Readonly<Record<string, readonly number[]>>;
}

/** Rows of 64×32 pixels at the strides 8, 16 and 32. */
const ROWS = 42;
const PAIR = { outputs: { logits: "l", boxes: "b" } } as const;
const PAIR_DIMS = { l: [1, 9, 4], b: [1, 9, 4] } as const;
const PAIR_OPTIONS = { rows: 9, format: "pair", channels: 4 } as const;

/** Every layout that an adapter knows, small. */
export const ADAPTER_VARIANTS: readonly AdapterVariant[] = [
  {
    name: "yolo-v8 columns",
    choice: {
      family: "yolo-v8",
      options: { rows: ROWS, layout: "columns", scores: "probability" },
    },
    dims: { p: [1, 7, ROWS] },
  },
  {
    name: "yolo-v8 rows of logits",
    choice: { family: "yolo-v8", options: { rows: ROWS, layout: "rows", scores: "logit" } },
    dims: { p: [1, ROWS, 7] },
  },
  {
    name: "yolo-v5",
    choice: { family: "yolo-v5", options: { rows: 3 * ROWS } },
    dims: { p: [1, 3 * ROWS, 8] },
  },
  {
    name: "yolox grid",
    choice: { family: "yolox", options: { rows: ROWS, boxes: "grid", strides: [8, 16, 32] } },
    dims: { p: [1, ROWS, 8] },
  },
  {
    name: "yolox pixels",
    choice: { family: "yolox", options: { rows: ROWS, boxes: "pixels", strides: [8, 16, 32] } },
    dims: { p: [1, ROWS, 8] },
  },
  {
    name: "nanodet",
    choice: {
      family: "nanodet",
      options: { rows: ROWS, strides: [8, 16, 32], regMax: 7, centreOffset: 0.5 },
    },
    dims: { p: [1, ROWS, 35] },
  },
  {
    name: "yolo-end2end",
    choice: { family: "yolo-end2end", options: { rows: 20 } },
    dims: { p: [1, 20, 6] },
  },
  {
    name: "detr pair, sigmoid",
    choice: { family: "detr", ...PAIR, options: { ...PAIR_OPTIONS, activation: "sigmoid" } },
    dims: PAIR_DIMS,
  },
  {
    name: "detr pair, softmax",
    choice: { family: "detr", ...PAIR, options: { ...PAIR_OPTIONS, activation: "softmax" } },
    dims: PAIR_DIMS,
  },
  {
    name: "detr joined",
    choice: {
      family: "detr",
      options: { rows: 9, format: "joined", activation: "none", channels: 7 },
    },
    dims: { p: [1, 9, 7] },
  },
  {
    name: "detr listed",
    choice: {
      family: "detr",
      options: { rows: 9, format: "listed", activation: "none", channels: 6 },
    },
    dims: { p: [1, 9, 6] },
  },
  {
    name: "detr picked",
    choice: {
      family: "detr",
      outputs: { labels: "l", boxes: "b", scores: "s" },
      options: { rows: 9, format: "picked", activation: "none", channels: 1 },
    },
    dims: { l: [1, 9], b: [1, 9, 4], s: [1, 9] },
  },
];

/** Registers the tests that every adapter must pass with the given kernels. */
export function runDetectorCases(label: string, make: () => Promise<KernelBench>): void {
  let made: Promise<KernelBench> | null = null;
  for (const variant of ADAPTER_VARIANTS) {
    for (const [name, run] of CASES) {
      Deno.test(`${label}: ${variant.name} ${name}`, async () => {
        const bench = await (made ??= make());
        try {
          run(bench, variant);
        } finally {
          bench.reset();
        }
      });
    }
  }
}

const CASES: readonly (readonly [string, (bench: KernelBench, variant: AdapterVariant) => void])[] =
  [
    ["decodes and finishes like the reference on any numbers", agreesWithReference],
    ["refuses another shape", refusesOtherShape],
    ["refuses a run of nothing but NaN", refusesNaN],
    ["leaves broken rows out and counts them", countsBrokenRows],
    ["fills no more rows than there are", keepsCapacity],
    ["starts afresh every time", startsAfresh],
  ];

/** An output's numbers: mostly plausible, some not. */
function numbersArbitrary(count: number): fc.Arbitrary<number[]> {
  const value = fc.oneof(
    { weight: 12, arbitrary: fc.double({ min: -1, max: 1.2, noNaN: true }) },
    { weight: 4, arbitrary: fc.double({ min: -40, max: 80, noNaN: true }) },
    { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity, 0, -0, 1) },
  );
  return fc.array(value, { minLength: count, maxLength: count, size: "max" });
}

function agreesWithReference(bench: KernelBench, { choice, dims }: AdapterVariant): void {
  const spec = makeSpec({
    ...choice,
    letterbox: { mode: "letterbox", anchor: "center", padValue: 114 },
  });
  const letterbox = fitLetterbox(100, 70, 64, 32, spec.input.letterbox);
  const total = Object.values(dims).reduce((sum, shape) => sum + elementCount(shape), 0);
  const place = bench.allocate(4 * total);
  const adapter = createAdapter(spec);
  const memory = bench.allocate(candidatesBytes(adapter.rows));
  const keepAt = bench.allocate(4 * adapter.rows);
  fc.assert(
    fc.property(numbersArbitrary(total), fc.constantFrom(0, 0.1, 0.5, 1), (values, confidence) => {
      const params = makeParams({ confidence, classFilter: confidence === 0.5 ? [0, 2] : null });
      const data = new Float32Array(bench.buffer, place, total);
      data.set(values);
      const view = split(dims, data);
      const out = candidatesView(bench.buffer, memory, adapter.rows);
      const keep = new Int32Array(bench.buffer, keepAt, adapter.rows);
      const expected = makeCandidates(adapter.rows);
      const reference = new ReferenceKernels();
      const code = codeOf(() => createAdapter(spec).decodeInto(view, reference, params, expected));
      assertEquals(codeOf(() => adapter.decodeInto(view, bench.kernels, params, out)), code);
      if (code !== null) return;
      assertEquals(listCandidates(out), listCandidates(expected));
      assertEquals([out.nonFinite, out.overflow], [expected.nonFinite, expected.overflow]);
      const place2 = new Int32Array(adapter.rows);
      assertEquals(
        finishDetections(out, bench.kernels, params, spec, letterbox, keep),
        finishDetections(expected, reference, params, spec, letterbox, place2),
      );
    }),
    { numRuns: 60, seed: 1 },
  );
}

function refusesOtherShape(bench: KernelBench, { choice, dims }: AdapterVariant): void {
  const adapter = createAdapter(makeSpec(choice));
  for (const name of Object.keys(dims)) {
    for (const change of [-1, 1]) {
      const wrong = { ...dims, [name]: dims[name]!.with(1, dims[name]![1]! + change) };
      const view = place(bench, wrong, () => 0.5);
      const error = assertThrows(
        () => adapter.decodeInto(view, bench.kernels, makeParams(), makeCandidates(adapter.rows)),
        FoveaError,
        `Cannot decode output "${name}"`,
      );
      assertEquals(error.code, "OUTPUT_SHAPE");
    }
  }
}

function refusesNaN(bench: KernelBench, { choice, dims }: AdapterVariant): void {
  const spec = makeSpec(choice);
  const view = place(bench, dims, () => NaN);
  const { adapter, out } = prepare(bench, spec);
  const error = assertThrows(
    () => adapter.decodeInto(view, bench.kernels, makeParams(), out),
    FoveaError,
    "NaN or infinite",
  );
  assertEquals(error.code, "OUTPUT_NOT_FINITE");
}

/** Every number of one row is NaN; it counts once, and the others come out. */
function countsBrokenRows(bench: KernelBench, { choice, dims }: AdapterVariant): void {
  const spec = makeSpec(choice);
  const { adapter, out } = prepare(bench, spec);
  const view = place(bench, dims, (shape, index) => {
    const [, second, third = 1] = shape;
    const columns = second !== adapter.rows;
    const row = columns ? index % third : Math.floor(index / third);
    return row === 5 ? NaN : 0.9;
  });
  adapter.decodeInto(view, bench.kernels, makeParams({ confidence: 0.01 }), out);
  assertEquals([out.nonFinite, out.count], [1, adapter.rows - 1]);
  assertEquals([...out.anchorIndex.subarray(0, out.count)].includes(5), false);
}

function keepsCapacity(bench: KernelBench, { choice, dims }: AdapterVariant): void {
  const spec = makeSpec(choice);
  const { adapter, out } = prepare(bench, spec, 4);
  adapter.decodeInto(place(bench, dims, () => 0.9), bench.kernels, makeParams(), out);
  assertEquals([out.count, out.overflow], [4, adapter.rows - 4]);
}

function startsAfresh(bench: KernelBench, { choice, dims }: AdapterVariant): void {
  const spec = makeSpec(choice);
  const { adapter, out } = prepare(bench, spec);
  const params = makeParams({ confidence: 0.2 });
  adapter.decodeInto(place(bench, dims, () => 0.9), bench.kernels, params, out);
  const first = listCandidates(out);
  const { activation, scores } = spec.options;
  const low = activation === "sigmoid" || scores === "logit" ? -30 : 0;
  adapter.decodeInto(place(bench, dims, () => low), bench.kernels, params, out);
  // Equal logits share a softmax, so a quarter each.
  const quiet = activation === "softmax" ? adapter.rows : 0;
  assertEquals([out.count, out.overflow, out.nonFinite], [quiet, 0, 0]);
  adapter.decodeInto(place(bench, dims, () => 0.9), bench.kernels, params, out);
  assertEquals(listCandidates(out), first);
}

function prepare(bench: KernelBench, spec: DetectorSpec, capacity?: number): {
  readonly adapter: OutputAdapter;
  readonly out: ReturnType<typeof candidatesView>;
} {
  const adapter = createAdapter(spec);
  const rows = capacity ?? adapter.rows;
  const at = bench.allocate(candidatesBytes(rows));
  return { adapter, out: candidatesView(bench.buffer, at, rows) };
}

/** Outputs in the kernels' memory, filled element by element. */
function place(
  bench: KernelBench,
  dims: Readonly<Record<string, readonly number[]>>,
  fill: (shape: readonly number[], index: number) => number,
): OutputView {
  const tensors = Object.entries(dims).map(([name, shape]): [string, Tensor] => {
    const count = elementCount(shape);
    const data = new Float32Array(bench.buffer, bench.allocate(4 * count), count);
    for (let i = 0; i < count; i++) data[i] = fill(shape, i);
    return [name, { type: "float32", dims: shape, data }];
  });
  return viewOf(Object.fromEntries(tensors));
}

/** Outputs one after the other in `data`. */
function split(dims: AdapterVariant["dims"], data: Float32Array): OutputView {
  let at = 0;
  const tensors = Object.entries(dims).map(([name, shape]): [string, Tensor] => {
    const part = data.subarray(at, at += elementCount(shape));
    return [name, { type: "float32", dims: shape, data: part }];
  });
  return viewOf(Object.fromEntries(tensors));
}

function codeOf(action: () => void): FoveaErrorCode | null {
  try {
    action();
    return null;
  } catch (error) {
    if (error instanceof FoveaError) return error.code;
    throw error;
  }
}
