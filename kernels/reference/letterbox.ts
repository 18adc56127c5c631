import type { Picture } from "../../src/core/frame.ts";
import type { InputSpec, Letterbox } from "../../src/core/input_spec.ts";
import { type YuvToRgb, yuvToRgb } from "../../src/core/yuv.ts";
import { type BilinearTaps, bilinearTaps } from "./bilinear_taps.ts";
import { type ComponentPlane, componentPlanes, isYuv } from "./component_planes.ts";

/** Red, green and blue, or Y, U and V, of one pixel; reused from pixel to pixel. */
type Pixel = Float64Array;

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
  const write = makeWriter(input, out);
  const pixel = new Float64Array(3);
  for (let y = 0; y < netHeight; y++) {
    for (let x = 0; x < netWidth; x++) {
      const column = x - padX;
      const row = y - padY;
      if (column >= 0 && column < contentWidth && row >= 0 && row < contentHeight) {
        planes.forEach((plane, i) => pixel[i] = sampleAt(bytes, plane, column, row));
        if (matrix !== null) convertToRgb(pixel, matrix);
      } else {
        pixel.fill(input.letterbox.padValue);
      }
      write(x, y, pixel);
    }
  }
}

function samplePlane(plane: ComponentPlane, letterbox: Letterbox): SampledPlane {
  const { sourceWidth, sourceHeight, contentWidth, contentHeight } = letterbox;
  return {
    plane,
    columns: bilinearTaps(sourceWidth, contentWidth, plane.columns, plane.pixelsPerColumn),
    rows: bilinearTaps(sourceHeight, contentHeight, plane.rows, plane.pixelsPerRow),
  };
}

function sampleAt(bytes: Uint8Array, sampled: SampledPlane, column: number, row: number): number {
  const { plane: { byteOffset, strideBytes, stepBytes }, columns, rows } = sampled;
  const top = byteOffset + rows.low[row]! * strideBytes;
  const bottom = byteOffset + rows.high[row]! * strideBytes;
  const left = columns.low[column]! * stepBytes;
  const right = columns.high[column]! * stepBytes;
  const across = columns.weight[column]!;
  const down = rows.weight[row]!;
  const above = blend(bytes[top + left]!, bytes[top + right]!, across);
  const below = blend(bytes[bottom + left]!, bytes[bottom + right]!, across);
  return blend(above, below, down);
}

function blend(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}

function convertToRgb(pixel: Pixel, matrix: YuvToRgb): void {
  const luma = matrix.luma * (pixel[0]! - matrix.black);
  const u = pixel[1]! - 128;
  const v = pixel[2]! - 128;
  pixel[0] = clampByte(luma + matrix.redV * v);
  pixel[1] = clampByte(luma + matrix.greenU * u + matrix.greenV * v);
  pixel[2] = clampByte(luma + matrix.blueU * u);
}

function clampByte(value: number): number {
  return Math.min(Math.max(value, 0), 255);
}

/** Scales an RGB pixel and puts it where the input's layout and channel order want it. */
function makeWriter(
  input: InputSpec,
  out: Float32Array | Float16Array | Uint8Array,
): (x: number, y: number, rgb: Pixel) => void {
  const { width, height, scale, bias } = input;
  const planar = input.layout === "nchw";
  const channelStep = planar ? width * height : 1;
  const pixelStep = planar ? 1 : 3;
  const rounded = input.type === "uint8";
  return (x, y, rgb) => {
    for (let channel = 0; channel < 3; channel++) {
      const component = input.channels === "rgb" ? channel : 2 - channel;
      const value = rgb[component]! * scale[channel]! + bias[channel]!;
      const index = channel * channelStep + (y * width + x) * pixelStep;
      out[index] = rounded ? clampByte(Math.floor(value + 0.5)) : value;
    }
  };
}
