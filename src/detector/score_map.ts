import type { ScoreRows } from "../core/kernels.ts";

/** How the numbers of a {@linkcode ScoreMap} become probabilities. */
export type ScoreActivation = "none" | "sigmoid" | "softmax";

/**
 * Where all scores of a model's newest output stand: the score of `row` and `column` is element
 * `offset + row * rowStep + column * columnStep`. Borrowed like the output itself.
 *
 * A column is a class, except where the model picked one class a row: there is one column then, and
 * the class of a row stands at `classOffset + row * rowStep`.
 */
export interface ScoreMap {
  /** The output's numbers, float32. */
  readonly data: Float32Array;
  /** Rows: anchor points or queries. */
  readonly rows: number;
  /** Scores a row. */
  readonly columns: number;
  /** First score of the first row. */
  readonly offset: number;
  /** From one row to the next, in elements. */
  readonly rowStep: number;
  /** From one column to the next, in elements. */
  readonly columnStep: number;
  /** Objectness of the first row, multiplied into every score; `null` for none. */
  readonly objectnessOffset: number | null;
  /** Picked class of the first row, in its own data; `null` where a column is a class. */
  readonly picked: {
    readonly data: Float32Array;
    readonly offset: number;
    readonly rowStep: number;
  } | null;
  /** How a number becomes a probability; `softmax` runs over `softmaxColumns` columns. */
  readonly activation: ScoreActivation;
  /** Columns of a softmax, "no object" included; `columns` elsewhere. */
  readonly softmaxColumns: number;
}

/** The map of scores that stand row by row, as probabilities. */
export function rowScores(data: Float32Array, shape: ScoreRows): ScoreMap {
  return {
    data,
    rows: shape.rows,
    columns: shape.classCount,
    offset: shape.classOffset,
    rowStep: shape.rowLength,
    columnStep: 1,
    objectnessOffset: shape.objectnessOffset < 0 ? null : shape.objectnessOffset,
    picked: null,
    activation: "none",
    softmaxColumns: shape.rowLength,
  };
}

/** The map of one probability a row, with the class that the model picked. */
export function pickedScores(
  data: Float32Array,
  offset: number,
  rowStep: number,
  classData: Float32Array,
  classOffset: number,
  rows: number,
): ScoreMap {
  return {
    data,
    rows,
    columns: 1,
    offset,
    rowStep,
    columnStep: 1,
    objectnessOffset: null,
    picked: { data: classData, offset: classOffset, rowStep },
    activation: "none",
    softmaxColumns: 1,
  };
}

/** The column of a class in a row; -1 where the row does not speak of it. */
export function columnOf({ picked }: ScoreMap, row: number, classIndex: number): number {
  if (picked === null) return classIndex;
  return Math.round(picked.data[picked.offset + row * picked.rowStep]!) === classIndex ? 0 : -1;
}
