/**
 * A block of rows that stand in the kernels' memory, and what the head says about them. Logits are
 * `width` float32 numbers a row: `outputs` classes, then zeros up to a multiple of four.
 */
export interface LogitBlock {
  /** Number of rows. */
  readonly rows: number;
  /** Number of classes that learn, from 1. */
  readonly outputs: number;
  /** Numbers a row of `logits`, `outputs` rounded up to a multiple of four. */
  readonly width: number;
  /** Class logits, `[rows, width]` float32; overwritten by their slopes. */
  readonly logits: Float32Array;
  /**
   * Objectness logits, `[rows, 4]` float32 of which the first counts; overwritten by their slopes.
   * `null` without objectness.
   */
  readonly objectness: Float32Array | null;
}

/** What the focal loss of a block is taken against, and how it weighs. */
export interface FocalTargets {
  /** Class of each row, `[rows]` int32, from 0 to `outputs - 1`; -1 for none. */
  readonly targets: Int32Array;
  /** Weight of each row, `[rows]` float32, from 0. */
  readonly weights: Float32Array;
  /** Weight of positives, 0–1; negatives weigh `1 - alpha`. */
  readonly alpha: number;
  /** Focusing exponent, 0–20. */
  readonly gamma: number;
  /** What losses and slopes are multiplied by. */
  readonly scale: number;
}

/** What the answers of a block are to stay like, and how that weighs. */
export interface DistilTargets {
  /** Probabilities, `[rows, width]` float32. */
  readonly wanted: Float32Array;
  /** Weight of each row, `[rows]` float32, from 0. */
  readonly weights: Float32Array;
  /** What losses and slopes are multiplied by. */
  readonly scale: number;
}

/**
 * What training a head needs to be computed fast. One implementation is plain TypeScript and the
 * oracle of the others. All arrays that are handed in come from {@linkcode TrainingKernels.floats}
 * and {@linkcode TrainingKernels.integers} of the same object.
 */
export interface TrainingKernels {
  /** Which implementation this is. */
  readonly backend: "wasm" | "typescript";
  /** Zeros in the kernels' memory. @throws {FoveaError} `LIMIT` if there is no room. */
  floats(length: number): Float32Array;
  /** The same for int32. */
  integers(length: number): Int32Array;
  /**
   * `logits[row, o] = Σ features[row, c] · weights[c, o] + weights[channels, o]`, float32.
   *
   * @param features `[rows, channels]`.
   * @param weights `[channels + 1, width]`, the biases last.
   * @param logits `[rows, width]`, overwritten.
   */
  forward(
    features: Float32Array,
    rows: number,
    channels: number,
    weights: Float32Array,
    width: number,
    logits: Float32Array,
  ): void;
  /**
   * `gradient[c, o] += Σ features[row, c] · slopes[row, o]`, and for the biases the sum of slopes.
   *
   * @param gradient `[channels + 1, width]`, added to.
   */
  backward(
    features: Float32Array,
    rows: number,
    channels: number,
    slopes: Float32Array,
    width: number,
    gradient: Float32Array,
  ): void;
  /** Replaces logits by the slopes of the focal loss; returns the loss, summed in float64. */
  focal(block: LogitBlock, to: FocalTargets): number;
  /**
   * Replaces logits by the slopes of `|p - q| · BCE(p, q)`; returns the loss, summed in float64.
   */
  distil(block: LogitBlock, to: DistilTargets): number;
  /** Replaces class logits by probabilities, objectness multiplied in. */
  probabilities(block: LogitBlock): void;
}
