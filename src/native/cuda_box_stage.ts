import type { AddressTensor } from "../core/tensor.ts";
import type { CellPlan, DecodePlan } from "../core/decode_plan.ts";
import { readableCode } from "./cuda_element.ts";
import type { CudaKernels, KernelLaunch } from "./cuda_kernels.ts";
import type { CudaStream } from "./cuda_stream.ts";

const THREADS = 256;

/** Candidates in a GPU's memory, `[rows]` each, `xyxy` `[rows, 4]`. */
export interface CandidateColumns {
  /** Corners in network pixels. */
  readonly xyxy: bigint;
  /** Scores, changed in place. */
  readonly score: bigint;
  /** Classes. */
  readonly classIndex: bigint;
  /** Rows of the model's output. */
  readonly anchorIndex: bigint;
  /** How many there are, and how many are not. */
  readonly counters: bigint;
}

/** The kernel that makes the candidates' boxes, ready to be launched, with its tables. */
export class BoxStage implements Disposable {
  readonly #stack: DisposableStack;
  readonly #launch: KernelLaunch<string>;
  readonly #blocks: number;

  /**
   * Prepares the kernel that a plan's boxes are made with.
   *
   * @throws {FoveaError} `GPU_MEMORY`; `MODEL_UNSUPPORTED` if an output has a type that kernels do
   * not read.
   */
  constructor(
    kernels: CudaKernels,
    plan: DecodePlan,
    findOutput: (name: string) => AddressTensor,
    columns: CandidateColumns,
  ) {
    using stack = new DisposableStack();
    const { boxes } = plan;
    const { address, type } = findOutput(boxes.output);
    const { xyxy, score, anchorIndex, counters } = columns;
    const common = {
      data: address,
      element: readableCode(type, `output "${boxes.output}"`),
      rowStep: boxes.rowStep,
      ...{ xyxy, score, anchorIndex, counters },
    };
    const threads = [THREADS, 1, 1] as const;
    switch (boxes.kind) {
      case "plain":
        this.#launch = kernels.prepare("fovea_boxes_plain", threads, {
          ...common,
          valueStep: boxes.valueStep,
          isCorners: boxes.corners ? 1 : 0,
          scaleX: boxes.scaleX,
          scaleY: boxes.scaleY,
          areLogits: plan.logits ? 1 : 0,
        });
        break;
      case "grid":
        this.#launch = kernels.prepare("fovea_boxes_grid", threads, {
          ...common,
          ...writeCells(kernels, boxes.cells, stack),
        });
        break;
      case "bins":
        this.#launch = kernels.prepare("fovea_boxes_bins", threads, {
          ...common,
          ...writeCells(kernels, boxes.cells, stack),
          valueOffset: boxes.valueOffset,
          bins: boxes.bins,
          centreOffset: boxes.centreOffset,
          netWidth: boxes.netWidth,
          netHeight: boxes.netHeight,
        });
    }
    this.#blocks = Math.ceil(plan.rows / THREADS);
    this.#stack = stack.move();
  }

  /** Gives it to a stream. Threads without a candidate end at once. */
  run(stream: CudaStream): void {
    this.#launch.run(stream, this.#blocks);
  }

  /** Frees its tables. */
  [Symbol.dispose](): void {
    this.#stack[Symbol.dispose]();
  }
}

function writeCells(
  { context }: CudaKernels,
  cells: CellPlan,
  stack: DisposableStack,
): Record<"column" | "row" | "stride", bigint> {
  const [column, row, stride] = [cells.column, cells.row, cells.stride].map((numbers) => {
    const memory = stack.use(context.allocate(numbers.byteLength));
    memory.write(numbers);
    return memory.address;
  });
  return { column: column!, row: row!, stride: stride! };
}
