import { FoveaError } from "../core/errors.ts";
import type { FocalSettings, FocalSums } from "../core/focal_sums.ts";
import type { Picture } from "../core/frame.ts";
import type { InputSpec, Letterbox } from "../core/input_spec.ts";
import type { Candidates, Kernels, NmsOptions, ScoreRows } from "../core/kernels.ts";
import {
  checkColumnArguments,
  checkLetterboxArguments,
  checkNmsArguments,
  checkRowArguments,
} from "./kernel_arguments.ts";
import type { KernelExports } from "./kernel_exports.ts";
import { LetterboxPlan, planBytes, rowBytes } from "./letterbox_plan.ts";
import { MemoryIdentity } from "./memory_identity.ts";
import { FOCAL_PLAN_BYTES, WasmFocal } from "./wasm_focal.ts";

const WASM = new URL("../../kernels/wasm/fovea_kernels.wasm", import.meta.url);

/** The first page of the memory is never anybody's scratch. */
const RESERVED_BYTES = 65_536;
/** Words of `CandidateColumns` in kernels/wasm/candidate_columns.ts. */
const COLUMN = {
  score: 0,
  classIndex: 1,
  anchorIndex: 2,
  capacity: 3,
  count: 4,
  overflow: 5,
  nonFinite: 6,
} as const;
const COLUMN_BYTES = 64;
/** What stands before the tables of the letterbox kernel. */
const HEAD_BYTES = COLUMN_BYTES + FOCAL_PLAN_BYTES;

/** The smallest work there is. */
const NOTHING: KernelSizes = { sourceWidth: 0, netWidth: 0, candidates: 0 };

/** The largest work that kernels are made for. */
export interface KernelSizes {
  /** Widest source picture in pixels. */
  readonly sourceWidth: number;
  /** Width of the network input in pixels. */
  readonly netWidth: number;
  /** Height of the network input in pixels; needs no memory. */
  readonly netHeight?: number;
  /** Most candidates given to `nms`. */
  readonly candidates: number;
}

/**
 * Bytes of scratch memory that {@linkcode WasmKernels} need for work up to these sizes: tables of
 * one entry per network column, a few rows, and about 40 bytes per candidate.
 *
 * @throws {RangeError} If a size is not a whole number from 0.
 */
export function kernelScratchBytes(sizes: KernelSizes): number {
  const { sourceWidth, netWidth, candidates } = sizes;
  for (const size of [sourceWidth, netWidth, candidates]) {
    if (!Number.isSafeInteger(size) || size < 0) {
      throw new RangeError(`Cannot size scratch memory for ${size}: a whole number is needed`);
    }
  }
  const transient = Math.max(rowBytes(sourceWidth, netWidth), nmsBytes(candidates));
  return HEAD_BYTES + planBytes(netWidth) + transient;
}

/**
 * What kernels/wasm/nms.ts lays out: a grid (16), 256 groups (12), four histograms (1,024), two sort
 * items (8) per candidate, cells (8), and blocks of four boxes (96). A group has one cell, or one
 * for 16 candidates at most; every cell may leave a block unfilled.
 */
function nmsBytes(candidates: number): number {
  const cells = 256 + Math.ceil(candidates / 16);
  const blocks = Math.ceil(candidates / 4) + cells;
  return 16 + 256 * 12 + 4 * 1024 + 16 * candidates + 8 * cells + 96 * blocks;
}

/**
 * The kernels in WebAssembly SIMD. Made by {@linkcode instantiateKernels}.
 *
 * Pictures, tensors, candidates and `keep` must lie in the memory the kernels were made on;
 * anything else is a `TypeError`. Nothing is allocated per call. One object serves one thread.
 */
export class WasmKernels implements Kernels {
  readonly backend = "wasm";
  readonly #exports: KernelExports;
  readonly #identity: MemoryIdentity;
  readonly #columns: Uint32Array;
  readonly #columnsOffset: number;
  readonly #scratchBytes: number;
  readonly #plan: LetterboxPlan;
  readonly #focal: WasmFocal;

  /** Takes over a scratch region of the memory. */
  constructor(
    exports: KernelExports,
    memory: WebAssembly.Memory,
    scratchOffset: number,
    scratchBytes: number,
  ) {
    const buffer: ArrayBufferLike = memory.buffer;
    this.#exports = exports;
    this.#identity = new MemoryIdentity(memory);
    this.#columnsOffset = scratchOffset;
    this.#columns = new Uint32Array(buffer, scratchOffset, COLUMN_BYTES / 4);
    this.#scratchBytes = scratchBytes - HEAD_BYTES;
    this.#focal = new WasmFocal(exports, this.#identity, buffer, scratchOffset + COLUMN_BYTES);
    this.#plan = new LetterboxPlan(buffer, scratchOffset + HEAD_BYTES);
  }

