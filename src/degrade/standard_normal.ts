import type { Pcg64 } from "./pcg64.ts";

/** Layers under the curve; their number is drawn from eight bits. */
const LAYERS = 256;
/** Where the tail begins … */
const TAIL_START = 3.6541528853610087963519472518;
/** … and the area of each layer, tail included, for a curve `exp(-x^2 / 2)`. */
const LAYER_AREA = 0.004928673233974655;
/** Random bits that place a point within its layer. */
const POINTS = 2 ** 52;

/**
 * Draws from the standard normal distribution as NumPy's `Generator.standard_normal` does: the same
 * generator gives the same numbers up to the last bits of a float64, so the same float32 numbers.
 *
 * Source: G. Marsaglia, W. W. Tsang, "The Ziggurat Method for Generating Random Variables",
 * Journal of Statistical Software 5(8) (2000), with 256 layers and 52 bits.
 */
export class StandardNormal {
  readonly #random: Pcg64;
  /** Width of each layer's sure part, in points. */
  readonly #sure = new Float64Array(LAYERS);
  /** Width of one point in each layer. */
  readonly #width = new Float64Array(LAYERS);
  /** Height of the curve at each layer's edge. */
  readonly #height = new Float64Array(LAYERS);

  /** Makes the tables; numbers are drawn from `random` as they are asked for. */
  constructor(random: Pcg64) {
    this.#random = random;
    let x = TAIL_START;
    const base = LAYER_AREA / Math.exp(-0.5 * x * x);
    this.#sure[0] = Math.floor(x / base * POINTS);
    this.#width[0] = base / POINTS;
    this.#height[0] = 1;
    for (let layer = LAYERS - 1; layer > 0; layer--) {
      const y = Math.exp(-0.5 * x * x);
      this.#width[layer] = x / POINTS;
      this.#height[layer] = y;
      const inner = layer === 1 ? 0 : Math.sqrt(-2 * Math.log(LAYER_AREA / x + y));
      this.#sure[layer] = Math.floor(inner / x * POINTS);
      x = inner;
    }
  }

  /** One number. */
  next(): number {
    for (;;) {
      this.#random.next();
      const { high, low } = this.#random;
      const layer = low & 0xff;
      // Of the 55 bits after the layer: one for the sign, 52 for the point, one more for the tail.
      const point = (high & 0x1fff_ffff) * 2 ** 23 + (low >>> 9);
      const size = point * this.#width[layer]!;
      const x = (low & 0x100) === 0 ? size : -size;
      if (point < this.#sure[layer]!) return x;
      if (layer === 0) return this.#tail((low & 0x2_0000) !== 0);
      const top = this.#height[layer - 1]!;
      const bottom = this.#height[layer]!;
      const y = bottom + (top - bottom) * this.#random.nextDouble();
      if (y < Math.exp(-0.5 * x * x)) return x;
    }
  }

  /** A number beyond the start of the tail. */
  #tail(negative: boolean): number {
    for (;;) {
      const beyond = -Math.log1p(-this.#random.nextDouble()) / TAIL_START;
      const y = -Math.log1p(-this.#random.nextDouble());
      if (2 * y > beyond * beyond) return negative ? -(TAIL_START + beyond) : TAIL_START + beyond;
    }
  }
}
