import type { Picture } from "../../src/core/frame.ts";
import { type FocalSettings, type FocalSums, makeFocalSums } from "../../src/core/focal_sums.ts";
import type { InputSpec, Letterbox } from "../../src/core/input_spec.ts";
import type { Candidates, Kernels, NmsOptions, ScoreRows } from "../../src/core/kernels.ts";
import { CudaFocal } from "../../src/native/cuda_focal.ts";
import { CudaFrameRing, type FrameTransfer } from "../../src/native/cuda_frame_ring.ts";
import { CudaLetterbox } from "../../src/native/cuda_letterbox.ts";
import type { DeviceMemory } from "../../src/native/cuda_memory.ts";
import {
  type DeviceScores,
  scoresInColumns,
  scoresInRows,
} from "../../src/native/device_scores.ts";
import { checkFocalColumns, checkFocalRows } from "../../src/native/focal_arguments.ts";
import {
  checkColumnArguments,
  checkLetterboxArguments,
  checkNmsArguments,
  checkRowArguments,
} from "../../src/native/kernel_arguments.ts";
import type { CudaBench } from "./cuda_bench.ts";

const FLOAT32 = 2;
const COUNTERS = 5;

/** How one call is made. */
export interface HostKernelsChoice {
  /** Threads of the kernels that run as one block, a power of two from 32. */
  readonly threads: number;
  /** How pictures get to the GPU. */
  readonly transfer: FrameTransfer;
}

/**
 * The CUDA kernels behind the interface of the others, for their conformance suite: everything goes
 * to the GPU and back at every call, in memory that is as long as it must be and no longer.
 */
export class CudaHostKernels implements Kernels {
  /** The interface names what ships; like those of TypeScript, these take views of any memory. */
  readonly backend = "typescript";
  readonly #bench: CudaBench;
  readonly #choose: () => HostKernelsChoice;

  /** `choose` is asked at every call. */
  constructor(bench: CudaBench, choose: () => HostKernelsChoice) {
    this.#bench = bench;
    this.#choose = choose;
  }

  letterboxInto(
    picture: Picture,
    memory: ArrayBufferLike,
    letterbox: Letterbox,
    input: InputSpec,
    out: Float32Array | Float16Array | Uint8Array,
  ): void {
    checkLetterboxArguments(picture, memory, letterbox, input, out);
    const { kernels, context, stream } = this.#bench;
    const { transfer } = this.#choose();
    using stack = new DisposableStack();
    const target = stack.use(context.allocate(out.byteLength));
    const ring = stack.use(new CudaFrameRing(context, { slots: 1, transfer }));
    const kernel = new CudaLetterbox(kernels, input, target.address);
    ring.submit(picture, memory, stream, (image) => {
      kernel.run(stream, image.picture, image, letterbox);
    });
    this.#bench.fetch(target, out);
  }

