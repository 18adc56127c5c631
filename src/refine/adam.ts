/** `beta1`, `beta2` and `epsilon` as Kingma & Ba 2015 propose them. */
const DECAY = 0.9;
const SQUARE_DECAY = 0.999;
const EPSILON = 1e-8;

/**
 * AdamW without weight decay: steps of about the learning rate against the gradient, whatever its
 * size. Numbers are kept as float32 and computed in float64.
 *
 * Sources: Kingma & Ba 2015, "Adam", algorithm 1; Loshchilov & Hutter 2019, algorithm 2, with a
 * decay of 0.
 */
export class Adam {
  readonly #means: Float32Array;
  readonly #squares: Float32Array;
  #steps = 0;

  /** Starts for so many numbers. */
  constructor(length: number) {
    this.#means = new Float32Array(length);
    this.#squares = new Float32Array(length);
  }

  /** Moves the first `length` parameters against the gradient. */
  step(parameters: Float32Array, gradient: Float32Array, learningRate: number): void {
    this.#steps++;
    const rate = learningRate / (1 - DECAY ** this.#steps);
    const root = 1 / Math.sqrt(1 - SQUARE_DECAY ** this.#steps);
    const [means, squares] = [this.#means, this.#squares];
    for (let i = 0; i < means.length; i++) {
      const slope = gradient[i]!;
      means[i] = means[i]! + (1 - DECAY) * (slope - means[i]!);
      squares[i] = SQUARE_DECAY * squares[i]! + (1 - SQUARE_DECAY) * slope * slope;
      parameters[i]! -= rate * means[i]! / (Math.sqrt(squares[i]!) * root + EPSILON);
    }
  }
}
