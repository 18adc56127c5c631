import type { FocalSettings, FocalSums } from "../core/focal_sums.ts";
import type { ScoreRows } from "../core/kernels.ts";
import { checkFocalColumns, checkFocalRows } from "./focal_arguments.ts";
import type { KernelExports } from "./kernel_exports.ts";
import type { MemoryIdentity } from "./memory_identity.ts";

/** Words of `FocalPlan` in kernels/wasm/focal_plan.ts; sums are float64 and come first. */
const SUM = {
  easyFocal: 0,
  hardFocal: 1,
  easyCrossEntropy: 2,
  hardCrossEntropy: 3,
  positiveFocal: 4,
  positiveCrossEntropy: 5,
} as const;
const WORD = {
  positives: 12,
  nonFinite: 13,
  gamma: 14,
  halves: 15,
  positiveWeight: 16,
  negativeWeight: 17,
  easyBelow: 18,
  targets: 19,
  classFocal: 20,
  gradient: 21,
} as const;
const PLAN_BYTES = 96;
/** Ten words of `FocalStrip`, rounded up. */
const STRIP_BYTES = 48;

/** Bytes of scratch memory of a {@linkcode WasmFocal}. */
export const FOCAL_PLAN_BYTES = PLAN_BYTES + STRIP_BYTES;

/** The focal kernels of the wasm module, with the scratch memory they are told through. */
export class WasmFocal {
  readonly #exports: KernelExports;
  readonly #identity: MemoryIdentity;
  readonly #plan: number;
  readonly #sums: Float64Array;
  readonly #words: Uint32Array;
  readonly #floats: Float32Array;

  /** Takes {@linkcode FOCAL_PLAN_BYTES} of `buffer`; `byteOffset` is a multiple of 8. */
  constructor(
    exports: KernelExports,
    identity: MemoryIdentity,
    buffer: ArrayBufferLike,
    byteOffset: number,
  ) {
    this.#exports = exports;
    this.#identity = identity;
    this.#plan = byteOffset;
    this.#sums = new Float64Array(buffer, byteOffset, 6);
    this.#words = new Uint32Array(buffer, byteOffset, PLAN_BYTES / 4);
    this.#floats = new Float32Array(buffer, byteOffset, PLAN_BYTES / 4);
  }

  /** `Kernels.focalRows` */
  rows(
    data: Float32Array,
    shape: ScoreRows,
    targets: Int32Array | null,
    settings: FocalSettings,
    out: FocalSums,
  ): void {
    const cells = checkFocalRows(data, shape, targets, settings, out);
    this.#identity.check(data.buffer, "the scores");
    this.#writePlan(targets, settings, out);
    this.#exports.focalRows(
      data.byteOffset,
      shape.rows,
      shape.rowLength,
      shape.classOffset,
      shape.classCount,
      shape.objectnessOffset,
      settings.activation === "logit" ? 1 : 0,
      this.#plan,
      this.#plan + PLAN_BYTES,
    );
    this.#readSums(cells, out);
  }

  /** `Kernels.focalColumns` */
  columns(
    data: Float32Array,
    offset: number,
    anchors: number,
    classCount: number,
    targets: Int32Array | null,
    settings: FocalSettings,
    out: FocalSums,
  ): void {
    const cells = checkFocalColumns(data, offset, anchors, classCount, targets, settings, out);
    this.#identity.check(data.buffer, "the scores");
    this.#writePlan(targets, settings, out);
    this.#exports.focalColumns(
      data.byteOffset + 4 * offset,
      anchors,
      classCount,
      settings.activation === "logit" ? 1 : 0,
      this.#plan,
      this.#plan + PLAN_BYTES,
    );
    this.#readSums(cells, out);
  }

  #writePlan(targets: Int32Array | null, settings: FocalSettings, out: FocalSums): void {
    const { gamma, alpha, easyBelow } = settings;
    this.#floats[WORD.gamma] = gamma;
    this.#words[WORD.halves] = Number.isInteger(2 * gamma) ? 2 * gamma : -1;
    this.#floats[WORD.positiveWeight] = alpha ?? 1;
    this.#floats[WORD.negativeWeight] = alpha === null ? 1 : 1 - alpha;
    this.#floats[WORD.easyBelow] = easyBelow;
    this.#words[WORD.targets] = this.#place(targets, "the targets");
    this.#words[WORD.classFocal] = this.#place(out.classFocal, "the sums of classes");
    this.#words[WORD.gradient] = this.#place(out.gradient, "the gradient");
  }

  /** Where an array lies; 0 is none. */
  #place(array: Int32Array | Float32Array | Float64Array | null, what: string): number {
    if (array === null) return 0;
    this.#identity.check(array.buffer, what);
    if (array.byteOffset === 0 && array.length > 0) {
      throw new TypeError(`Cannot use ${what}: it starts at byte 0, which belongs to nobody`);
    }
    return array.byteOffset;
  }

  #readSums(cells: number, out: FocalSums): void {
    out.positives = this.#words[WORD.positives]!;
    out.nonFinite = this.#words[WORD.nonFinite]!;
    out.negatives = cells - out.positives - out.nonFinite;
    out.positiveFocal = this.#sums[SUM.positiveFocal]!;
    out.positiveCrossEntropy = this.#sums[SUM.positiveCrossEntropy]!;
    out.easyFocal = this.#sums[SUM.easyFocal]!;
    out.easyCrossEntropy = this.#sums[SUM.easyCrossEntropy]!;
    out.negativeFocal = out.easyFocal + this.#sums[SUM.hardFocal]!;
    out.negativeCrossEntropy = out.easyCrossEntropy + this.#sums[SUM.hardCrossEntropy]!;
  }
}
