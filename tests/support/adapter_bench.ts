import { candidatesBytes, candidatesView } from "../../src/core/candidates.ts";
import type { DecodeParams, DetectorSpec } from "../../src/core/detector_spec.ts";
import type { LetterboxRule } from "../../src/core/input_spec.ts";
import type { Candidates } from "../../src/core/kernels.ts";
import type { OutputView } from "../../src/core/ports.ts";
import { elementCount, type Tensor } from "../../src/core/tensor.ts";
import { FoveaError } from "../../src/core/errors.ts";

/** What a test says about a specification; the rest has defaults. */
export interface SpecChoice {
  /** Output layout. */
  readonly family: DetectorSpec["family"];
  /** Outputs by role; `predictions` from `p` by default. */
  readonly outputs?: DetectorSpec["outputs"];
  /** Options of the adapter. */
  readonly options: DetectorSpec["options"];
  /** Number of classes; 3 by default. */
  readonly classes?: number;
  /** Width of the network input in pixels; 64 by default. */
  readonly width?: number;
  /** Height of the network input in pixels; 32 by default. */
  readonly height?: number;
  /** How pictures are fitted in; stretched by default. */
  readonly letterbox?: LetterboxRule;
}

/** A specification for a test. */
export function makeSpec(choice: SpecChoice): DetectorSpec {
  const { family, options, outputs = { predictions: "p" }, classes = 3 } = choice;
  return {
    family,
    input: {
      name: "images",
      type: "float32",
      layout: "nchw",
      width: choice.width ?? 64,
      height: choice.height ?? 32,
      channels: "rgb",
      scale: [1, 1, 1],
      bias: [0, 0, 0],
      letterbox: choice.letterbox ?? { mode: "stretch", anchor: "center", padValue: 114 },
    },
    extraInputs: [],
    outputs,
    classNames: Array.from({ length: classes }, (_, i) => `class ${i}`),
    options,
    needsNms: family !== "detr" && family !== "yolo-end2end",
    findings: [],
  };
}

/** Decode parameters for a test: everything from 0.25 on unless it says otherwise. */
export function makeParams(choice: Partial<DecodeParams> = {}): DecodeParams {
  return {
    confidence: 0.25,
    iouThreshold: 0.5,
    agnosticNms: false,
    maxDetections: 100,
    labels: "best",
    classFilter: null,
    ...choice,
  };
}

/** Outputs of a made-up run. */
export function viewOf(tensors: Readonly<Record<string, Tensor>>): OutputView {
  return {
    get(name) {
      const tensor = tensors[name];
      if (tensor === undefined) throw new FoveaError("OUTPUT_SHAPE", `no output "${name}"`);
      return tensor;
    },
  };
}

/** A float32 tensor of these numbers. */
export function floats(dims: readonly number[], values: ArrayLike<number>): Tensor {
  if (values.length !== elementCount(dims)) {
    throw new RangeError(`${values.length} numbers for [${dims}]`);
  }
  return { type: "float32", dims, data: Float32Array.from(values) };
}

/** Empty candidates in memory of their own. */
export function makeCandidates(capacity: number): Candidates {
  return candidatesView(new ArrayBuffer(candidatesBytes(capacity)), 0, capacity);
}

/** What candidates hold: `[score, class, row, x1, y1, x2, y2]` of each. */
export function listCandidates(out: Candidates): number[][] {
  return Array.from({ length: out.count }, (_, i) => [
    out.score[i]!,
    out.classIndex[i]!,
    out.anchorIndex[i]!,
    ...out.xyxyNet.subarray(4 * i, 4 * i + 4),
  ]);
}
