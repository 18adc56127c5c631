import { readableCode } from "./cuda_element.ts";
import type { CudaKernels, KernelLaunch, ParameterName } from "./cuda_kernels.ts";
import type { CudaStream } from "./cuda_stream.ts";
import type { DeviceMatrix } from "./device_matrix.ts";

const THREADS = [256, 1, 1] as const;
/** Rows and classes of a block of the forward kernel; see kernels/cuda/head_forward.cu. */
const FORWARD_ROWS = 64;
const FORWARD_CLASSES = 16;
/** Channels and classes of a block of the gradient kernel; see kernels/cuda/head_gradient.cu. */
const GRADIENT_CHANNELS = 64;
const GRADIENT_CLASSES = 16;
/** Rows that one block adds up, and the most parts that rows are cut into. */
const ROWS_PER_PART = 256;
const PARTS_MAX = 64;

/** A 1 × 1 classification head in a GPU's memory, float32. */
export interface DeviceHead {
  /** `[classes, channels]`. */
  readonly weight: bigint;
  /** `[classes]`. */
  readonly bias: bigint;
  /** Number of classes. */
  readonly classes: number;
  /** Number of channels. */
  readonly channels: number;
}

/**
 * Logits of a head from features in a GPU's memory:
 * `logit[r, c] = bias[c] + Σ_k feature[r, k] weight[c, k]`.
 */
export class CudaHeadForward {
  readonly #launch: KernelLaunch<ParameterName<"fovea_head_forward">>;
  readonly #blocks: readonly [rows: number, classes: number];

  /**
   * Prepares the kernel.
   *
   * @param features `[rows of the map, channels]`.
   * @param rows Which rows of the features: how many, and their indices, int32, or `null` for the
   * first ones in order.
   * @param out Receives `[rows, classes]`, float32.
   * @param options `activate`: whether to write probabilities instead of logits.
   * @throws {RangeError} If the sizes differ.
   */
  constructor(
    kernels: CudaKernels,
    features: DeviceMatrix,
    rows: { readonly count: number; readonly index: bigint | null },
    head: DeviceHead,
    out: DeviceMatrix,
    options: { readonly activate?: boolean } = {},
  ) {
    checkSizes(features, rows, head, out);
    this.#blocks = [
      Math.ceil(rows.count / FORWARD_ROWS),
      Math.ceil(head.classes / FORWARD_CLASSES),
    ];
    this.#launch = kernels.prepare("fovea_head_forward", THREADS, {
      ...featureValues(features, rows),
      weight: head.weight,
      bias: head.bias,
      out: out.address,
      classes: head.classes,
      outRowStep: out.rowStep,
      outClassStep: out.columnStep,
      activate: options.activate === true ? 1 : 0,
    });
  }

  /** Gives it to a stream. */
  run(stream: CudaStream): void {
    this.#launch.run(stream, ...this.#blocks);
  }
}

/**
 * Gradient of a head from that of its logits, in a GPU's memory:
 * `dW[c, k] = Σ_r dL[r, c] feature[r, k]`, `db[c] = Σ_r dL[r, c]`.
 */
export class CudaHeadGradient implements Disposable {
  readonly #stack: DisposableStack;
  readonly #parts: KernelLaunch<ParameterName<"fovea_head_gradient">>;
  readonly #weightTotal: KernelLaunch<ParameterName<"fovea_head_gradient_total">>;
  readonly #biasTotal: KernelLaunch<ParameterName<"fovea_head_gradient_total">>;
  readonly #blocks: readonly [channels: number, classes: number, parts: number];
  readonly #totalBlocks: readonly [weight: number, bias: number];

  /**
   * Reserves memory and prepares the kernels.
   *
   * @param features `[rows of the map, channels]`.
   * @param rows Which rows of the features: how many, and their indices, int32, or `null` for the
   * first ones in order.
   * @param gradient dL by the logits, `[rows, classes]`, float32.
   * @param out Receives dL by weights and biases.
   * @throws {RangeError} If the sizes differ.
   * @throws {FoveaError} `GPU_MEMORY`.
   */
  constructor(
    kernels: CudaKernels,
    features: DeviceMatrix,
    rows: { readonly count: number; readonly index: bigint | null },
    gradient: DeviceMatrix,
    out: DeviceHead,
  ) {
    checkSizes(features, rows, out, gradient);
    using stack = new DisposableStack();
    const { classes, channels } = out;
    const rowsPerPart = Math.max(ROWS_PER_PART, Math.ceil(rows.count / PARTS_MAX));
    const partCount = Math.ceil(rows.count / rowsPerPart);
    const { context } = kernels;
    const weightParts = stack.use(context.allocate(4 * partCount * classes * channels)).address;
    const biasParts = stack.use(context.allocate(4 * partCount * classes)).address;
    this.#blocks = [
      Math.ceil(channels / GRADIENT_CHANNELS),
      Math.ceil(classes / GRADIENT_CLASSES),
      partCount,
    ];
    this.#parts = kernels.prepare("fovea_head_gradient", THREADS, {
      ...featureValues(features, rows),
      gradient: gradient.address,
      weightParts,
      biasParts,
      classes,
      gradientRowStep: gradient.rowStep,
      gradientClassStep: gradient.columnStep,
      rowsPerPart,
    });
    const sizes = [classes * channels, classes] as const;
    const [weightTotal, biasTotal] = [
      { parts: weightParts, total: out.weight, partCount, length: sizes[0] },
      { parts: biasParts, total: out.bias, partCount, length: sizes[1] },
    ].map((values) => kernels.prepare("fovea_head_gradient_total", THREADS, values));
    this.#weightTotal = weightTotal!;
    this.#biasTotal = biasTotal!;
    this.#totalBlocks = [Math.ceil(sizes[0] / THREADS[0]), Math.ceil(sizes[1] / THREADS[0])];
    this.#stack = stack.move();
  }

  /** Gives it to a stream. */
  run(stream: CudaStream): void {
    this.#parts.run(stream, ...this.#blocks);
    this.#weightTotal.run(stream, this.#totalBlocks[0]);
    this.#biasTotal.run(stream, this.#totalBlocks[1]);
  }

  /** Frees its memory. */
  [Symbol.dispose](): void {
    this.#stack[Symbol.dispose]();
  }
}

function featureValues(
  features: DeviceMatrix,
  rows: { readonly count: number; readonly index: bigint | null },
) {
  return {
    features: features.address,
    rowIndex: rows.index ?? 0n,
    element: readableCode(features.type, "the features"),
    rows: rows.count,
    channels: features.columns,
    rowStep: features.rowStep,
    channelStep: features.columnStep,
  };
}

function checkSizes(
  features: DeviceMatrix,
  rows: { readonly count: number; readonly index: bigint | null },
  head: DeviceHead,
  logits: DeviceMatrix,
): void {
  const fits = features.columns === head.channels && logits.columns === head.classes &&
    rows.count >= 1 && rows.count <= logits.rows &&
    (rows.index !== null || rows.count <= features.rows) && logits.type === "float32";
  if (fits) return;
  throw new RangeError(
    `Cannot run a head of ${head.classes} classes and ${head.channels} channels on ${rows.count} ` +
      `of ${features.rows} rows of ${features.columns} channels with ${logits.rows} rows of ` +
      `${logits.columns} ${logits.type} logits`,
  );
}
