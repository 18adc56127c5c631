import { componentPlanes, isYuv } from "../../kernels/reference/component_planes.ts";
import type { Picture } from "../core/frame.ts";
import type { InputSpec, Letterbox } from "../core/input_spec.ts";
import { yuvToRgb } from "../core/yuv.ts";
import { ELEMENT_CODE } from "./cuda_element.ts";
import type { CudaKernels, KernelLaunch, ParameterName } from "./cuda_kernels.ts";
import type { CudaStream } from "./cuda_stream.ts";
import { checkGeometry, checkInput, checkPicture } from "./kernel_arguments.ts";

/** Network pixels of one block. */
const BLOCK_WIDTH = 32;
const BLOCK_HEIGHT = 8;

type Name = ParameterName<"fovea_letterbox">;

/**
 * Turns pictures in memory that the GPU sees into a network input in its memory: the same operation
 * as `Kernels.letterboxInto`, on a stream.
 */
export class CudaLetterbox {
  readonly #launch: KernelLaunch<Name>;
  readonly #input: InputSpec;
  /** First byte of each component in the picture's memory. */
  readonly #offsets = [0n, 0n, 0n];
  #picture: Picture | null = null;
  #letterbox: Letterbox | null = null;
  #memoryBytes = 0;

  /**
   * Prepares the kernel.
   *
   * @param out Where the input lies, `3 * height * width` elements of its type.
   * @throws {RangeError} If the input's sides or scaling are impossible.
   */
  constructor(kernels: CudaKernels, input: InputSpec, out: bigint) {
    checkInput(input);
    this.#input = input;
    this.#launch = kernels.prepare("fovea_letterbox", [BLOCK_WIDTH, BLOCK_HEIGHT, 1], {
      ...NOTHING,
      out,
      netWidth: input.width,
      netHeight: input.height,
      element: ELEMENT_CODE[input.type],
      interleaved: input.layout === "nhwc" ? 1 : 0,
      reversed: input.channels === "bgr" ? 1 : 0,
      ...scaling(input),
    });
  }

  /**
   * Gives the conversion of one picture to a stream. It writes all of the input, padding included.
   * Nothing is computed anew for a picture and a geometry that are the same objects as before.
   *
   * @param picture How it lies in the memory; plane offsets count from the memory's start.
   * @param memory Where the GPU sees that memory, and its size.
   * @throws {RangeError} If the picture does not lie in the memory or the geometry is another
   * one's.
   * @throws {FoveaError} `LIMIT` if a side is too long, `GPU_FAILED`.
   */
  run(
    stream: CudaStream,
    picture: Picture,
    memory: { readonly address: bigint; readonly bytes: number },
    letterbox: Letterbox,
  ): void {
    const isKnown = picture === this.#picture && letterbox === this.#letterbox &&
      memory.bytes === this.#memoryBytes;
    if (!isKnown) {
      checkPicture(picture, memory.bytes);
      checkGeometry(picture, letterbox, this.#input);
      this.#describe(picture, letterbox);
      this.#memoryBytes = memory.bytes;
    }
    const { parameters } = this.#launch;
    parameters.set("component0", memory.address + this.#offsets[0]!);
    parameters.set("component1", memory.address + this.#offsets[1]!);
    parameters.set("component2", memory.address + this.#offsets[2]!);
    const { width, height } = this.#input;
    this.#launch.run(stream, Math.ceil(width / BLOCK_WIDTH), Math.ceil(height / BLOCK_HEIGHT));
  }

  #describe(picture: Picture, letterbox: Letterbox): void {
    const [first, second, third] = componentPlanes(picture);
    const { contentWidth, contentHeight, padX, padY } = letterbox;
    this.#launch.parameters.assign({
      stride0: first.strideBytes,
      stride1: second.strideBytes,
      stride2: third.strideBytes,
      step0: first.stepBytes,
      step1: second.stepBytes,
      step2: third.stepBytes,
      sourceWidth: picture.width,
      sourceHeight: picture.height,
      chromaPixelsPerColumn: second.pixelsPerColumn,
      chromaPixelsPerRow: second.pixelsPerRow,
      isYuv: isYuv(picture) ? 1 : 0,
      contentWidth,
      contentHeight,
      padX,
      padY,
      ...yuvToRgb(picture.colorRange, picture.colorMatrix),
    });
    for (const [i, { byteOffset }] of [first, second, third].entries()) {
      this.#offsets[i] = BigInt(byteOffset);
    }
    this.#picture = picture;
    this.#letterbox = letterbox;
  }
}

/** Scaling and padding of each component; they come as red, green, blue. */
function scaling(input: InputSpec) {
  const channels = input.channels === "bgr" ? [2, 1, 0] : [0, 1, 2];
  const [scale0, scale1, scale2] = channels.map((channel) => input.scale[channel]!);
  const [bias0, bias1, bias2] = channels.map((channel) => input.bias[channel]!);
  const [pad0, pad1, pad2] = channels.map((channel) => {
    return input.letterbox.padValue * input.scale[channel]! + input.bias[channel]!;
  });
  return {
    scale0: scale0!,
    scale1: scale1!,
    scale2: scale2!,
    bias0: bias0!,
    bias1: bias1!,
    bias2: bias2!,
    pad0: pad0!,
    pad1: pad1!,
    pad2: pad2!,
  };
}

/** What is told with each picture, before the first one. */
const NOTHING = {
  component0: 0n,
  component1: 0n,
  component2: 0n,
  stride0: 0,
  stride1: 0,
  stride2: 0,
  step0: 0,
  step1: 0,
  step2: 0,
  sourceWidth: 0,
  sourceHeight: 0,
  chromaPixelsPerColumn: 1,
  chromaPixelsPerRow: 1,
  isYuv: 0,
  contentWidth: 0,
  contentHeight: 0,
  padX: 0,
  padY: 0,
  black: 0,
  luma: 0,
  redV: 0,
  greenU: 0,
  greenV: 0,
  blueU: 0,
} as const;
