/**
 * The discrete Fourier transform of one length, a power of two, in place.
 *
 * Source: J. W. Cooley, J. W. Tukey, "An Algorithm for the Machine Calculation of Complex Fourier
 * Series", Mathematics of Computation 19 (1965).
 */
export class FourierTransform {
  /** Number of samples. */
  readonly length: number;
  readonly #cos: Float64Array;
  readonly #sin: Float64Array;
  /** Where each sample goes before the butterflies: its number with the bits reversed. */
  readonly #reversed: Uint32Array;

  /** Makes the tables. `length` is a power of two, at least 2. */
  constructor(length: number) {
    this.length = length;
    const half = length / 2;
    this.#cos = Float64Array.from({ length: half }, (_, k) => Math.cos(2 * Math.PI * k / length));
    this.#sin = Float64Array.from({ length: half }, (_, k) => -Math.sin(2 * Math.PI * k / length));
    this.#reversed = new Uint32Array(length);
    for (let i = 1; i < length; i++) {
      this.#reversed[i] = this.#reversed[i >> 1]! >> 1 | (i & 1 ? half : 0);
    }
  }

  /**
   * Transforms complex samples, `[length]` each, without scaling. Handing the parts in the other
   * way round, `forward(imaginary, real)`, is the inverse times `length`.
   */
  forward(real: Float64Array, imaginary: Float64Array): void {
    this.#shuffle(real);
    this.#shuffle(imaginary);
    for (let half = 1; half < this.length; half *= 2) {
      this.#butterflies(real, imaginary, half);
    }
  }

  #shuffle(samples: Float64Array): void {
    const reversed = this.#reversed;
    for (let i = 0; i < reversed.length; i++) {
      const j = reversed[i]!;
      if (j <= i) continue;
      const held = samples[i]!;
      samples[i] = samples[j]!;
      samples[j] = held;
    }
  }

  #butterflies(real: Float64Array, imaginary: Float64Array, half: number): void {
    const { length } = this;
    const cos = this.#cos;
    const sin = this.#sin;
    const step = length / (2 * half);
    for (let start = 0; start < length; start += 2 * half) {
      for (let k = 0; k < half; k++) {
        const upper = start + k;
        const lower = upper + half;
        const c = cos[k * step]!;
        const s = sin[k * step]!;
        const re = real[lower]! * c - imaginary[lower]! * s;
        const im = real[lower]! * s + imaginary[lower]! * c;
        real[lower] = real[upper]! - re;
        imaginary[lower] = imaginary[upper]! - im;
        real[upper]! += re;
        imaginary[upper]! += im;
      }
    }
  }
}
