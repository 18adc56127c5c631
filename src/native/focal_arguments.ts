import { type FocalSettings, type FocalSums, IGNORED } from "../core/focal_sums.ts";
import type { ScoreRows } from "../core/kernels.ts";
import { checkColumnArguments, checkRowArguments } from "./kernel_arguments.ts";

/** Largest gamma: twice of it is a number of multiplications. */
const GAMMA_MAX = 20;
/** What the kernels' series in small probabilities reach up to. */
const EASY_MIN = 0.001;

/**
 * Checks the arguments of `Kernels.focalRows`, and returns how many cells are not ignored.
 *
 * @throws {RangeError} If something does not lie inside its array or a setting is out of range.
 */
export function checkFocalRows(
  data: Float32Array,
  shape: ScoreRows,
  targets: Int32Array | null,
  settings: FocalSettings,
  out: FocalSums,
): number {
  checkRowArguments(data, shape, 0);
  if (shape.objectnessOffset >= 0 && settings.activation === "logit") {
    throw new RangeError("Cannot multiply logits by an objectness: probabilities are needed");
  }
  return checkFocal(shape.rows, shape.classCount, targets, settings, out);
}

/**
 * Checks the arguments of `Kernels.focalColumns`, and returns how many cells are not ignored.
 *
 * @throws {RangeError} If something does not lie inside its array or a setting is out of range.
 */
export function checkFocalColumns(
  data: Float32Array,
  offset: number,
  anchors: number,
  classCount: number,
  targets: Int32Array | null,
  settings: FocalSettings,
  out: FocalSums,
): number {
  checkColumnArguments(data, offset, anchors, classCount, 0);
  return checkFocal(anchors, classCount, targets, settings, out);
}

function checkFocal(
  rows: number,
  classCount: number,
  targets: Int32Array | null,
  settings: FocalSettings,
  out: FocalSums,
): number {
  checkFocalSettings(settings);
  const { classFocal, gradient } = out;
  if (gradient !== null) checkLength("the gradient", gradient.length, rows * classCount);
  if (classFocal !== null) checkLength("the sums of classes", classFocal.length, classCount);
  if (targets === null) return rows * classCount;
  checkLength("the list of targets", targets.length, rows);
  let ignored = 0;
  for (let row = 0; row < rows; row++) {
    const target = targets[row]!;
    if (target === IGNORED) ignored++;
    else if (target < IGNORED || target >= classCount) {
      throw new RangeError(
        `Cannot sum losses: row ${row} is of class ${target}, there are ${classCount}`,
      );
    }
  }
  return (rows - ignored) * classCount;
}

/**
 * Checks how a focal loss is computed.
 *
 * @throws {RangeError} If a setting is out of range.
 */
export function checkFocalSettings({ activation, gamma, alpha, easyBelow }: FocalSettings): void {
  if (activation !== "logit" && activation !== "probability") {
    throw new RangeError(`Cannot sum losses of "${activation}": use logit or probability`);
  }
  if (!(gamma >= 0 && gamma <= GAMMA_MAX)) {
    throw new RangeError(
      `Cannot sum losses with a gamma of ${gamma}: 0 to ${GAMMA_MAX} is allowed`,
    );
  }
  if (alpha !== null && !(alpha >= 0 && alpha <= 1)) {
    throw new RangeError(`Cannot sum losses with an alpha of ${alpha}: 0 to 1 is allowed`);
  }
  if (!(easyBelow >= EASY_MIN && easyBelow <= 1)) {
    throw new RangeError(
      `Cannot call probabilities below ${easyBelow} easy: ${EASY_MIN} to 1 is allowed`,
    );
  }
}

function checkLength(what: string, found: number, expected: number): void {
  if (found !== expected) {
    throw new RangeError(`Cannot sum losses: ${what} has ${found} of ${expected} elements`);
  }
}
