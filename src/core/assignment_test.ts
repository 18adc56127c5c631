import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { AssignmentSolver } from "./assignment.ts";

/** The least of `sum of pairs + limit * missing pairs` by trying every assignment. */
function leastByTrying(costs: readonly number[][], limit: number, columns: number): number {
  const taken = new Set<number>();
  function least(row: number): number {
    if (row === costs.length) return 0;
    let best = limit + least(row + 1);
    for (let column = 0; column < columns; column++) {
      const cost = costs[row]![column]!;
      if (taken.has(column) || cost >= limit) continue;
      taken.add(column);
      best = Math.min(best, cost + least(row + 1));
      taken.delete(column);
    }
    return best;
  }
  return least(0);
}

interface Problem {
  readonly rows: number;
  readonly columns: number;
  readonly costs: readonly number[][];
}

function problems(cost: fc.Arbitrary<number>, most = 6): fc.Arbitrary<Problem> {
  return fc.tuple(fc.nat(most), fc.nat(most)).chain(([rows, columns]) =>
    fc.record({
      rows: fc.constant(rows),
      columns: fc.constant(columns),
      costs: fc.array(fc.array(cost, { minLength: columns, maxLength: columns }), {
        minLength: rows,
        maxLength: rows,
      }),
    })
  );
}

const solver = new AssignmentSolver();

function solve({ rows, columns, costs }: Problem, limit: number): Int32Array {
  const columnOfRow = new Int32Array(rows);
  const pairs = solver.solve(Float64Array.from(costs.flat()), rows, columns, limit, columnOfRow);
  const used = [...columnOfRow].filter((column) => column >= 0);
  assertEquals(new Set(used).size, used.length, "a column is used twice");
  assertEquals(pairs, used.length);
  return columnOfRow;
}

function costOf(costs: readonly number[][], columnOfRow: Int32Array, missing: number): number {
  return costs.reduce((sum, row, i) => {
    const column = columnOfRow[i]!;
    return sum + (column < 0 ? missing : row[column]!);
  }, 0);
}

const anyCost = fc.oneof(
  { weight: 4, arbitrary: fc.double({ min: -2, max: 2, noNaN: true }) },
  { weight: 3, arbitrary: fc.integer({ min: -2, max: 3 }) },
  { weight: 1, arbitrary: fc.constant(Infinity) },
);

Deno.test("AssignmentSolver finds the least cost under a limit", () => {
  fc.assert(
    fc.property(problems(anyCost), fc.integer({ min: -2, max: 3 }), (problem, limit) => {
      const columnOfRow = solve(problem, limit);
      const found = costOf(problem.costs, columnOfRow, limit);
      assertAlmostEquals(found, leastByTrying(problem.costs, limit, problem.columns), 1e-9);
      for (const [row, column] of columnOfRow.entries()) {
        if (column >= 0) assertEquals(problem.costs[row]![column]! < limit, true);
      }
    }),
    { seed: 1987, numRuns: 600 },
  );
});

Deno.test("AssignmentSolver without a limit makes all pairs it can, then the cheapest", () => {
  const missing = 1e6;
  fc.assert(
    fc.property(problems(anyCost), (problem) => {
      const found = costOf(problem.costs, solve(problem, Infinity), missing);
      assertAlmostEquals(found, leastByTrying(problem.costs, missing, problem.columns), 1e-6);
    }),
    { seed: 2016, numRuns: 400 },
  );
});

Deno.test("AssignmentSolver does not care whether rows and columns change places", () => {
  fc.assert(
    fc.property(problems(anyCost, 12), fc.integer({ min: -1, max: 3 }), (problem, limit) => {
      const { rows, columns, costs } = problem;
      const turned = {
        rows: columns,
        columns: rows,
        costs: Array.from({ length: columns }, (_, j) => costs.map((row) => row[j]!)),
      };
      const across = costOf(costs, solve(problem, limit), limit) - rows * limit;
      const down = costOf(turned.costs, solve(turned, limit), limit) - columns * limit;
      assertAlmostEquals(across, down, 1e-9);
    }),
    { seed: 52, numRuns: 200 },
  );
});

Deno.test("AssignmentSolver leaves rows over whose pairs are not worth the limit", () => {
  assertEquals([...solve({ rows: 1, columns: 1, costs: [[0.5]] }, 0.5)], [-1]);
  assertEquals([...solve({ rows: 1, columns: 1, costs: [[0.5]] }, 0.51)], [0]);
  assertEquals([...solve({ rows: 2, columns: 1, costs: [[0.5], [0.4]] }, 1)], [-1, 0]);
  assertEquals([...solve({ rows: 2, columns: 0, costs: [[], []] }, 1)], [-1, -1]);
  assertEquals([...solve({ rows: 0, columns: 3, costs: [] }, 1)], []);
});

Deno.test("AssignmentSolver hands columns on along a chain of exchanges", () => {
  // Every row likes the column of the row before it better, and the last has only one choice.
  const costs = [[0, 1, 9, 9], [9, 0, 1, 9], [9, 9, 0, 1], [0, 9, 9, 9]];
  assertEquals([...solve({ rows: 4, columns: 4, costs }, 20)], [1, 2, 3, 0]);
});

Deno.test("AssignmentSolver is as good with memory that was used before", () => {
  const small = { rows: 2, columns: 2, costs: [[1, 0], [0, 1]] };
  const before = [...solve(small, 5)];
  const large = Array.from({ length: 90 }, (_, i) => Array.from({ length: 70 }, (_, j) => i ^ j));
  solve({ rows: 90, columns: 70, costs: large }, 60);
  assertEquals([...solve(small, 5)], before);
});

Deno.test("AssignmentSolver refuses what makes no sense", () => {
  const room = new Int32Array(2);
  for (const cost of [NaN, -Infinity]) {
    assertThrows(() => solver.solve(Float64Array.of(1, cost), 1, 2, 1, room), RangeError, "cost 1");
    assertThrows(() => solver.solve(Float64Array.of(1), 1, 1, cost, room), RangeError, "limit");
  }
  assertThrows(() => solver.solve(new Float64Array(5), 2, 3, 1, room), RangeError, "5 costs");
  assertThrows(() => solver.solve(new Float64Array(9), 3, 3, 1, room), RangeError, "room");
  assertThrows(() => solver.solve(new Float64Array(9), 1.5, 3, 1, room), RangeError, "whole");
  assertThrows(() => solver.solve(new Float64Array(9), -1, 3, 1, room), RangeError, "whole");
  const huge = Float64Array.of(-1e308, 1e308);
  assertThrows(() => solver.solve(huge, 1, 2, Infinity, room), RangeError, "too large");
});
