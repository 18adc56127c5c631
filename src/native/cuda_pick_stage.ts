import type { AddressTensor, TensorType } from "../core/tensor.ts";
import type { DecodePlan, PickPlan, RowSlice } from "../core/decode_plan.ts";
import { readableCode } from "./cuda_element.ts";
import type { CudaKernels, KernelLaunch } from "./cuda_kernels.ts";
import type { CudaStream } from "./cuda_stream.ts";

/** Highest class index that is believed when a model states the class itself. */
const CLASS_INDEX_MAX = 65_535;

const THREADS = 256;
const COLUMN_THREADS = 64;
const WARP = 32;

/** Where the picked rows are written, `[rows]` each. */
export interface PickedColumns {
  /** The best score. */
  readonly score: bigint;
  /** The best class, or why there is none. */
  readonly classIndex: bigint;
}

/** The kernel that looks at every row of a model's output, ready to be launched. */
export class PickStage {
  readonly #launch: KernelLaunch<string>;
  readonly #blocks: number;

  /** Made by {@linkcode makePickStage}. */
  constructor(launch: KernelLaunch<string>, blocks: number) {
    this.#launch = launch;
    this.#blocks = blocks;
  }

  /** Changes the lowest score, in the unit of the plan's scores. */
  setThreshold(threshold: number): void {
    // A score is a float32, so that 0.1 reaches 0.1.
    this.#launch.parameters.set("threshold", Math.fround(threshold));
  }

  /** Gives it to a stream. */
  run(stream: CudaStream): void {
    this.#launch.run(stream, this.#blocks);
  }
}

/** Whether the kernels can read an output of a plan with elements of this type. */
export function canRead(plan: DecodePlan, output: string, type: TensorType): boolean {
  if (type === "float32" || type === "float16") return true;
  const { pick, boxes } = plan;
  const isLabel = pick.kind === "labelled" && pick.label.output === output &&
    pick.score.output !== output && boxes.output !== output;
  return isLabel && (type === "int32" || type === "int64");
}

/**
 * Prepares the kernel that a plan's rows are picked with.
 *
 * @throws {FoveaError} `MODEL_UNSUPPORTED` if an output has a type that kernels do not read.
 */
export function makePickStage(
  kernels: CudaKernels,
  plan: DecodePlan,
  threshold: number,
  findOutput: (name: string) => AddressTensor,
  picked: PickedColumns,
): PickStage {
  const { pick, rows, classCount } = plan;
  // A score is a float32, so that 0.1 reaches 0.1.
  const common = { ...picked, threshold: Math.fround(threshold) };
  const threads = [THREADS, 1, 1] as const;
  const rowBlocks = Math.ceil(rows / THREADS);
  const warpBlocks = Math.ceil(rows * WARP / THREADS);
  if (pick.kind === "labelled") {
    const values = { ...common, rows, ...labelledValues(pick, findOutput) };
    return new PickStage(kernels.prepare("fovea_pick_labelled", threads, values), rowBlocks);
  }
  const { address, type } = findOutput(pick.output);
  const source = { data: address, element: readableCode(type, `output "${pick.output}"`) };
  switch (pick.kind) {
    case "rows": {
      const { rowLength, classOffset, objectnessOffset } = pick;
      const shape = { rows, rowLength, classOffset, classCount, objectnessOffset };
      const values = { ...common, ...source, ...shape };
      return new PickStage(kernels.prepare("fovea_pick_rows", threads, values), warpBlocks);
    }
    case "columns": {
      const values = { ...common, ...source, offset: pick.offset, anchors: rows, classCount };
      // Few threads with long walks: small blocks spread them over more multiprocessors.
      const launch = kernels.prepare("fovea_pick_columns", [COLUMN_THREADS, 1, 1], values);
      return new PickStage(launch, Math.ceil(rows / COLUMN_THREADS));
    }
    case "softmax": {
      const values = { ...common, ...source, rows, channels: pick.channels, classCount };
      return new PickStage(kernels.prepare("fovea_pick_softmax", threads, values), warpBlocks);
    }
  }
}

function labelledValues(
  pick: Extract<PickPlan, { kind: "labelled" }>,
  findOutput: (name: string) => AddressTensor,
) {
  const scores = findOutput(pick.score.output);
  const labels = findOutput(pick.label.output);
  const labelBytes = labels.type === "int64" ? 8 : labels.type === "int32" ? 4 : 0;
  return {
    scores: scores.address,
    scoreElement: readableCode(scores.type, `output "${pick.score.output}"`),
    labels: labels.address,
    labelElement: labelBytes > 0 ? 0 : readableCode(labels.type, `output "${pick.label.output}"`),
    labelBytes,
    ...sliceValues("score", pick.score),
    ...sliceValues("label", pick.label),
    roundLabels: pick.roundLabels ? 1 : 0,
    classMax: CLASS_INDEX_MAX,
  };
}

function sliceValues<Name extends "score" | "label">(
  name: Name,
  { at, step }: RowSlice,
): Record<`${Name}At` | `${Name}Step`, number> {
  return { [`${name}At`]: at, [`${name}Step`]: step } as Record<
    `${Name}At` | `${Name}Step`,
    number
  >;
}
