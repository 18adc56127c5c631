import type { DistilTargets, FocalTargets, LogitBlock } from "../../src/core/training_kernels.ts";

/** From here on `1 - sigmoid(x)` is `exp(-x)` to the last bit of a double. */
const SURE = 37;

/** The oracle of `TrainingKernels.forward`; sums are float64. */
export function forward(
  features: Float32Array,
  rows: number,
  channels: number,
  weights: Float32Array,
  width: number,
  logits: Float32Array,
): void {
  const sums = new Float64Array(width);
  for (let row = 0; row < rows; row++) {
    for (let o = 0; o < width; o++) sums[o] = weights[channels * width + o]!;
    for (let c = 0; c < channels; c++) {
      const feature = features[row * channels + c]!;
      for (let o = 0; o < width; o++) sums[o]! += feature * weights[c * width + o]!;
    }
    logits.set(sums, row * width);
  }
}

/** The oracle of `TrainingKernels.backward`; sums over the rows of a call are float64. */
export function backward(
  features: Float32Array,
  rows: number,
  channels: number,
  slopes: Float32Array,
  width: number,
  gradient: Float32Array,
): void {
  const sums = new Float64Array(width);
  for (let c = 0; c <= channels; c++) {
    sums.fill(0);
    for (let row = 0; row < rows; row++) {
      const feature = c === channels ? 1 : features[row * channels + c]!;
      for (let o = 0; o < width; o++) sums[o]! += feature * slopes[row * width + o]!;
    }
    for (let o = 0; o < width; o++) gradient[c * width + o]! += sums[o]!;
  }
}

/** The oracle of `TrainingKernels.focal`. Source: Lin et al. 2017, eq. 5. */
export function focal(block: LogitBlock, to: FocalTargets): number {
  const { alpha, gamma } = to;
  return eachLogit(block, to.weights, to.scale, (answer, row, o) => {
    const { p, notP, minusLnP, minusLnNotP } = answer;
    if (to.targets[row] === o) {
      const modulator = alpha * notP ** gamma;
      answer.value = modulator * minusLnP;
      answer.slope = -modulator * (gamma * p * minusLnP + notP);
    } else {
      const modulator = (1 - alpha) * p ** gamma;
      answer.value = modulator * minusLnNotP;
      answer.slope = modulator * (gamma * notP * minusLnNotP + p);
    }
  });
}

/** The oracle of `TrainingKernels.distil`. Source: Li et al. 2020, eq. 2, with an exponent of 1. */
export function distil(block: LogitBlock, to: DistilTargets): number {
  return eachLogit(block, to.weights, to.scale, (answer, row, o) => {
    const { p, notP, minusLnP, minusLnNotP } = answer;
    const q = to.wanted[row * block.width + o]!;
    // As exact as `wanted`, so that a head that has not changed is exactly like itself.
    const excess = Math.fround(p) - q;
    const crossEntropy = q * minusLnP + (1 - q) * minusLnNotP;
    answer.value = Math.abs(excess) * crossEntropy;
    answer.slope = Math.sign(excess) * p * notP * crossEntropy + Math.abs(excess) * excess;
  });
}

/** The oracle of `TrainingKernels.probabilities`. */
export function probabilities(block: LogitBlock): void {
  const { rows, outputs, width, logits, objectness } = block;
  const answer = new Answer();
  for (let row = 0; row < rows; row++) {
    for (let o = 0; o < width; o++) {
      const at = row * width + o;
      answer.take(logits[at]!, objectness === null ? null : objectness[4 * row]!);
      logits[at] = o < outputs ? answer.p : 0;
    }
  }
}

/** What a head says about one class of one row, and what that costs. */
class Answer {
  /** Probability, and what it lacks to 1. */
  p = 0;
  notP = 0;
  /** Cross-entropy where the class is there, and where it is not. */
  minusLnP = 0;
  minusLnNotP = 0;
  /** Derivative of the joint logit by the class logit and by the objectness logit. */
  byClass = 1;
  byObjectness = 0;
  /** The loss and its derivative by the joint logit. */
  value = 0;
  slope = 0;

  /**
   * With objectness `p = sigmoid(c) sigmoid(o)`, `1 - p = sigmoid(-c) + sigmoid(c) sigmoid(-o)`, and
   * of the joint logit `z = ln p - ln(1 - p)`: `dz/dc = sigmoid(-c) / (1 - p)`, `dz/do` likewise.
   */
  take(c: number, o: number | null): void {
    if (o === null) {
      this.p = sigmoid(c);
      this.notP = sigmoid(-c);
      this.minusLnP = softplus(-c);
      this.minusLnNotP = softplus(c);
      this.byClass = 1;
      this.byObjectness = 0;
      return;
    }
    const [notC, notO] = [sigmoid(-c), sigmoid(-o)];
    this.p = sigmoid(c) * sigmoid(o);
    this.notP = notC + sigmoid(c) * notO;
    this.minusLnP = softplus(-c) + softplus(-o);
    if (Math.min(c, o) > SURE) {
      // Both lacks underflow at last; their quotient does not.
      this.minusLnNotP = Math.min(c, o) - Math.log1p(Math.exp(-Math.abs(c - o)));
      this.byClass = sigmoid(o - c);
      this.byObjectness = sigmoid(c - o);
      return;
    }
    this.minusLnNotP = this.p < 0.5 ? -Math.log1p(-this.p) : -Math.log(this.notP);
    this.byClass = notC / this.notP;
    this.byObjectness = notO / this.notP;
  }
}

function eachLogit(
  { rows, outputs, width, logits, objectness }: LogitBlock,
  weights: Float32Array,
  scale: number,
  judge: (answer: Answer, row: number, output: number) => void,
): number {
  const answer = new Answer();
  let total = 0;
  for (let row = 0; row < rows; row++) {
    const factor = scale * weights[row]!;
    let [sum, slope] = [0, 0];
    for (let o = 0; o < width; o++) {
      const at = row * width + o;
      if (o >= outputs) {
        logits[at] = 0;
        continue;
      }
      answer.take(logits[at]!, objectness === null ? null : objectness[4 * row]!);
      judge(answer, row, o);
      sum += answer.value;
      slope += answer.slope * answer.byObjectness;
      logits[at] = factor * answer.slope * answer.byClass;
    }
    total += factor * sum;
    objectness?.fill(0, 4 * row, 4 * row + 4);
    if (objectness !== null) objectness[4 * row] = factor * slope;
  }
  return total;
}

function sigmoid(x: number): number {
  const tail = Math.exp(-Math.abs(x));
  return (x >= 0 ? 1 : tail) / (1 + tail);
}

function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}
