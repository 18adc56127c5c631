import type { FocalSettings, FocalSums } from "../core/focal_sums.ts";
import { readableCode } from "./cuda_element.ts";
import type { CudaKernels, KernelLaunch, ParameterName } from "./cuda_kernels.ts";
import type { DeviceMemory, PinnedMemory } from "./cuda_memory.ts";
import type { CudaStream } from "./cuda_stream.ts";
import type { DeviceScores } from "./device_scores.ts";
import { checkFocalSettings } from "./focal_arguments.ts";

/** Threads of a block and the most blocks: more would only make more sums to add up. */
const THREADS = 256;
const BLOCKS_MAX = 128;

/** Places of the sums, see kernels/cuda/focal.cu. */
const SUM = {
  positives: 0,
  negatives: 1,
  nonFinite: 2,
  positiveFocal: 3,
  negativeFocal: 4,
  easyFocal: 5,
  positiveCrossEntropy: 6,
  negativeCrossEntropy: 7,
  easyCrossEntropy: 8,
} as const;
const SUMS = 9;

/** What to compute besides the sums. */
export interface CudaFocalOptions {
  /**
   * The class of each row, `[rows]` int32 in the GPU's memory: -1 for background, -2 to leave it
   * out; `null` for background only. Classes are not checked.
   */
  readonly targets: bigint | null;
  /**
   * Receives the gradient, float32, `[rows, classes]` from scores in rows and `[classes, rows]` from
   * scores in columns; `null` for none.
   */
  readonly gradient: bigint | null;
  /** Whether to sum the negatives of each class too. */
  readonly classes: boolean;
}

/**
 * Focal loss and cross-entropy of scores in a GPU's memory: the same operation as
 * `Kernels.focalRows` and `focalColumns`, on a stream.
 */
export class CudaFocal implements Disposable {
  readonly #stack: DisposableStack;
  readonly #loss: KernelLaunch<ParameterName<"fovea_focal">>;
  readonly #total: KernelLaunch<ParameterName<"fovea_focal_total">>;
  readonly #classes: KernelLaunch<ParameterName<"fovea_focal_classes">> | null = null;
  readonly #classCount: number;
  readonly #blocks: number;
  readonly #totals: DeviceMemory;
  readonly #result: PinnedMemory;
  readonly #sums: Float64Array;

  /**
   * Reserves memory and prepares the kernels.
   *
   * @throws {RangeError} If a setting is out of range.
   * @throws {FoveaError} `GPU_MEMORY`; `MODEL_UNSUPPORTED` if scores are not float.
   */
  constructor(
    kernels: CudaKernels,
    scores: DeviceScores,
    settings: FocalSettings,
    options: CudaFocalOptions,
  ) {
    checkFocalSettings(settings);
    using stack = new DisposableStack();
    const { context } = kernels;
    const { rows, classCount } = scores;
    this.#classCount = options.classes ? classCount : 0;
    this.#blocks = Math.min(BLOCKS_MAX, Math.ceil(rows * classCount / THREADS));
    const partials = stack.use(context.allocate(8 * SUMS * this.#blocks));
    const bytes = 8 * (SUMS + this.#classCount);
    this.#totals = stack.use(context.allocate(bytes));
    this.#result = stack.use(context.allocatePinned(bytes));
    this.#sums = new Float64Array(this.#result.buffer);
    const { gamma, alpha, easyBelow } = settings;
    const inRows = scores.classStep === 1;
    const common = {
      scores: scores.address,
      targets: options.targets ?? 0n,
      element: readableCode(scores.type, "the scores"),
      rows,
      offset: scores.offset,
      rowStep: scores.rowStep,
      classStep: scores.classStep,
      objectnessOffset: scores.objectnessOffset,
      fromLogits: settings.activation === "logit" ? 1 : 0,
      gamma,
    };
    this.#loss = kernels.prepare("fovea_focal", [THREADS, 1, 1], {
      ...common,
      gradient: options.gradient ?? 0n,
      partials: partials.address,
      classes: classCount,
      gradientRowStep: inRows ? classCount : 1,
      gradientClassStep: inRows ? 1 : rows,
      positiveWeight: alpha ?? 1,
      negativeWeight: alpha === null ? 1 : 1 - alpha,
      easyBelow,
    });
    this.#total = kernels.prepare("fovea_focal_total", [32, 1, 1], {
      partials: partials.address,
      totals: this.#totals.address,
      blocks: this.#blocks,
    });
    if (options.classes) {
      this.#classes = kernels.prepare("fovea_focal_classes", [THREADS, 1, 1], {
        ...common,
        classFocal: this.#totals.address + BigInt(8 * SUMS),
      });
    }
    this.#stack = stack.move();
  }

  /** Gives the loss to a stream; call {@linkcode readInto} once the stream was waited for. */
  run(stream: CudaStream): void {
    this.#loss.run(stream, this.#blocks);
    this.#total.run(stream, 1);
    this.#classes?.run(stream, this.#classCount);
    this.#result.copyFrom(this.#totals, this.#result.bytes, stream);
  }

  /**
   * Writes the sums of the newest run; its stream must have been waited for. The gradient stays on
   * the GPU.
   */
  readInto(out: FocalSums): void {
    for (const name of Object.keys(SUM) as (keyof typeof SUM)[]) out[name] = this.#sums[SUM[name]]!;
    if (out.classFocal === null || this.#classCount === 0) return;
    out.classFocal.set(this.#sums.subarray(SUMS, SUMS + this.#classCount));
  }

  /** Frees its memory. */
  [Symbol.dispose](): void {
    this.#stack[Symbol.dispose]();
  }
}