  letterboxInto(
    picture: Picture,
    memory: ArrayBufferLike,
    letterbox: Letterbox,
    input: InputSpec,
    out: Float32Array | Float16Array | Uint8Array,
  ): void {
    checkLetterboxArguments(picture, memory, letterbox, input, out);
    this.#checkBuffer(memory, "the picture");
    this.#checkBuffer(out.buffer, "the output");
    const bytes = planBytes(input.width) + rowBytes(picture.width, input.width);
    this.#checkScratch(bytes, `letterbox ${picture.width} into ${input.width} pixels`);
    if (this.#plan.write(picture, letterbox, input, out.byteOffset)) {
      this.#exports.prepareColumns(this.#plan.byteOffset);
    }
    this.#exports.letterbox(this.#plan.byteOffset);
  }

  compactRows(data: Float32Array, shape: ScoreRows, threshold: number, out: Candidates): void {
    checkRowArguments(data, shape, threshold);
    this.#checkBuffer(data.buffer, "the scores");
    this.#offerColumns(out);
    this.#exports.compactRows(
      data.byteOffset,
      shape.rows,
      shape.rowLength,
      shape.classOffset,
      shape.classCount,
      shape.objectnessOffset,
      threshold,
      this.#columnsOffset,
    );
    this.#takeCounts(out);
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
    this.#checkBuffer(data.buffer, "the scores");
    this.#offerColumns(out);
    this.#exports.compactColumns(
      data.byteOffset + 4 * offset,
      anchors,
      classCount,
      threshold,
      this.#columnsOffset,
    );
    this.#takeCounts(out);
  }

  nms(candidates: Candidates, options: NmsOptions, keep: Int32Array): number {
    checkNmsArguments(candidates, options, keep);
    this.#checkBuffer(candidates.xyxyNet.buffer, "the boxes");
    this.#checkBuffer(candidates.score.buffer, "the scores");
    this.#checkBuffer(candidates.classIndex.buffer, "the classes");
    this.#checkBuffer(keep.buffer, "the list of kept rows");
    const scratch = this.#plan.tablesEnd;
    this.#checkScratch(
      scratch - this.#plan.byteOffset + nmsBytes(candidates.count),
      `suppress ${candidates.count} candidates`,
    );
    return this.#exports.nms(
      candidates.xyxyNet.byteOffset,
      candidates.score.byteOffset,
      candidates.classIndex.byteOffset,
      candidates.count,
      options.iouThreshold,
      options.agnostic ? 1 : 0,
      Math.min(options.maxDetections, candidates.count),
      keep.byteOffset,
      scratch,
    );
  }

  focalRows(
    data: Float32Array,
    shape: ScoreRows,
    targets: Int32Array | null,
    settings: FocalSettings,
    out: FocalSums,
  ): void {
    this.#focal.rows(data, shape, targets, settings, out);
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
    this.#focal.columns(data, offset, anchors, classCount, targets, settings, out);
  }

  #offerColumns(out: Candidates): void {
    this.#checkBuffer(out.score.buffer, "the candidates");
    this.#checkBuffer(out.classIndex.buffer, "the candidates");
    this.#checkBuffer(out.anchorIndex.buffer, "the candidates");
    this.#columns[COLUMN.score] = out.score.byteOffset;
    this.#columns[COLUMN.classIndex] = out.classIndex.byteOffset;
    this.#columns[COLUMN.anchorIndex] = out.anchorIndex.byteOffset;
    this.#columns[COLUMN.capacity] = out.capacity;
  }

  #takeCounts(out: Candidates): void {
    out.count = this.#columns[COLUMN.count]!;
    out.overflow = this.#columns[COLUMN.overflow]!;
    out.nonFinite = this.#columns[COLUMN.nonFinite]!;
  }

  #checkBuffer(buffer: ArrayBufferLike, what: string): void {
    this.#identity.check(buffer, what);
  }

  #checkScratch(bytes: number, what: string): void {
    if (bytes > this.#scratchBytes) {
      throw new FoveaError(
        "LIMIT",
        `Cannot ${what}: it takes ${bytes} of ${this.#scratchBytes} bytes of scratch memory`,
        { hint: "Make the kernels for larger sizes" },
      );
    }
  }
}

/**
 * Loads the kernels and binds them to a shared memory. It reads the module's file, beside this
 * one, so that it takes permission to read it.
 *
 * @param memory The arena's memory; it may grow later.
 * @param scratchOffset Where the scratch region starts: a multiple of 16, after the first 64 KiB.
 * @param scratchBytes Its size, from {@linkcode kernelScratchBytes}. It belongs to this object.
 * @throws {RangeError} If the region does not lie inside the memory.
 */
export async function instantiateKernels(
  memory: WebAssembly.Memory,
  scratchOffset: number,
  scratchBytes: number,
): Promise<WasmKernels> {
  const end = scratchOffset + scratchBytes;
  const inside = Number.isSafeInteger(scratchOffset) && scratchOffset >= RESERVED_BYTES &&
    scratchOffset % 16 === 0 && scratchBytes >= kernelScratchBytes(NOTHING) &&
    end <= memory.buffer.byteLength;
  if (!inside) {
    throw new RangeError(
      `Cannot use bytes ${scratchOffset}..${end} of ${memory.buffer.byteLength} as scratch memory`,
    );
  }
  const bytes = await Deno.readFile(WASM);
  const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } });
  const exports = instance.exports as unknown as KernelExports;
  return new WasmKernels(exports, memory, scratchOffset, scratchBytes);
}
