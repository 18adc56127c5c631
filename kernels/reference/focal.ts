import type { FocalSettings, FocalSums } from "../../src/core/focal_sums.ts";
import type { ScoreRows } from "../../src/core/kernels.ts";

/** What a probability that was rounded to 1 may lack. */
const MISSING_MIN = 2 ** -25;
/** What a probability that was rounded to 0 may have been. */
const PROBABILITY_MIN = 2 ** -126;

/**
 * Sums focal loss and cross-entropy of `[rows, rowLength]`, and writes the gradient: the oracle of
 * `Kernels.focalRows`. Arguments are taken as checked. Arithmetic is float64.
 *
 * Source: Lin et al. 2017, "Focal Loss for Dense Object Detection", eqs. 4 and 5.
 */
export function focalRows(
  data: Float32Array,
  shape: ScoreRows,
  targets: Int32Array | null,
  settings: FocalSettings,
  out: FocalSums,
): void {
  const { rows, rowLength, classOffset, classCount, objectnessOffset } = shape;
  const focal = new FocalCells(settings, out);
  for (let row = 0; row < rows; row++) {
    const start = row * rowLength;
    const objectness = objectnessOffset < 0 ? 1 : data[start + objectnessOffset]!;
    const target = targets === null ? -1 : targets[row]!;
    for (let index = 0; index < classCount; index++) {
      const score = Math.fround(objectness * data[start + classOffset + index]!);
      focal.add(score, index, target, row * classCount + index);
    }
  }
}

/** The same for scores stored class by class: the oracle of `Kernels.focalColumns`. */
export function focalColumns(
  data: Float32Array,
  offset: number,
  anchors: number,
  classCount: number,
  targets: Int32Array | null,
  settings: FocalSettings,
  out: FocalSums,
): void {
  const focal = new FocalCells(settings, out);
  for (let index = 0; index < classCount; index++) {
    for (let anchor = 0; anchor < anchors; anchor++) {
      const cell = index * anchors + anchor;
      const target = targets === null ? -1 : targets[anchor]!;
      focal.add(data[offset + cell]!, index, target, cell);
    }
  }
}

/** One call's sums. */
class FocalCells {
  readonly #settings: FocalSettings;
  readonly #easyBelow: number;
  readonly #out: FocalSums;

  constructor(settings: FocalSettings, out: FocalSums) {
    this.#settings = settings;
    this.#easyBelow = Math.fround(settings.easyBelow);
    this.#out = out;
    out.positives = 0;
    out.negatives = 0;
    out.nonFinite = 0;
    out.positiveFocal = 0;
    out.negativeFocal = 0;
    out.easyFocal = 0;
    out.positiveCrossEntropy = 0;
    out.negativeCrossEntropy = 0;
    out.easyCrossEntropy = 0;
    out.classFocal?.fill(0);
  }

  /** Adds a score of class `index` in a row of class `target`; its derivative goes to `cell`. */
  add(score: number, index: number, target: number, cell: number): void {
    const { gradient } = this.#out;
    if (target < -1 || !Number.isFinite(score)) {
      if (target >= -1) this.#out.nonFinite++;
      if (gradient !== null) gradient[cell] = 0;
      return;
    }
    const isPositive = index === target;
    const { gamma, alpha, activation } = this.#settings;
    const weight = alpha === null ? 1 : isPositive ? alpha : 1 - alpha;
    // The logit or probability of the wrong answer.
    const missing = activation === "logit"
      ? probabilityOf(isPositive ? -score : score)
      : isPositive
      ? 1 - clamp(score)
      : clamp(score);
    const crossEntropy = activation === "logit"
      ? crossEntropyOf(isPositive ? -score : score)
      : isPositive
      ? -Math.log(Math.max(clamp(score), PROBABILITY_MIN))
      : -Math.log1p(-Math.min(clamp(score), 1 - MISSING_MIN));
    const modulator = missing ** gamma;
    const focal = modulator * crossEntropy;
    this.#count(isPositive, missing, index, focal, crossEntropy);
    if (gradient === null) return;
    const slope = modulator * (gamma * (1 - missing) * crossEntropy + missing);
    gradient[cell] = (isPositive ? -weight : weight) * slope;
  }

  #count(
    isPositive: boolean,
    missing: number,
    index: number,
    focal: number,
    crossEntropy: number,
  ): void {
    const out = this.#out;
    if (isPositive) {
      out.positives++;
      out.positiveFocal += focal;
      out.positiveCrossEntropy += crossEntropy;
      return;
    }
    out.negatives++;
    out.negativeFocal += focal;
    out.negativeCrossEntropy += crossEntropy;
    if (out.classFocal !== null) out.classFocal[index]! += focal;
    if (missing >= this.#easyBelow) return;
    out.easyFocal += focal;
    out.easyCrossEntropy += crossEntropy;
  }
}

function probabilityOf(logit: number): number {
  const tail = Math.exp(-Math.abs(logit));
  return (logit >= 0 ? 1 : tail) / (1 + tail);
}

/** `ln(1 + exp(logit))` */
function crossEntropyOf(logit: number): number {
  return Math.max(logit, 0) + Math.log1p(Math.exp(-Math.abs(logit)));
}

function clamp(probability: number): number {
  return Math.min(Math.max(probability, 0), 1);
}
