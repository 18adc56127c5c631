/**
 * Finds the assignment of rows to columns that costs least, each row and each column used at most
 * once. Holds its working memory, so that a solver that is used again allocates nothing unless the
 * problem is bigger than any before.
 *
 * Shortest augmenting paths: R. Jonker and A. Volgenant, "A shortest augmenting path algorithm for
 * dense and sparse linear assignment problems", Computing 38 (1987), for rectangular problems as in
 * D. F. Crouse, "On implementing 2D rectangular assignment algorithms", IEEE Transactions on
 * Aerospace and Electronic Systems 52 (2016). Being left over is a column of its own for every row,
 * at the price of the limit. At most `O(rows² · columns)` steps; close to `O(rows · columns)` where
 * most rows want different columns.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { AssignmentSolver } from "@fovea/fovea/track";
 *
 * const costs = Float64Array.of(
 *   ...[0.1, 0.2, 0.9],
 *   ...[0.2, 0.9, 0.9],
 *   ...[0.9, 0.9, 0.9],
 * );
 * const columnOfRow = new Int32Array(3);
 * const pairs = new AssignmentSolver().solve(costs, 3, 3, 0.8, columnOfRow);
 * assertEquals([pairs, ...columnOfRow], [2, 1, 0, -1]);
 * ```
 */
export class AssignmentSolver {
  #rowPotential = new Float64Array(0);
  #rowsSeen = new Int32Array(0);
  #columnPotential = new Float64Array(0);
  #distance = new Float64Array(0);
  #rowBefore = new Int32Array(0);
  #rowOfColumn = new Int32Array(0);
  /** All columns; those the search has settled stand behind the others. */
  #columns = new Int32Array(0);

  /**
   * Solves one problem: minimises the sum of the costs of all pairs plus `costLimit` for every pair
   * that is missing. A pair is made only if its cost is below the limit; with an infinite limit as
   * many pairs as possible are made, and of those assignments the cheapest is taken.
   *
   * The result depends on nothing but the arguments; which of several equally good assignments it
   * is depends on the order of rows and columns.
   *
   * @param costs `[rows, columns]`, row by row; `Infinity` forbids a pair.
   * @param rows Number of rows, from 0.
   * @param columns Number of columns, from 0.
   * @param costLimit What a missing pair costs; may be `Infinity`.
   * @param columnOfRow Receives the column of each row in its first `rows` elements, -1 for none.
   * @returns How many pairs were made.
   * @throws {RangeError} If a size does not fit, or a cost or the limit is NaN or `-Infinity`.
   */
  solve(
    costs: Float64Array,
    rows: number,
    columns: number,
    costLimit: number,
    columnOfRow: Int32Array,
  ): number {
    checkSizes(costs, rows, columns, columnOfRow);
    const limit = finiteLimit(costs, rows, columns, costLimit);
    this.#prepare(rows, columns);
    columnOfRow.fill(-1, 0, rows);
    for (let row = 0; row < rows; row++) this.#place(row, costs, columns, limit, columnOfRow);
    let pairs = 0;
    for (let row = 0; row < rows; row++) if (columnOfRow[row]! >= 0) pairs++;
    return pairs;
  }

