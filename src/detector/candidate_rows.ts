import { FoveaError } from "../core/errors.ts";
import type { Candidates } from "../core/kernels.ts";

/** Empties candidates before a frame. */
export function clearCandidates(out: Candidates): void {
  out.count = 0;
  out.overflow = 0;
  out.nonFinite = 0;
}

/** Adds a candidate without its box, or counts it where no row is left. */
export function pushCandidate(
  out: Candidates,
  score: number,
  classIndex: number,
  row: number,
): void {
  if (out.count === out.capacity) {
    out.overflow++;
    return;
  }
  out.score[out.count] = score;
  out.classIndex[out.count] = classIndex;
  out.anchorIndex[out.count] = row;
  out.count++;
}

/** Highest class index that is believed when a model states the class itself. */
const CLASS_INDEX_MAX = 65_535;

/** Adds a candidate whose class the model picked; a class that cannot be one counts as broken. */
export function pushPicked(out: Candidates, score: number, classIndex: number, row: number): void {
  if (classIndex >= 0 && classIndex <= CLASS_INDEX_MAX) pushCandidate(out, score, classIndex, row);
  else out.nonFinite++;
}

/** Moves row `from` to row `to`. */
export function moveCandidate(out: Candidates, from: number, to: number): void {
  if (from === to) return;
  out.xyxyNet.copyWithin(4 * to, 4 * from, 4 * from + 4);
  out.score[to] = out.score[from]!;
  out.classIndex[to] = out.classIndex[from]!;
  out.anchorIndex[to] = out.anchorIndex[from]!;
}

/** Leaves out and counts the candidates whose box has a NaN or infinite corner. */
export function dropNonFiniteBoxes(out: Candidates): void {
  let kept = 0;
  for (let i = 0; i < out.count; i++) {
    if (isFiniteBox(out.xyxyNet, 4 * i)) moveCandidate(out, i, kept++);
    else out.nonFinite++;
  }
  out.count = kept;
}

function isFiniteBox(xyxy: Float32Array, at: number): boolean {
  return Number.isFinite(xyxy[at]!) && Number.isFinite(xyxy[at + 1]!) &&
    Number.isFinite(xyxy[at + 2]!) && Number.isFinite(xyxy[at + 3]!);
}

/**
 * Refuses a frame in which no score is a number.
 *
 * @param rows How many rows the model's output has.
 * @throws {FoveaError} `OUTPUT_NOT_FINITE`.
 */
export function checkSomeFinite(out: Candidates, rows: number): void {
  if (out.nonFinite < rows) return;
  throw new FoveaError(
    "OUTPUT_NOT_FINITE",
    `Cannot decode the model's output: all ${rows} scores are NaN or infinite`,
    { hint: "Check the input scaling, and float16 models for overflow" },
  );
}

/** Writes a box given by its centre and size, in network pixels, as corners into row `i`. */
export function writeCentreBox(
  out: Candidates,
  i: number,
  centreX: number,
  centreY: number,
  width: number,
  height: number,
): void {
  const at = 4 * i;
  out.xyxyNet[at] = centreX - width / 2;
  out.xyxyNet[at + 1] = centreY - height / 2;
  out.xyxyNet[at + 2] = centreX + width / 2;
  out.xyxyNet[at + 3] = centreY + height / 2;
}

/** Writes a box given by its corners, in network pixels, into row `i`. */
export function writeCorners(
  out: Candidates,
  i: number,
  x1: number,
  y1: number,
  x2: number,
  y2: number,
): void {
  const at = 4 * i;
  out.xyxyNet[at] = x1;
  out.xyxyNet[at + 1] = y1;
  out.xyxyNet[at + 2] = x2;
  out.xyxyNet[at + 3] = y2;
}
