import type { Engine, OutputView } from "../../src/core/ports.ts";
import type { Tensor, TensorSpec } from "../../src/core/tensor.ts";

/**
 * What is wrong with an engine's `output0`, `[1, 4 + classes, rows]`.
 *
 * - `rounded`: nothing but that it is as exact as float16.
 * - `scaled`: scores are half as high.
 * - `nan`: everything is NaN.
 * - `overflow`: coordinates beyond a limit are infinite, as float16 makes them.
 * - `permuted`: classes are exchanged.
 * - `shifted`: boxes lie elsewhere.
 * - `deaf`: no scores at all.
 * - `ghosts`: as many things again that are not there.
 */
export type Damage =
  | "none"
  | "rounded"
  | "scaled"
  | "nan"
  | "overflow"
  | "permuted"
  | "shifted"
  | "deaf"
  | "ghosts";

const BOX_ROWS = 4;

/** An engine that says it runs on another provider, and damages what it gives. */
export class DamagedEngine implements Engine {
  readonly name: string;
  readonly library: string;
  readonly provider: string;
  readonly missedProviders: readonly string[];
  readonly takesSharedMemory: boolean;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly #engine: Engine;
  readonly #damage: Damage;
  readonly #hanging: string | null;
  #picture: Tensor | null = null;

  /**
   * @param hanging A file: a picture whose first pixel is white is run for as long as it is locked.
   */
  constructor(
    engine: Engine,
    provider: string,
    missedProviders: readonly string[],
    damage: Damage,
    hanging: string | null,
  ) {
    this.missedProviders = missedProviders;
    this.#engine = engine;
    this.#damage = damage;
    this.#hanging = hanging;
    this.provider = provider;
    this.name = engine.name;
    this.library = engine.library;
    this.takesSharedMemory = engine.takesSharedMemory;
    this.inputs = engine.inputs;
    this.outputs = engine.outputs;
  }

  setInput(name: string, tensor: Tensor): void {
    if (name === this.inputs[0]!.name) this.#picture = tensor;
    this.#engine.setInput(name, tensor);
  }

  setOutput(name: string, tensor: Tensor | null): boolean {
    return this.#engine.setOutput(name, tensor);
  }

  selectOutputs(names: readonly string[] | null): void {
    this.#engine.selectOutputs(names);
  }

  async run(): Promise<OutputView> {
    if (this.#hanging !== null && Number(this.#picture!.data[0]) > 0.99) {
      using file = Deno.openSync(this.#hanging, { write: true });
      file.lockSync(true);
    }
    const view = await this.#engine.run();
    if (this.#damage !== "none") this.#spoil(view.get("output0"));
    return view;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#engine[Symbol.asyncDispose]();
  }

  /** Damages an output where it lies. */
  #spoil({ dims, data }: Tensor): void {
    const good = Float32Array.from(data as Float32Array);
    const [, rows, cells] = dims as [number, number, number];
    const classes = rows - BOX_ROWS;
    for (let i = 0; i < rows * cells; i++) {
      const [row, cell] = [Math.floor(i / cells), i % cells];
      const isScore = row >= BOX_ROWS;
      const exchanged = BOX_ROWS + (row - BOX_ROWS + 1) % classes;
      const from = this.#damage === "permuted" && isScore ? exchanged : row;
      data[i] = this.#change(good[from * cells + cell]!, row, cell);
    }
  }

  #change(value: number, row: number, cell: number): number {
    const isScore = row >= BOX_ROWS;
    switch (this.#damage) {
      case "rounded":
        return Math.f16round(value);
      case "scaled":
        return isScore ? value / 2 : value;
      case "nan":
        return NaN;
      case "overflow":
        return !isScore && value > 64 ? Infinity : value;
      case "shifted":
        return row === 0 ? value + 2 : value;
      case "deaf":
        return isScore ? 0 : value;
      case "ghosts":
        return row === BOX_ROWS && cell % 50 === 7 ? 0.9 : value;
      default:
        return value;
    }
  }
}