  #prepare(rows: number, columns: number): void {
    if (rows > this.#rowPotential.length) {
      const room = roomFor(rows);
      this.#rowPotential = new Float64Array(room);
      this.#rowsSeen = new Int32Array(room);
    }
    if (columns > this.#distance.length) {
      const room = roomFor(columns);
      this.#columnPotential = new Float64Array(room);
      this.#distance = new Float64Array(room);
      this.#rowBefore = new Int32Array(room);
      this.#rowOfColumn = new Int32Array(room);
      this.#columns = new Int32Array(room);
    }
    this.#rowPotential.fill(0, 0, rows);
    this.#columnPotential.fill(0, 0, columns);
    this.#rowOfColumn.fill(-1, 0, columns);
  }

  /**
   * Gives `start` a column or leaves a row over, by the cheapest chain of exchanges (Dijkstra's
   * search on reduced costs), and keeps the assignment of all rows so far optimal.
   */
  #place(
    start: number,
    costs: Float64Array,
    columns: number,
    limit: number,
    columnOfRow: Int32Array,
  ): void {
    const unsettled = this.#columns;
    for (let j = 0; j < columns; j++) unsettled[j] = j;
    this.#distance.fill(Infinity, 0, columns);
    let left = columns;
    let seen = 0;
    let row = start;
    let reachedAt = 0;
    let leftOver = -1;
    let leftOverAt = Infinity;
    for (;;) {
      this.#rowsSeen[seen++] = row;
      const offCost = reachedAt + limit - this.#rowPotential[row]!;
      if (offCost < leftOverAt) {
        leftOverAt = offCost;
        leftOver = row;
      }
      const at = this.#relax(row, reachedAt, costs, columns, limit, left);
      const nearest = at < 0 ? Infinity : this.#distance[unsettled[at]!]!;
      // A tie leaves the row over: a pair must be worth it.
      if (leftOverAt <= nearest) break;
      const column = unsettled[at]!;
      unsettled[at] = unsettled[--left]!;
      unsettled[left] = column;
      reachedAt = nearest;
      row = this.#rowOfColumn[column]!;
      if (row < 0) {
        this.#updatePotentials(start, seen, left, columns, reachedAt, columnOfRow);
        this.#exchange(start, column, columnOfRow);
        return;
      }
    }
    this.#updatePotentials(start, seen, left, columns, leftOverAt, columnOfRow);
    const freed = columnOfRow[leftOver]!;
    columnOfRow[leftOver] = -1;
    if (leftOver !== start) this.#exchange(start, freed, columnOfRow);
  }

  /**
   * Shortens the ways to all unsettled columns by going through `row`; returns where among them
   * the nearest stands, a free one first, or -1 if none can be reached.
   */
  #relax(
    row: number,
    reachedAt: number,
    costs: Float64Array,
    columns: number,
    limit: number,
    left: number,
  ): number {
    const base = reachedAt - this.#rowPotential[row]!;
    const distance = this.#distance;
    const rowOfColumn = this.#rowOfColumn;
    let nearest = Infinity;
    let nearestAt = -1;
    for (let at = 0; at < left; at++) {
      const column = this.#columns[at]!;
      const cost = costs[row * columns + column]!;
      if (cost < limit) {
        const through = base + cost - this.#columnPotential[column]!;
        if (through < distance[column]!) {
          distance[column] = through;
          this.#rowBefore[column] = row;
        }
      }
      const here = distance[column]!;
      if (here < nearest || (here === nearest && here < Infinity && rowOfColumn[column]! < 0)) {
        nearest = here;
        nearestAt = at;
      }
    }
    return nearestAt;
  }

  /** Keeps all reduced costs at least 0, and 0 along the chain that ends at `reachedAt`. */
  #updatePotentials(
    start: number,
    seen: number,
    left: number,
    columns: number,
    reachedAt: number,
    columnOfRow: Int32Array,
  ): void {
    const potential = this.#rowPotential;
    potential[start] = potential[start]! + reachedAt;
    for (let i = 1; i < seen; i++) {
      const row = this.#rowsSeen[i]!;
      potential[row] = potential[row]! + reachedAt - this.#distance[columnOfRow[row]!]!;
    }
    for (let at = left; at < columns; at++) {
      const column = this.#columns[at]!;
      this.#columnPotential[column] = this.#columnPotential[column]! - reachedAt +
        this.#distance[column]!;
    }
  }

  /** Hands columns on along the chain, from the free one back to the row that came in. */
  #exchange(start: number, freeColumn: number, columnOfRow: Int32Array): void {
    let column = freeColumn;
    for (;;) {
      const row = this.#rowBefore[column]!;
      this.#rowOfColumn[column] = row;
      const next = columnOfRow[row]!;
      columnOfRow[row] = column;
      if (row === start) return;
      column = next;
    }
  }
}

function roomFor(count: number): number {
  return Math.max(16, 2 ** Math.ceil(Math.log2(count)));
}

function checkSizes(
  costs: Float64Array,
  rows: number,
  columns: number,
  columnOfRow: Int32Array,
): void {
  if (!Number.isInteger(rows) || !Number.isInteger(columns) || rows < 0 || columns < 0) {
    throw new RangeError(`Cannot assign ${rows} rows to ${columns} columns: use whole numbers`);
  }
  if (costs.length < rows * columns) {
    throw new RangeError(
      `Cannot assign ${rows} rows to ${columns} columns: there are ${costs.length} costs`,
    );
  }
  if (columnOfRow.length < rows) {
    throw new RangeError(
      `Cannot assign ${rows} rows: there is room for the columns of ${columnOfRow.length}`,
    );
  }
}

/** Checks all costs; makes an infinite limit one that any number of pairs is worth. */
function finiteLimit(
  costs: Float64Array,
  rows: number,
  columns: number,
  costLimit: number,
): number {
  let least = Infinity;
  let most = -Infinity;
  for (let i = 0; i < rows * columns; i++) {
    const cost = costs[i]!;
    // Also false for NaN.
    if (!(cost > -Infinity)) throw new RangeError(`Cannot assign at cost ${cost}: cost ${i}`);
    if (cost === Infinity) continue;
    if (cost < least) least = cost;
    if (cost > most) most = cost;
  }
  if (!(costLimit > -Infinity)) throw new RangeError(`Cannot assign with limit ${costLimit}`);
  if (costLimit < Infinity) return costLimit;
  if (most === -Infinity) return 0;
  // One pair more is worth it even if all others become as dear as can be.
  const limit = most + Math.min(rows, columns) * (most - least) + 1;
  if (limit === Infinity) throw new RangeError(`Cannot assign: costs up to ${most} are too large`);
  return limit;
}
