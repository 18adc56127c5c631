import { candidatesBytes, candidatesView } from "../core/candidates.ts";
import type { DecodePlan } from "../core/decode_plan.ts";
import type { Candidates } from "../core/kernels.ts";
import { type AddressTensor, elementCount } from "../core/tensor.ts";
import { BoxStage } from "./cuda_box_stage.ts";
import type { CudaKernels, KernelLaunch, ParameterName } from "./cuda_kernels.ts";
import type { DeviceMemory, PinnedMemory } from "./cuda_memory.ts";
import { makePickStage, type PickStage } from "./cuda_pick_stage.ts";
import type { CudaStream } from "./cuda_stream.ts";

/** Places of the counters, see kernels/cuda/fovea.cuh. */
const COUNTER = { count: 0, overflow: 1, nonFinite: 2, sorted: 3, brokenBoxes: 4 } as const;
const COUNTERS = 5;

/** Threads of the kernels that run as one block. */
const BLOCK_THREADS = 1024;

/** How detections are picked on the GPU. */
export interface DecoderSettings {
  /** Lowest score, or the lowest logit where the plan says that scores are logits. */
  readonly threshold: number;
  /** Whether overlapping boxes are suppressed. */
  readonly suppress: boolean;
  /** IoU above which the weaker of two boxes is dropped, 0–1. */
  readonly iouThreshold: number;
  /** Whether boxes of different classes suppress each other. */
  readonly agnostic: boolean;
  /** Most detections, from 1. */
  readonly maxDetections: number;
  /** Classes to report; `null` for all. */
  readonly classFilter: readonly number[] | null;
}

/** What a picture gave, in pinned memory: on loan until the decoder runs again. */
export interface DecodedFrame {
  /** What remains, best first; boxes in network pixels. */
  readonly kept: Candidates;
  /** Rows whose scores are NaN or infinite. */
  readonly brokenRows: number;
  /** Picked rows whose box is not finite; they are left out. */
  readonly brokenBoxes: number;
}

/**
 * Decodes a model's outputs in a GPU's memory: picks rows, makes their boxes, sorts and suppresses,
 * and copies what remains to the host, all on one stream and without a word from the host between.
 */
export class CudaDecoder implements Disposable {
  readonly #stack: DisposableStack;
  readonly #pick: PickStage;
  readonly #compact: KernelLaunch<ParameterName<"fovea_compact">>;
  readonly #boxes: BoxStage;
  readonly #sort: KernelLaunch<ParameterName<"fovea_sort">>;
  readonly #nms: KernelLaunch<ParameterName<"fovea_nms">>;
  readonly #kept: DeviceMemory;
  readonly #result: PinnedMemory;
  readonly #counters: Int32Array;
  readonly #view: Candidates;