  compactRows(data: Float32Array, shape: ScoreRows, threshold: number, out: Candidates): void {
    checkRowArguments(data, shape, threshold);
    this.#compact(shape.rows, out, (stack, picked) => {
      const launch = this.#bench.kernels.prepare("fovea_pick_rows", [64, 1, 1], {
        ...picked,
        ...shape,
        data: this.#bench.place(stack, data).address,
        element: FLOAT32,
        threshold: Math.fround(threshold),
      });
      launch.run(this.#bench.stream, Math.ceil(shape.rows / 2));
    });
  }

  compactColumns(
    data: Float32Array,
    offset: number,
    anchors: number,
    classCount: number,
    threshold: number,
    out: Candidates,
  ): void {
    checkColumnArguments(data, offset, anchors, classCount, threshold);
    this.#compact(anchors, out, (stack, picked) => {
      const launch = this.#bench.kernels.prepare("fovea_pick_columns", [64, 1, 1], {
        ...picked,
        data: this.#bench.place(stack, data).address,
        element: FLOAT32,
        ...{ offset, anchors, classCount },
        threshold: Math.fround(threshold),
      });
      launch.run(this.#bench.stream, Math.ceil(anchors / 64));
    });
  }

  nms(candidates: Candidates, options: NmsOptions, keep: Int32Array): number {
    checkNmsArguments(candidates, options, keep);
    const { count } = candidates;
    const maxDetections = Math.min(count, options.maxDetections);
    if (maxDetections === 0) return 0;
    const { kernels, stream, context } = this.#bench;
    const block = [this.#choose().threads, 1, 1] as const;
    using stack = new DisposableStack();
    const place = (data: ArrayBufferView): bigint => this.#bench.place(stack, data).address;
    const reserve = (bytes: number): DeviceMemory => stack.use(context.allocate(bytes));
    const columns = {
      xyxy: place(candidates.xyxyNet.subarray(0, 4 * count)),
      score: place(candidates.score.subarray(0, count)),
      classIndex: place(candidates.classIndex.subarray(0, count)),
      anchorIndex: place(candidates.anchorIndex.subarray(0, count)),
      counters: place(Int32Array.of(count, 0, 0, 0, 0)),
      order: reserve(4 * count).address,
    };
    const keys = reserve(8 * Math.max(2, 2 ** Math.ceil(Math.log2(count))));
    kernels.prepare("fovea_sort", block, {
      ...columns,
      keys: keys.address,
      wanted: 0n,
      classCount: 0,
    }).run(stream, 1);
    const [row, counters] = [reserve(4 * maxDetections), reserve(4 * COUNTERS)];
    kernels.prepare("fovea_nms", block, {
      ...columns,
      keptXyxy: reserve(16 * maxDetections).address,
      keptScore: reserve(4 * maxDetections).address,
      keptClass: reserve(4 * maxDetections).address,
      keptAnchor: reserve(4 * maxDetections).address,
      keptRow: row.address,
      keptCounters: counters.address,
      maxDetections,
      iouThreshold: options.iouThreshold,
      agnostic: options.agnostic ? 1 : 0,
      suppress: 1,
    }).run(stream, 1);
    const kept = this.#bench.fetch(counters, new Int32Array(COUNTERS))[0]!;
    this.#bench.fetch(row, keep.subarray(0, kept));
    return kept;
  }

  focalRows(
    data: Float32Array,
    shape: ScoreRows,
    targets: Int32Array | null,
    settings: FocalSettings,
    out: FocalSums,
  ): void {
    checkFocalRows(data, shape, targets, settings, out);
    this.#focal(data, (address) => scoresInRows(address, "float32", shape), targets, settings, out);
  }

  focalColumns(
    data: Float32Array,
    offset: number,
    anchors: number,
    classCount: number,
    targets: Int32Array | null,
    settings: FocalSettings,
    out: FocalSums,
  ): void {
    checkFocalColumns(data, offset, anchors, classCount, targets, settings, out);
    const find = (address: bigint) => {
      return scoresInColumns(address, "float32", offset, anchors, classCount);
    };
    this.#focal(data, find, targets, settings, out);
  }

  #focal(
    data: Float32Array,
    find: (address: bigint) => DeviceScores,
    targets: Int32Array | null,
    settings: FocalSettings,
    out: FocalSums,
  ): void {
    const { rows, classCount } = find(0n);
    if (rows === 0) {
      Object.assign(out, makeFocalSums(out));
      out.classFocal?.fill(0);
      return;
    }
    const { kernels, stream, context } = this.#bench;
    this.#choose();
    using stack = new DisposableStack();
    const scores = find(this.#bench.place(stack, data).address);
    const gradient = out.gradient && stack.use(context.allocate(4 * rows * classCount));
    const focal = stack.use(
      new CudaFocal(kernels, scores, settings, {
        targets: targets && this.#bench.place(stack, targets).address,
        gradient: gradient && gradient.address,
        classes: out.classFocal !== null,
      }),
    );
    focal.run(stream);
    stream.synchronize();
    focal.readInto(out);
    gradient?.read(out.gradient!);
  }

  #compact(
    rows: number,
    out: Candidates,
    pick: (stack: DisposableStack, picked: { score: bigint; classIndex: bigint }) => void,
  ): void {
    Object.assign(out, { count: 0, overflow: 0, nonFinite: 0 });
    if (rows === 0) return;
    const { kernels, stream, context } = this.#bench;
    using stack = new DisposableStack();
    const reserve = (bytes: number): DeviceMemory => stack.use(context.allocate(bytes));
    const picked = { score: reserve(4 * rows).address, classIndex: reserve(4 * rows).address };
    pick(stack, picked);
    const { capacity } = out;
    const columns = [out.score, out.classIndex, out.anchorIndex].map((data) => ({
      data,
      memory: reserve(4 * capacity),
    }));
    const counters = reserve(4 * COUNTERS);
    kernels.prepare("fovea_compact", [this.#choose().threads, 1, 1], {
      pickedScore: picked.score,
      pickedClass: picked.classIndex,
      score: columns[0]!.memory.address,
      classIndex: columns[1]!.memory.address,
      anchorIndex: columns[2]!.memory.address,
      counters: counters.address,
      rows,
      capacity,
    }).run(stream, 1);
    const [count, overflow, nonFinite] = this.#bench.fetch(counters, new Int32Array(COUNTERS));
    for (const { data, memory } of columns) this.#bench.fetch(memory, data.subarray(0, count));
    Object.assign(out, { count, overflow, nonFinite });
  }
}

/** Plain memory from which a conformance suite places its arrays. */
export class HostMemory {
  readonly buffer: ArrayBuffer;
  #top = 0;

  constructor(bytes: number) {
    this.buffer = new ArrayBuffer(bytes);
  }

  allocate(bytes: number): number {
    const offset = this.#top;
    this.#top = Math.ceil((offset + bytes) / 64) * 64;
    if (this.#top > this.buffer.byteLength) throw new RangeError(`Cannot place ${bytes} bytes`);
    return offset;
  }

  reset(): void {
    this.#top = 0;
  }
}
