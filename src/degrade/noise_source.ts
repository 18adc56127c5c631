import { Pcg64 } from "./pcg64.ts";
import { StandardNormal } from "./standard_normal.ts";

/** Numbers in the table; a power of two. */
const TABLE_LENGTH = 2 ** 18;
/** Values in a row that get their noise from one place of the table. */
const RUN_LENGTH = 4096;
/** Seed of the table, which all sources share. */
const TABLE_SEED = 0;
/** Noise and values are counted in this part of one, so that all arithmetic is whole. */
const ONE_BITS = 12;
const ONE = 2 ** ONE_BITS;
/** No value with its noise is farther from 0 than this: eight deviations of the worst noise. */
const SIZE_MAX = 2048;

/** What the sources share: normal numbers of the variance 1/2, and clamping to 0–255. */
interface Tables {
  /** `[TABLE_LENGTH + RUN_LENGTH]`, in 1/4096: a ring, its beginning repeated at its end. */
  readonly normals: Int16Array;
  /** `[2 * SIZE_MAX]`, from `-SIZE_MAX` on. */
  readonly clamped: Uint8Array;
}

let sharedTables: Tables | null = null;

/**
 * Sensor noise for pictures, as fast as reading a table.
 *
 * Drawing a million normal numbers a frame would take longer than the frame is worth. Instead there
 * is one table of normal numbers with the variance 1/2, and the noise of each run of some thousand
 * values is the difference of two stretches of it, whose places are drawn. The difference has
 * variance 1, and mean 0 even where the table has not; stretches would have to be drawn alike in
 * both places for noise to be seen twice.
 */
export class NoiseSource {
  readonly #random: Pcg64;
  readonly #tables: Tables;
  /** What each value is without noise, in 1/4096, and with `SIZE_MAX` added. */
  readonly #base: Int32Array;
  readonly #deviation: number;

  /**
   * Makes a source.
   *
   * @param seed Whole numbers from 0 to 2^32 - 1; the same ones give the same noise.
   * @param base What a value from 0 to 255 is without noise, 0–255.
   * @param deviation Standard deviation of the noise, a whole number to 128.
   */
  constructor(seed: readonly number[], base: (value: number) => number, deviation: number) {
    this.#random = new Pcg64(seed);
    this.#tables = sharedTables ??= makeTables();
    this.#base = Int32Array.from({ length: 256 }, (_, v) => Math.round((base(v) + SIZE_MAX) * ONE));
    this.#deviation = deviation;
  }

  /**
   * Replaces every value in place by what it is without noise plus noise, clamped to 0–255 and cut
   * down to a whole number.
   */
  addTo(values: Uint8Array): void {
    const { normals, clamped } = this.#tables;
    for (let start = 0; start < values.length; start += RUN_LENGTH) {
      const end = Math.min(start + RUN_LENGTH, values.length);
      this.#random.next();
      const plus = this.#random.high % TABLE_LENGTH;
      // At least a run away in both directions: no stretch is subtracted from itself.
      const apart = RUN_LENGTH + this.#random.low % (TABLE_LENGTH - 2 * RUN_LENGTH);
      const minus = (plus + apart) % TABLE_LENGTH;
      addRun(values, start, end, this.#base, this.#deviation, normals, plus, minus, clamped);
    }
  }
}

function addRun(
  values: Uint8Array,
  start: number,
  end: number,
  base: Int32Array,
  deviation: number,
  normals: Int16Array,
  plus: number,
  minus: number,
  clamped: Uint8Array,
): void {
  const plusStart = plus - start;
  const minusStart = minus - start;
  for (let i = start; i < end; i++) {
    const noise = Math.imul(deviation, normals[plusStart + i]! - normals[minusStart + i]!);
    values[i] = clamped[(base[values[i]!]! + noise) >> ONE_BITS]!;
  }
}

function makeTables(): Tables {
  const normal = new StandardNormal(new Pcg64([TABLE_SEED]));
  const normals = new Int16Array(TABLE_LENGTH + RUN_LENGTH);
  for (let i = 0; i < TABLE_LENGTH; i++) {
    normals[i] = Math.round(normal.next() * Math.SQRT1_2 * ONE);
  }
  normals.copyWithin(TABLE_LENGTH, 0, RUN_LENGTH);
  const clamped = Uint8Array.from(
    { length: 2 * SIZE_MAX },
    (_, i) => Math.min(Math.max(i - SIZE_MAX, 0), 255),
  );
  return { normals, clamped };
}