  /**
   * Reserves memory and prepares the kernels.
   *
   * @param findOutput Where an output of the plan lies.
   * @throws {FoveaError} `GPU_MEMORY`; `MODEL_UNSUPPORTED` if an output has a type that kernels do
   * not read.
   * @throws {RangeError} If a setting is out of range, or an output is shorter than the plan says.
   */
  constructor(
    kernels: CudaKernels,
    plan: DecodePlan,
    settings: DecoderSettings,
    findOutput: (name: string) => AddressTensor,
  ) {
    checkSettings(plan, settings);
    checkOutputs(plan, findOutput);
    using stack = new DisposableStack();
    const { context } = kernels;
    const { rows } = plan;
    function reserve(bytes: number): DeviceMemory {
      return stack.use(context.allocate(bytes));
    }
    const picked = { score: reserve(4 * rows).address, classIndex: reserve(4 * rows).address };
    const columns = {
      xyxy: reserve(16 * rows).address,
      score: reserve(4 * rows).address,
      classIndex: reserve(4 * rows).address,
      anchorIndex: reserve(4 * rows).address,
      counters: reserve(4 * COUNTERS).address,
    };
    const order = reserve(4 * rows).address;
    this.#pick = makePickStage(kernels, plan, settings.threshold, findOutput, picked);
    this.#compact = kernels.prepare("fovea_compact", [BLOCK_THREADS, 1, 1], {
      pickedScore: picked.score,
      pickedClass: picked.classIndex,
      score: columns.score,
      classIndex: columns.classIndex,
      anchorIndex: columns.anchorIndex,
      counters: columns.counters,
      rows,
      capacity: rows,
    });
    this.#boxes = stack.use(new BoxStage(kernels, plan, findOutput, columns));
    this.#sort = kernels.prepare("fovea_sort", [BLOCK_THREADS, 1, 1], {
      score: columns.score,
      classIndex: columns.classIndex,
      wanted: settings.classFilter === null
        ? 0n
        : writeWanted(reserve(4 * wantedWords(plan)), settings.classFilter, plan),
      keys: reserve(8 * powerOfTwoFrom(rows)).address,
      order,
      counters: columns.counters,
      classCount: plan.classCount,
    });
    const { maxDetections } = settings;
    const layout = resultLayout(maxDetections);
    this.#kept = reserve(layout.bytes);
    const kept = this.#kept.address;
    this.#nms = kernels.prepare("fovea_nms", [BLOCK_THREADS, 1, 1], {
      order,
      ...columns,
      keptXyxy: kept,
      keptScore: kept + BigInt(layout.score),
      keptClass: kept + BigInt(layout.classIndex),
      keptAnchor: kept + BigInt(layout.anchorIndex),
      keptRow: kept + BigInt(layout.row),
      keptCounters: kept + BigInt(layout.counters),
      maxDetections,
      iouThreshold: settings.iouThreshold,
      agnostic: settings.agnostic ? 1 : 0,
      suppress: settings.suppress ? 1 : 0,
    });
    this.#result = stack.use(context.allocatePinned(layout.bytes));
    this.#counters = new Int32Array(this.#result.buffer, layout.counters, COUNTERS);
    this.#view = candidatesView(this.#result.buffer, 0, maxDetections);
    this.#stack = stack.move();
  }

  /**
   * Changes the lowest score from the next run on.
   *
   * @param threshold A score, or a logit where the plan says that scores are logits.
   * @throws {RangeError} If it is not finite.
   */
  setThreshold(threshold: number): void {
    if (!Number.isFinite(threshold)) {
      throw new RangeError(`Cannot decode with a threshold of ${threshold}`);
    }
    this.#pick.setThreshold(threshold);
  }

  /**
   * Gives decoding and the copy of what remains to a stream; call {@linkcode read} once the stream
   * was waited for.
   */
  run(stream: CudaStream): void {
    this.#pick.run(stream);
    this.#compact.run(stream, 1);
    this.#boxes.run(stream);
    this.#sort.run(stream, 1);
    this.#nms.run(stream, 1);
    this.#result.copyFrom(this.#kept, this.#result.bytes, stream);
  }

  /** What the newest run gave; its stream must have been waited for. */
  read(): DecodedFrame {
    const counters = this.#counters;
    this.#view.count = counters[COUNTER.count]!;
    this.#view.overflow = counters[COUNTER.overflow]!;
    this.#view.nonFinite = counters[COUNTER.nonFinite]! + counters[COUNTER.brokenBoxes]!;
    return {
      kept: this.#view,
      brokenRows: counters[COUNTER.nonFinite]!,
      brokenBoxes: counters[COUNTER.brokenBoxes]!,
    };
  }

  /** Frees its memory. */
  [Symbol.dispose](): void {
    this.#stack[Symbol.dispose]();
  }
}

/** Where the columns of what remains start, in bytes. */
function resultLayout(maxDetections: number) {
  const score = 16 * maxDetections;
  const classIndex = score + 4 * maxDetections;
  const anchorIndex = classIndex + 4 * maxDetections;
  const row = candidatesBytes(maxDetections);
  const counters = row + 4 * maxDetections;
  return { score, classIndex, anchorIndex, row, counters, bytes: counters + 4 * COUNTERS };
}

function checkSettings(plan: DecodePlan, settings: DecoderSettings): void {
  const { threshold, iouThreshold, maxDetections } = settings;
  if (!Number.isFinite(threshold) || !(iouThreshold >= 0 && iouThreshold <= 1)) {
    throw new RangeError(
      `Cannot decode with a threshold of ${threshold} and an IoU of ${iouThreshold}`,
    );
  }
  if (!Number.isInteger(maxDetections) || maxDetections < 1) {
    throw new RangeError(
      `Cannot keep ${maxDetections} detections: a whole number from 1 is needed`,
    );
  }
  if (!Number.isInteger(plan.rows) || plan.rows < 1) {
    throw new RangeError(`Cannot decode ${plan.rows} rows: a whole number from 1 is needed`);
  }
  for (const [name, dims] of Object.entries(plan.outputs)) {
    // Kernels count elements in 32 bits.
    if (elementCount(dims) < 2 ** 31) continue;
    throw new RangeError(`Cannot decode output "${name}": it has ${elementCount(dims)} elements`);
  }
}

function checkOutputs(plan: DecodePlan, findOutput: (name: string) => AddressTensor): void {
  for (const [name, dims] of Object.entries(plan.outputs)) {
    const found = findOutput(name);
    if (elementCount(found.dims) >= elementCount(dims)) continue;
    throw new RangeError(`Cannot decode output "${name}": it is [${found.dims}], not [${dims}]`);
  }
}

function powerOfTwoFrom(count: number): number {
  let power = 2;
  while (power < count) power *= 2;
  return power;
}

function wantedWords(plan: DecodePlan): number {
  return Math.ceil(plan.classCount / 32);
}

/** Writes a bit for each class that is wanted; returns where. */
function writeWanted(memory: DeviceMemory, classes: readonly number[], plan: DecodePlan): bigint {
  const words = new Uint32Array(wantedWords(plan));
  for (const index of classes) {
    if (index >= 0 && index < plan.classCount) words[index >> 5]! |= 1 << (index & 31);
  }
  memory.write(words);
  return memory.address;
}
