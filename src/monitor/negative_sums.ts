import type { ScoreMap } from "../detector/score_map.ts";

/** Below this probability `-ln(1 - p)` is `p` to one part in two thousand. */
const TINY = 1e-3;
/** Negatives below this probability are easy. */
const EASY = 0.1;
/** Probabilities are kept this far from 1, so that one cell cannot outweigh a picture. */
const PROBABILITY_MAX = 1 - 1e-6;

/** Losses of cells taken as negatives, in nats, not weighted by class. */
export interface NegativeSums {
  /** Cross-entropy, `-ln(1 - p)`. */
  crossEntropy: number;
  /** Part of it of cells with p < 0.1. */
  easyCrossEntropy: number;
  /** Focal loss, `-p^2 ln(1 - p)`. */
  focalLoss: number;
  /** Part of it of cells with p < 0.1. */
  easyFocalLoss: number;
}

/** Sums of nothing. */
export function noSums(): NegativeSums {
  return { crossEntropy: 0, easyCrossEntropy: 0, focalLoss: 0, easyFocalLoss: 0 };
}

/** Adds one cell, `weight` times; a probability that is none is left out. */
export function addNegative(sums: NegativeSums, p: number, weight: number): void {
  if (p < TINY) {
    const cube = weight * p * p * p;
    sums.crossEntropy += weight * p;
    sums.easyCrossEntropy += weight * p;
    sums.focalLoss += cube;
    sums.easyFocalLoss += cube;
    return;
  }
  // Also false for NaN. float32 rounds a sure score up to a little more than 1.
  if (!(p <= 1.001)) return;
  const loss = -weight * Math.log1p(-Math.min(p, PROBABILITY_MAX));
  sums.crossEntropy += loss;
  sums.focalLoss += loss * p * p;
  if (p >= EASY) return;
  sums.easyCrossEntropy += loss;
  sums.easyFocalLoss += loss * p * p;
}

/**
 * Sums the losses of all cells of the rows from `start` up to `end`, every one taken as a negative.
 *
 * Nearly all cells are tiny, and those cost one comparison and a few additions: below p = 0.001 the
 * cross-entropy is taken as `p` and the focal loss as `p^3`.
 */
export function sumNegatives(map: ScoreMap, start: number, end: number, sums: NegativeSums): void {
  if (map.activation !== "none") sumActivated(map, start, end, sums);
  else if (map.rowStep === 1) sumColumns(map, start, end, sums);
  else sumRows(map, start, end, sums);
}

/** The probability of one cell. */
export function probabilityAt(map: ScoreMap, row: number, column: number): number {
  const { data, offset, rowStep, columnStep, objectnessOffset } = map;
  const value = data[offset + row * rowStep + column * columnStep]!;
  if (map.activation === "sigmoid") return 1 / (1 + Math.exp(-value));
  if (map.activation === "softmax") return softmaxAt(map, row, value);
  return objectnessOffset === null ? value : value * data[objectnessOffset + row * rowStep]!;
}

/** The column of a class in a row; -1 where the row does not speak of it. */
export function columnOf({ picked }: ScoreMap, row: number, classIndex: number): number {
  if (picked === null) return classIndex;
  return Math.round(picked.data[picked.offset + row * picked.rowStep]!) === classIndex ? 0 : -1;
}

function sumColumns(map: ScoreMap, start: number, end: number, sums: NegativeSums): void {
  const { data, columns, offset, columnStep } = map;
  let [tiny, cubes] = [0, 0];
  for (let column = 0; column < columns; column++) {
    const first = offset + column * columnStep;
    for (let at = first + start; at < first + end; at++) {
      const p = data[at]!;
      if (p < TINY) {
        tiny += p;
        cubes += p * p * p;
      } else addNegative(sums, p, 1);
    }
  }
  addTiny(sums, tiny, cubes);
}

function sumRows(map: ScoreMap, start: number, end: number, sums: NegativeSums): void {
  const { data, columns, offset, rowStep, objectnessOffset } = map;
  let [tiny, cubes] = [0, 0];
  for (let row = start; row < end; row++) {
    const base = row * rowStep;
    const objectness = objectnessOffset === null ? 1 : data[objectnessOffset + base]!;
    for (let at = offset + base; at < offset + base + columns; at++) {
      const p = objectness * data[at]!;
      if (p < TINY) {
        tiny += p;
        cubes += p * p * p;
      } else addNegative(sums, p, 1);
    }
  }
  addTiny(sums, tiny, cubes);
}

function sumActivated(map: ScoreMap, start: number, end: number, sums: NegativeSums): void {
  for (let row = start; row < end; row++) {
    for (let column = 0; column < map.columns; column++) {
      addNegative(sums, probabilityAt(map, row, column), 1);
    }
  }
}

function addTiny(sums: NegativeSums, tiny: number, cubes: number): void {
  sums.crossEntropy += tiny;
  sums.easyCrossEntropy += tiny;
  sums.focalLoss += cubes;
  sums.easyFocalLoss += cubes;
}

function softmaxAt(
  { data, offset, rowStep, softmaxColumns }: ScoreMap,
  row: number,
  value: number,
) {
  let [largest, sum] = [-Infinity, 0];
  const first = offset + row * rowStep;
  for (let i = first; i < first + softmaxColumns; i++) largest = Math.max(largest, data[i]!);
  for (let i = first; i < first + softmaxColumns; i++) sum += Math.exp(data[i]! - largest);
  return Math.exp(value - largest) / sum;
}
