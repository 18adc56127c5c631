import type { Picture } from "../../src/core/frame.ts";
import type { InputSpec, Letterbox } from "../../src/core/input_spec.ts";
import { type YuvToRgb, yuvToRgb } from "../../src/core/yuv.ts";
import { type BilinearTaps, bilinearTaps } from "./bilinear_taps.ts";
import { type ComponentPlane, componentPlanes, isYuv } from "./component_planes.ts";

/** One row of a picture per component: red, green and blue, or Y, U and V. */
type Rows = readonly [Float64Array, Float64Array, Float64Array];

/** One component with the taps that sample it. */
interface SampledPlane {
  readonly plane: ComponentPlane;
  readonly columns: BilinearTaps;
  readonly rows: BilinearTaps;
}

/**
 * Letterboxes a picture in float64: the oracle for every other implementation of
 * `Kernels.letterboxInto`, and the fallback where nothing faster is allowed.
 *
 * Every component is sampled bilinearly on its own grid; YUV then becomes RGB and is clamped to
 * 0–255. Arguments are taken as checked.
 */
export function letterboxInto(
  picture: Picture,
  memory: ArrayBufferLike,
  letterbox: Letterbox,
  input: InputSpec,
  out: Float32Array | Float16Array | Uint8Array,
): void {
  const { netWidth, netHeight, contentWidth, contentHeight, padX, padY } = letterbox;
  const bytes = new Uint8Array(memory);
  const planes = componentPlanes(picture).map((plane) => samplePlane(plane, letterbox));
  const matrix = isYuv(picture) ? yuvToRgb(picture.colorRange, picture.colorMatrix) : null;
  const content = makeRows(contentWidth, 0);
  const padding = makeRows(netWidth, input.letterbox.padValue);
  for (let y = 0; y < netHeight; y++) {
    writeRow(padding, input, 0, y, out);
    if (y < padY || y >= padY + contentHeight) continue;
    planes.forEach((plane, i) => sampleRow(bytes, plane, y - padY, content[i]!));
    if (matrix !== null) convertToRgb(content, matrix);
    writeRow(content, input, padX, y, out);
  }
}

function makeRows(length: number, value: number): Rows {
  const row = new Float64Array(length).fill(value);
  return [row, row.slice(), row.slice()];
}

function samplePlane(plane: ComponentPlane, letterbox: Letterbox): SampledPlane {
  const { sourceWidth, sourceHeight, contentWidth, contentHeight } = letterbox;
  return {
    plane,
    columns: bilinearTaps(sourceWidth, contentWidth, plane.columns, plane.pixelsPerColumn),
    rows: bilinearTaps(sourceHeight, contentHeight, plane.rows, plane.pixelsPerRow),
  };
}

/** Samples one component along row `y` of the content. */
function sampleRow(bytes: Uint8Array, sampled: SampledPlane, y: number, out: Float64Array): void {
  const { byteOffset, strideBytes, stepBytes } = sampled.plane;
  const { low, high, weight } = sampled.columns;
  const top = byteOffset + sampled.rows.low[y]! * strideBytes;
  const bottom = byteOffset + sampled.rows.high[y]! * strideBytes;
  const down = sampled.rows.weight[y]!;
  for (let x = 0; x < out.length; x++) {
    const left = low[x]! * stepBytes;
    const right = high[x]! * stepBytes;
    const above = blend(bytes[top + left]!, bytes[top + right]!, weight[x]!);
    const below = blend(bytes[bottom + left]!, bytes[bottom + right]!, weight[x]!);
    out[x] = blend(above, below, down);
  }
}

function blend(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}

function convertToRgb([first, second, third]: Rows, matrix: YuvToRgb): void {
  for (let x = 0; x < first.length; x++) {
    const luma = matrix.luma * (first[x]! - matrix.black);
    const u = second[x]! - 128;
    const v = third[x]! - 128;
    first[x] = clampByte(luma + matrix.redV * v);
    second[x] = clampByte(luma + matrix.greenU * u + matrix.greenV * v);
    third[x] = clampByte(luma + matrix.blueU * u);
  }
}

function clampByte(value: number): number {
  return Math.min(Math.max(value, 0), 255);
}

/**
 * Scales rows of RGB and puts them where layout and channel order want them, from network pixel
 * `x0`, `y` on.
 */
function writeRow(
  rgb: Rows,
  input: InputSpec,
  x0: number,
  y: number,
  out: Float32Array | Float16Array | Uint8Array,
): void {
  const { width, height, layout, type } = input;
  for (let channel = 0; channel < 3; channel++) {
    const row = rgb[input.channels === "rgb" ? channel : 2 - channel]!;
    const scale = input.scale[channel]!;
    const bias = input.bias[channel]!;
    const pixel = y * width + x0;
    const first = layout === "nchw" ? channel * width * height + pixel : 3 * pixel + channel;
    const step = layout === "nchw" ? 1 : 3;
    for (let x = 0; x < row.length; x++) {
      const value = row[x]! * scale + bias;
      out[first + x * step] = type === "uint8" ? clampByte(Math.floor(value + 0.5)) : value;
    }
  }
}
