import { FourierTransform } from "./fourier.ts";
import { reflectInner } from "./reflect.ts";
import { roundHalfEven } from "./rounding.ts";

/**
 * Blurs a plane of float32 numbers as OpenCV's `GaussianBlur(plane, (0, 0), sigma)` does: with a
 * kernel of four deviations to each side, cut off there, the plane mirrored at its edges.
 *
 * It convolves by Fourier transforms, so that a kernel as wide as the plane costs no more than a
 * narrow one.
 *
 * @param plane `[height, width]`; left as it is.
 * @param sigma Standard deviation in samples, greater than 0.
 * @returns A new plane.
 */
export function gaussianBlur(
  plane: Float32Array,
  width: number,
  height: number,
  sigma: number,
): Float32Array {
  const out = plane.slice();
  const kernel = gaussianKernel(sigma);
  blurLines(out, { length: width, step: 1, count: height, next: width }, kernel);
  blurLines(out, { length: height, step: width, count: width, next: 1 }, kernel);
  return out;
}

/** The right half of the kernel with its middle first; the whole of it sums up to 1. */
export function gaussianKernel(sigma: number): Float64Array {
  const side = roundHalfEven(sigma * 8 + 1) | 1;
  const half = Float64Array.from(
    { length: (side + 1) / 2 },
    (_, x) => Math.exp(-0.5 * (x / sigma) ** 2),
  );
  const sum = half.reduce((total, weight, x) => total + (x === 0 ? weight : 2 * weight), 0);
  return half.map((weight) => Math.fround(weight / sum));
}

/** Lines of a plane: `count` of them, `next` apart, each of `length` samples `step` apart. */
interface Lines {
  readonly length: number;
  readonly step: number;
  readonly count: number;
  readonly next: number;
}

/** Convolves lines in place, two at a time: one as the real part, one as the imaginary part. */
function blurLines(plane: Float32Array, lines: Lines, kernel: Float64Array): void {
  const { length, step, count, next } = lines;
  const margin = kernel.length - 1;
  const transform = new FourierTransform(powerOfTwo(Math.max(2, length + 2 * margin)));
  const response = responseOf(kernel, transform);
  const real = new Float64Array(transform.length);
  const imaginary = new Float64Array(transform.length);
  const sources = Int32Array.from(
    { length: length + 2 * margin },
    (_, i) => step * reflectInner(i - margin, length),
  );
  for (let line = 0; line < count; line += 2) {
    const first = line * next;
    const second = line + 1 < count ? first + next : first;
    for (let i = 0; i < sources.length; i++) {
      real[i] = plane[first + sources[i]!]!;
      imaginary[i] = plane[second + sources[i]!]!;
    }
    real.fill(0, sources.length);
    imaginary.fill(0, sources.length);
    transform.forward(real, imaginary);
    for (let i = 0; i < response.length; i++) {
      real[i]! *= response[i]!;
      imaginary[i]! *= response[i]!;
    }
    transform.forward(imaginary, real);
    for (let i = 0; i < length; i++) {
      plane[first + i * step] = real[margin + i]!;
      plane[second + i * step] = imaginary[margin + i]!;
    }
  }
}

/**
 * The transform of the kernel, its middle at sample 0. A symmetric kernel has a real transform, so
 * that it does not mix the two lines. Divided by the length for the way back.
 */
function responseOf(kernel: Float64Array, transform: FourierTransform): Float64Array {
  const { length } = transform;
  const response = new Float64Array(length);
  for (let x = 0; x < kernel.length; x++) {
    response[x]! += kernel[x]! / length;
    if (x > 0) response[length - x]! += kernel[x]! / length;
  }
  transform.forward(response, new Float64Array(length));
  return response;
}

function powerOfTwo(least: number): number {
  return 2 ** Math.ceil(Math.log2(least));
}
