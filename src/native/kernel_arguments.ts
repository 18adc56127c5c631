import { FoveaError } from "../core/errors.ts";
import type { Picture } from "../core/frame.ts";
import type { InputSpec, Letterbox } from "../core/input_spec.ts";
import type { Candidates, NmsOptions, ScoreRows } from "../core/kernels.ts";
import { planeSizes } from "../core/pixel_format.ts";

/** Longest side of a picture or a network input that the kernels take, in pixels. */
export const SIDE_MAX = 16_384;

/** Most classes a detector may have. */
export const CLASSES_MAX = 65_536;

const OUTPUT_TYPES = {
  float32: Float32Array,
  float16: Float16Array,
  uint8: Uint8Array,
} as const;

/**
 * Checks every argument of `Kernels.letterboxInto`: nothing is read or written outside the memory
 * that was handed in.
 *
 * @throws {RangeError} If a size, stride or offset is impossible or points outside `memory`, the
 * geometry was made for another picture or input, or the scaling is not finite.
 * @throws {TypeError} If `out` does not have the input's element type.
 * @throws {FoveaError} `LIMIT` if a side is longer than {@linkcode SIDE_MAX}.
 */
export function checkLetterboxArguments(
  picture: Picture,
  memory: ArrayBufferLike,
  letterbox: Letterbox,
  input: InputSpec,
  out: Float32Array | Float16Array | Uint8Array,
): void {
  checkPicture(picture, memory.byteLength);
  checkInput(input);
  checkGeometry(picture, letterbox, input);
  if (!(out instanceof OUTPUT_TYPES[input.type])) {
    throw new TypeError(`Cannot letterbox: the output's elements are not ${input.type}`);
  }
  const elements = 3 * input.width * input.height;
  if (out.length !== elements) {
    throw new RangeError(`Cannot letterbox: the output has ${out.length} of ${elements} elements`);
  }
}

/**
 * Checks that all of a picture lies inside a memory.
 *
 * @throws {RangeError} If a size, stride or offset is impossible or points outside.
 * @throws {FoveaError} `LIMIT` if a side is longer than {@linkcode SIDE_MAX}.
 */
export function checkPicture(picture: Picture, memoryBytes: number): void {
  checkSide(picture.width, "picture");
  checkSide(picture.height, "picture");
  checkPlanes(picture, memoryBytes);
}

/**
 * Checks the sides and the scaling of a network input.
 *
 * @throws {RangeError} If a side is impossible or the scaling is not finite.
 * @throws {FoveaError} `LIMIT` if a side is longer than {@linkcode SIDE_MAX}.
 */
export function checkInput(input: InputSpec): void {
  checkSide(input.width, "network input");
  checkSide(input.height, "network input");
  checkScaling(input);
}

function checkSide(side: number, what: string): void {
  checkWhole(side, 1, `a side of the ${what}`);
  if (side > SIDE_MAX) {
    throw new FoveaError(
      "LIMIT",
      `Cannot letterbox: a side of the ${what} is ${side} of at most ${SIDE_MAX} pixels`,
      { hint: "Use a smaller picture" },
    );
  }
}

function checkPlanes(picture: Picture, memoryBytes: number): void {
  const sizes = planeSizes(picture.format, picture.width, picture.height);
  if (picture.planes.length !== sizes.length) {
    throw new RangeError(
      `Cannot letterbox: ${picture.format} has ${sizes.length} planes, not ${picture.planes.length}`,
    );
  }
  for (let i = 0; i < sizes.length; i++) {
    const { rowBytes, rows } = sizes[i]!;
    const { byteOffset, strideBytes } = picture.planes[i]!;
    checkWhole(byteOffset, 0, `the offset of plane ${i}`);
    checkWhole(strideBytes, rowBytes, `the stride of plane ${i}`);
    const end = byteOffset + (rows - 1) * strideBytes + rowBytes;
    if (end > memoryBytes) {
      throw new RangeError(
        `Cannot letterbox: plane ${i} ends at byte ${end} of ${memoryBytes}`,
      );
    }
  }
}

/**
 * Checks that a geometry was made for this picture and input.
 *
 * @throws {RangeError} If it was not, or reaches outside the input.
 */
