import { hash1, hash3 } from "../random.ts";

/** Words of noise; a power of two. */
const NOISE_WORDS = 1 << 16;
/** Steps of one channel's noise, and how many of them one standard deviation is. */
const NOISE_STEPS = 64;
const STEPS_PER_SIGMA = 10;

/**
 * The camera's sensor: exposure and noise, for each channel one look into a table.
 *
 * The table has a row for each code and a column for each step of noise, so strong noise costs no
 * more than weak noise. Noise is mostly of brightness and a little of colour.
 */
export class Sensor {
  readonly #seed: number;
  readonly #noise = new Uint32Array(NOISE_WORDS);
  readonly #table = new Uint8Array(256 * NOISE_STEPS);

  /** A sensor; its noise depends on the seed. */
  constructor(seed: number) {
    this.#seed = seed;
    for (let i = 0; i < NOISE_WORDS; i++) {
      const bright = bell(hash1(i * 4 + 0x51));
      const steps = [1, 2, 3].map((channel) => {
        const step = 0.86 * bright + 0.5 * bell(hash1(i * 4 + 0x51 + channel));
        return Math.max(0, Math.min(NOISE_STEPS - 1, Math.floor(32 + STEPS_PER_SIGMA * step)));
      });
      this.#noise[i] = steps[0]! | steps[1]! << 8 | steps[2]! << 16;
    }
  }

  /**
   * Sets how codes come out.
   *
   * @param gain What light is multiplied with, about 1.
   * @param noiseCodes Standard deviation of the noise of a mid gray, in codes.
   */
  expose(gain: number, noiseCodes: number): void {
    const table = this.#table;
    for (let code = 0; code < 256; code++) {
      // Noise of the electronics, and of the light itself.
      const sigma = noiseCodes * (0.55 + 0.45 * Math.sqrt(code / 128)) / STEPS_PER_SIGMA;
      const mean = code * gain + 0.5;
      for (let step = 0; step < NOISE_STEPS; step++) {
        const value = mean + (step - 31.5) * sigma;
        table[code * NOISE_STEPS + step] = value < 0 ? 0 : value > 255 ? 255 : value;
      }
    }
  }

  /** Reads a frame out as RGBA words, `strideWords` from one row to the next; alpha is 255. */
  readRgba(
    colors: Uint32Array,
    width: number,
    frame: number,
    target: Uint32Array,
    strideWords: number,
  ): void {
    const table = this.#table;
    const noise = this.#noise;
    const height = colors.length / width;
    for (let row = 0; row < height; row++) {
      let at = hash3(this.#seed, frame, row) & (NOISE_WORDS - 1);
      let out = row * strideWords;
      const end = (row + 1) * width;
      for (let pixel = row * width; pixel < end; pixel++) {
        const color = colors[pixel]!;
        const word = noise[at++ & (NOISE_WORDS - 1)]!;
        target[out++] = table[(color & 255) << 6 | (word & 63)]! |
          table[(color >>> 2 & 0x3fc0) | (word >>> 8 & 63)]! << 8 |
          table[(color >>> 10 & 0x3fc0) | (word >>> 16 & 63)]! << 16 | 0xff000000;
      }
    }
  }

  /** Reads a frame out as RGB bytes, `strideBytes` from one row to the next. */
  readRgb(
    colors: Uint32Array,
    width: number,
    frame: number,
    target: Uint8Array,
    strideBytes: number,
  ): void {
    const table = this.#table;
    const noise = this.#noise;
    const height = colors.length / width;
    for (let row = 0; row < height; row++) {
      let at = hash3(this.#seed, frame, row) & (NOISE_WORDS - 1);
      let out = row * strideBytes;
      const end = (row + 1) * width;
      for (let pixel = row * width; pixel < end; pixel++) {
        const color = colors[pixel]!;
        const word = noise[at++ & (NOISE_WORDS - 1)]!;
        target[out] = table[(color & 255) << 6 | (word & 63)]!;
        target[out + 1] = table[(color >>> 2 & 0x3fc0) | (word >>> 8 & 63)]!;
        target[out + 2] = table[(color >>> 10 & 0x3fc0) | (word >>> 16 & 63)]!;
        out += 3;
      }
    }
  }
}

/** About normally distributed, mean 0 and deviation 1: the sum of the four bytes (Irwin and Hall). */
function bell(hash: number): number {
  const sum = (hash & 255) + (hash >>> 8 & 255) + (hash >>> 16 & 255) + (hash >>> 24);
  return (sum - 510) / 147.8;
}
