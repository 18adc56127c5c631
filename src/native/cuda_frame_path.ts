import type { DecodePlan } from "../core/decode_plan.ts";
import type { Picture } from "../core/frame.ts";
import type { InputSpec, Letterbox } from "../core/input_spec.ts";
import type { OutputView } from "../core/ports.ts";
import { type AddressTensor, elementBytes, elementCount, type TensorType } from "../core/tensor.ts";
import type { CudaContext } from "./cuda_context.ts";
import { CudaDecoder, type DecodedFrame, type DecoderSettings } from "./cuda_decoder.ts";
import type { CudaEvent } from "./cuda_event.ts";
import { CudaFrameRing, type DevicePicture, type FrameTransfer } from "./cuda_frame_ring.ts";
import type { CudaKernels } from "./cuda_kernels.ts";
import { CudaLetterbox } from "./cuda_letterbox.ts";
import { CudaOutputCopies, type DeviceOutput } from "./cuda_output_copies.ts";
import type { DeviceMemory } from "./cuda_memory.ts";
import type { CudaStream } from "./cuda_stream.ts";

/** What a path is made for. */
export interface FramePathSpec {
  /** The model's picture input. */
  readonly input: InputSpec;
  /** How its outputs are decoded. */
  readonly plan: DecodePlan;
  /** How detections are picked. */
  readonly settings: DecoderSettings;
  /** Element types of the outputs that the plan reads; float32 where one is not named. */
  readonly outputTypes?: Readonly<Record<string, TensorType>>;
  /** How pictures get to the GPU; by default the better way for it. */
  readonly transfer?: FrameTransfer;
}

/**
 * The way of a picture through a GPU, around the model: picture → input tensor, and output tensors →
 * what is detected, all on one stream. The host copies the picture in and the detections out, and
 * waits once.
 *
 * ```text
 * begin(picture)   copies it, letterboxes into `input`
 *                  … the model reads `input` and writes `outputs`, on the same stream …
 * finish()         decodes `outputs`, copies what remains, waits
 * ```
 *
 * All of it happens on the thread that made the context. Dispose it before the stream and the
 * kernels.
 */
export class CudaFramePath implements Disposable {
  /** Where the model finds its picture input. */
  readonly input: AddressTensor;
  /** Where the model puts the outputs that are decoded, by name. */
  readonly outputs: ReadonlyMap<string, AddressTensor>;
  /** What everything is given to, the model's work too. */
  readonly stream: CudaStream;
  readonly #context: CudaContext;
  readonly #stack: DisposableStack;
  readonly #inputMemory: DeviceMemory;
  readonly #ring: CudaFrameRing;
  readonly #letterbox: CudaLetterbox;
  readonly #decoder: CudaDecoder;
  readonly #deviceOutputs: ReadonlyMap<string, DeviceOutput>;
  /** Reserved when it is first asked for. */
  #copies: CudaOutputCopies | null = null;
  #geometry: Letterbox | null = null;
  readonly #convert = (image: DevicePicture): void => {
    this.#letterbox.run(this.stream, image.picture, image, this.#geometry!);
  };

  /**
   * Reserves memory and prepares the kernels.
   *
   * @throws {FoveaError} `GPU_MEMORY`; `MODEL_UNSUPPORTED` if an output has a type that kernels do
   * not read.
   */
  constructor(kernels: CudaKernels, stream: CudaStream, spec: FramePathSpec) {
    using stack = new DisposableStack();
    const { context } = kernels;
    const { input, plan } = spec;
    function reserve(type: TensorType, dims: readonly number[]): DeviceOutput {
      const memory = stack.use(context.allocate(elementBytes(type) * elementCount(dims)));
      return { type, dims, memory };
    }
    const { width, height } = input;
    this.stream = stream;
    this.#context = context;
    const inputDims = input.layout === "nchw" ? [1, 3, height, width] : [1, height, width, 3];
    this.#inputMemory = stack.use(
      context.allocate(elementBytes(input.type) * elementCount(inputDims)),
    );
    this.input = { type: input.type, dims: inputDims, address: this.#inputMemory.address };
    this.#deviceOutputs = new Map(
      Object.entries(plan.outputs).map(([name, dims]) => {
        return [name, reserve(spec.outputTypes?.[name] ?? "float32", dims)];
      }),
    );
    this.outputs = new Map(
      [...this.#deviceOutputs].map(([name, { type, dims, memory }]) => {
        return [name, { type, dims, address: memory.address }];
      }),
    );
    this.#ring = stack.use(
      new CudaFrameRing(context, spec.transfer === undefined ? {} : { transfer: spec.transfer }),
    );
    this.#letterbox = new CudaLetterbox(kernels, input, this.input.address);
    const findOutput = (name: string) => this.outputs.get(name)!;
    this.#decoder = stack.use(new CudaDecoder(kernels, plan, spec.settings, findOutput));
    this.#stack = stack.move();
  }

  /** How pictures get to the GPU. */
  get transfer(): FrameTransfer {
    return this.#ring.transfer;
  }

  /**
   * Brings a picture to the GPU and gives its conversion to the stream. The picture may be changed
   * once this returns.
   *
   * @throws {RangeError} If the picture does not lie in `memory` or the geometry is another one's.
   * @throws {FoveaError} `LIMIT`, `GPU_MEMORY`, `GPU_FAILED`.
   */
  begin(picture: Picture, memory: ArrayBufferLike, letterbox: Letterbox): void {
    this.#geometry = letterbox;
    this.#ring.submit(picture, memory, this.stream, this.#convert);
  }

  /**
   * Gives decoding to the stream, waits for it, and returns what was detected, on loan until the
   * next call.
   *
   * @param decoded Is set behind the decoding, for timing.
   * @throws {FoveaError} `GPU_FAILED` for whatever went wrong on the GPU since `begin`.
   */
  finish(decoded: CudaEvent | null = null): DecodedFrame {
    this.#decoder.run(this.stream);
    decoded?.record(this.stream);
    this.stream.synchronize();
    return this.#decoder.read();
  }

  /**
   * Brings the outputs to the host as well, behind what the stream was given so far: they are there
   * once {@linkcode finish} returns, on loan until the next call.
   *
   * @throws {FoveaError} `GPU_MEMORY` if there is no room for them on the host.
   */
  fetchOutputs(): OutputView {
    this.#copies ??= this.#stack.use(
      new CudaOutputCopies(this.#context, this.#deviceOutputs),
    );
    this.#copies.run(this.stream);
    return this.#copies;
  }

  /** Changes the lowest score of what is detected, see {@linkcode CudaDecoder.setThreshold}. */
  setThreshold(threshold: number): void {
    this.#decoder.setThreshold(threshold);
  }

  /** Fills the input with zeros, for runs of the bare model. */
  clearInput(): void {
    this.#inputMemory.fill(0, this.stream);
  }

  /** Frees its memory, after the GPU has done its work. */
  [Symbol.dispose](): void {
    this.#stack[Symbol.dispose]();
  }
}