export function checkGeometry(picture: Picture, letterbox: Letterbox, input: InputSpec): void {
  const { sourceWidth, sourceHeight, netWidth, netHeight } = letterbox;
  if (sourceWidth !== picture.width || sourceHeight !== picture.height) {
    throw new RangeError(
      `Cannot letterbox ${picture.width}x${picture.height} pixels: ` +
        `the geometry is for ${sourceWidth}x${sourceHeight}`,
    );
  }
  if (netWidth !== input.width || netHeight !== input.height) {
    throw new RangeError(
      `Cannot letterbox into ${input.width}x${input.height} pixels: ` +
        `the geometry is for ${netWidth}x${netHeight}`,
    );
  }
  const { contentWidth, contentHeight, padX, padY } = letterbox;
  checkWhole(padX, 0, "padX");
  checkWhole(padY, 0, "padY");
  checkWhole(contentWidth, 1, "contentWidth");
  checkWhole(contentHeight, 1, "contentHeight");
  if (padX + contentWidth > netWidth || padY + contentHeight > netHeight) {
    throw new RangeError(
      `Cannot letterbox: ${contentWidth}x${contentHeight} pixels at ${padX}, ${padY} ` +
        `reach outside ${netWidth}x${netHeight}`,
    );
  }
}

function checkScaling(input: InputSpec): void {
  const finite = input.scale.every(Number.isFinite) && input.bias.every(Number.isFinite);
  if (!finite || !Number.isFinite(input.letterbox.padValue)) {
    throw new RangeError(
      `Cannot letterbox: scale ${input.scale}, bias ${input.bias} and padding ` +
        `${input.letterbox.padValue} must be finite`,
    );
  }
}

/**
 * Checks the arguments of `Kernels.compactRows`.
 *
 * @throws {RangeError} If the rows do not lie inside `data`, or the threshold is not finite.
 */
export function checkRowArguments(data: Float32Array, shape: ScoreRows, threshold: number): void {
  const { rows, rowLength, classOffset, classCount, objectnessOffset } = shape;
  checkWhole(rows, 0, "the number of rows");
  checkWhole(rowLength, 1, "the length of a row");
  checkWhole(classOffset, 0, "the element of the first class");
  checkClassCount(classCount);
  checkWhole(objectnessOffset, -1, "the element of the objectness");
  if (classOffset + classCount > rowLength || objectnessOffset >= rowLength) {
    throw new RangeError(`Cannot compact: the scores reach outside rows of ${rowLength} elements`);
  }
  checkScores(data, rows * rowLength, threshold);
}

/**
 * Checks the arguments of `Kernels.compactColumns`.
 *
 * @throws {RangeError} If the columns do not lie inside `data`, or the threshold is not finite.
 */
export function checkColumnArguments(
  data: Float32Array,
  offset: number,
  anchors: number,
  classCount: number,
  threshold: number,
): void {
  checkWhole(offset, 0, "the first element");
  checkWhole(anchors, 0, "the number of anchors");
  checkClassCount(classCount);
  checkScores(data, offset + anchors * classCount, threshold);
}

function checkClassCount(classCount: number): void {
  checkWhole(classCount, 1, "the number of classes");
  if (classCount > CLASSES_MAX) {
    throw new RangeError(
      `Cannot compact ${classCount} classes: at most ${CLASSES_MAX} are allowed`,
    );
  }
}

function checkScores(data: Float32Array, elements: number, threshold: number): void {
  if (elements > data.length) {
    throw new RangeError(`Cannot compact ${elements} elements: there are ${data.length}`);
  }
  if (!Number.isFinite(threshold)) {
    throw new RangeError(`Cannot compact with a threshold of ${threshold}`);
  }
}

/**
 * Checks the arguments of `Kernels.nms`.
 *
 * @throws {RangeError} If an option is out of range or `keep` is too short for what may be kept.
 */
export function checkNmsArguments(
  candidates: Candidates,
  options: NmsOptions,
  keep: Int32Array,
): void {
  const { count, capacity } = candidates;
  checkWhole(count, 0, "the number of candidates");
  if (count > capacity) {
    throw new RangeError(`Cannot suppress ${count} candidates: the capacity is ${capacity}`);
  }
  if (!(options.iouThreshold >= 0 && options.iouThreshold <= 1)) {
    throw new RangeError(`Cannot suppress with an IoU threshold of ${options.iouThreshold}`);
  }
  checkWhole(options.maxDetections, 0, "maxDetections");
  if (keep.length < Math.min(count, options.maxDetections)) {
    throw new RangeError(
      `Cannot keep up to ${Math.min(count, options.maxDetections)} boxes: ` +
        `there is room for ${keep.length}`,
    );
  }
}

function checkWhole(value: number, min: number, what: string): void {
  if (!Number.isSafeInteger(value) || value < min) {
    throw new RangeError(`Cannot use ${value} as ${what}: a whole number from ${min} is needed`);
  }
}
