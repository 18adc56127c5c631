import { assertAlmostEquals, assertEquals } from "@std/assert";
import type { DetectorSpec } from "../../src/core/detector_spec.ts";
import {
  type AddressTensor,
  elementCount,
  type Tensor,
  type TensorType,
} from "../../src/core/tensor.ts";
import { createAdapter } from "../../src/detector/adapter.ts";
import { pickThreshold, planDecode } from "../../src/detector/decode_plan.ts";
import { finishDetections } from "../../src/detector/finish_detections.ts";
import { CudaDecoder, type DecodedFrame } from "../../src/native/cuda_decoder.ts";
import { ReferenceKernels } from "../../src/native/reference_kernels.ts";
import { fitLetterbox } from "../../src/preprocess/letterbox.ts";
import { makeCandidates, makeParams, makeSpec, viewOf } from "../support/adapter_bench.ts";
import type { CudaBench } from "../support/cuda_bench.ts";
import { makeNoise } from "./cuda_cases.ts";
import { ADAPTER_VARIANTS, type AdapterVariant } from "./detector_cases.ts";

const VARIANTS: readonly AdapterVariant[] = [
  ...ADAPTER_VARIANTS,
  {
    name: "detr picked, in shares of the input",
    choice: {
      family: "detr",
      outputs: { labels: "l", boxes: "b", scores: "s" },
      options: {
        rows: 9,
        format: "picked",
        activation: "none",
        channels: 1,
        boxes: "relative",
      },
    },
    dims: { l: [1, 9], b: [1, 9, 4], s: [1, 9] },
  },
];

/** Compares the decoder on the GPU with the adapter and suppression in TypeScript. */
export const CUDA_DECODE_CASES: readonly (readonly [string, (bench: CudaBench) => void])[] =
  VARIANTS.flatMap((variant) => [
    [`CudaDecoder finds what the adapter finds: ${variant.name}`, (bench) => {
      compare(bench, variant, "float32");
    }],
    [`CudaDecoder reads half precision: ${variant.name}`, (bench) => {
      compare(bench, variant, "float16");
    }],
    [`CudaDecoder leaves broken rows and boxes out: ${variant.name}`, (bench) => {
      compare(bench, variant, "float32", breakSome);
    }],
  ]);

/** Outputs that look like a model's: scores where scores are, boxes where boxes are. */
function makeOutputs(
  { dims, choice }: AdapterVariant,
  type: TensorType,
  seed: number,
): Record<string, Tensor> {
  const noise = makeNoise(seed);
  const tensors = Object.entries(dims).map(([name, shape]): [string, Tensor] => {
    const count = elementCount(shape);
    const values = Array.from({ length: count }, () => 0.5 + 0.5 * noise());
    spreadBoxes(choice.family, name, shape, values);
    const data = type === "float16" ? Float16Array.from(values) : Float32Array.from(values);
    return [name, { type, dims: shape, data }];
  });
  return Object.fromEntries(tensors);
}

/** Makes boxes large enough to overlap, and classes whole numbers. */
function spreadBoxes(
  family: DetectorSpec["family"],
  name: string,
  shape: readonly number[],
  values: number[],
): void {
  const [, first, last = 1] = shape as [number, number, number?];
  if (family === "yolo-v8" && first < last) {
    for (let i = 0; i < 4 * last; i++) values[i]! *= 40;
  } else if (family.startsWith("yolo")) {
    for (let i = 0; i < values.length; i++) if (i % last < 4) values[i]! *= 3;
  }
  if (family === "yolo-end2end" || (family === "detr" && last === 6)) {
    for (let row = 0; row < first; row++) values[6 * row + 5] = row % 3;
  }
  if (/label/.test(name)) values.forEach((_, i) => values[i] = i % 3);
}

/** NaN and infinity in a few places, of which some are scores and some are boxes. */
function breakSome(outputs: Record<string, Tensor>): void {
  for (const { data } of Object.values(outputs)) {
    const numbers = data as Float32Array;
    for (const [place, value] of [[0.11, NaN], [0.52, Infinity], [0.83, -Infinity]] as const) {
      numbers[Math.floor(place * numbers.length)] = value;
    }
  }
}

function compare(
  bench: CudaBench,
  variant: AdapterVariant,
  type: TensorType,
  change: (outputs: Record<string, Tensor>) => void = () => {},
): void {
  const spec = makeSpec(variant.choice);
  const kernels = new ReferenceKernels();
  for (const choice of [{}, { agnosticNms: true, maxDetections: 7 }, { classFilter: [2] }]) {
    const params = makeParams({ confidence: 0.4, ...choice });
    const outputs = makeOutputs(variant, type, 11);
    change(outputs);
    const candidates = makeCandidates(1000);
    createAdapter(spec).decodeInto(viewOf(outputs), kernels, params, candidates);
    const { nonFinite } = candidates;
    const same = fitLetterbox(64, 32, 64, 32, spec.input.letterbox);
    const keep = new Int32Array(1000);
    const expected = finishDetections(candidates, kernels, params, spec, same, keep);
    decode(bench, spec, params, outputs, ({ kept }) => {
      assertEquals(kept.nonFinite, nonFinite);
      const found = finishDetections(kept, new KeepAll(), params, spec, same, keep);
      assertEquals([...found.anchorIndex], [...expected.anchorIndex]);
      assertEquals([...found.classIndex], [...expected.classIndex]);
      for (let i = 0; i < found.count; i++) {
        assertAlmostEquals(found.score[i]!, expected.score[i]!, 1e-6);
        for (let corner = 4 * i; corner < 4 * i + 4; corner++) {
          assertAlmostEquals(found.xyxyPx[corner]!, expected.xyxyPx[corner]!, 1e-3);
        }
      }
    });
  }
}

/** What remains on the GPU was suppressed there. */
class KeepAll extends ReferenceKernels {
  override nms(candidates: { count: number }, _options: unknown, keep: Int32Array): number {
    for (let i = 0; i < candidates.count; i++) keep[i] = i;
    return candidates.count;
  }
}

function decode(
  bench: CudaBench,
  spec: DetectorSpec,
  params: ReturnType<typeof makeParams>,
  outputs: Readonly<Record<string, Tensor>>,
  check: (frame: DecodedFrame) => void,
): void {
  using stack = new DisposableStack();
  const plan = planDecode(spec);
  const placed = new Map(
    Object.entries(outputs).map(([name, { type, dims, data }]): [string, AddressTensor] => {
      return [name, { type, dims, address: bench.place(stack, data).address }];
    }),
  );
  const settings = {
    threshold: pickThreshold(plan, params),
    suppress: spec.needsNms,
    iouThreshold: params.iouThreshold,
    agnostic: params.agnosticNms,
    maxDetections: params.maxDetections,
    classFilter: params.classFilter,
  };
  const decoder = stack.use(
    new CudaDecoder(bench.kernels, plan, settings, (name) => placed.get(name)!),
  );
  // Twice: nothing of the first time may be left.
  for (let run = 0; run < 2; run++) {
    decoder.run(bench.stream);
    bench.stream.synchronize();
  }
  check(decoder.read());
}
