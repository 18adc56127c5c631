import { assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import { AssignmentSolver } from "../../src/core/assignment.ts";
import { TrackEvaluator } from "../../src/evaluate/track_metrics.ts";
import type { TrackedBox } from "../../src/evaluate/track_metrics.ts";
import type { TrackScores } from "../../src/evaluate/track_scores.ts";
import { KalmanBoxFilter } from "../../src/track/kalman_box_filter.ts";
import golden from "./track_golden.json" with { type: "json" };

// Goal: the figures of SciPy, of a filter in full matrices and of TrackEval come out here too.
// track_golden.py made them.

/** TrackEval's name for each figure that both have. */
const NAMES: Readonly<Record<string, keyof TrackScores>> = {
  CLR_TP: "matches",
  CLR_FN: "falseNegatives",
  CLR_FP: "falsePositives",
  IDSW: "idSwitches",
  MT: "mostlyTracked",
  PT: "partlyTracked",
  ML: "mostlyLost",
  Frag: "fragmentations",
  MOTA: "mota",
  MOTP: "motp",
  IDTP: "identityMatches",
  IDF1: "idf1",
  IDP: "idp",
  IDR: "idr",
};

type Expected = Readonly<Record<string, number>> & { readonly classIndex: number };

function numbers(text: string): number[] {
  return text === "" ? [] : text.split(" ").map(Number);
}

function boxesOf(line: string): TrackedBox[] {
  if (line === "") return [];
  return line.split(";").map((text) => {
    const [trackId, classIndex, x1, y1, x2, y2] = numbers(text);
    return { trackId: trackId!, classIndex: classIndex!, xyxyPx: [x1!, y1!, x2!, y2!] };
  });
}

for (const { rows, columns, limit, costs, pairs, cost } of golden.assignments) {
  Deno.test(`AssignmentSolver agrees with SciPy on ${rows} × ${columns} under ${limit}`, () => {
    const matrix = Float64Array.from(numbers(costs));
    const columnOfRow = new Int32Array(rows);
    assertEquals(new AssignmentSolver().solve(matrix, rows, columns, limit, columnOfRow), pairs);
    const found = columnOfRow.reduce((sum, column, row) => {
      return sum + (column < 0 ? limit : matrix[row * columns + column]!);
    }, 0);
    assertAlmostEquals(found, cost, 1e-9);
  });
}

Deno.test("KalmanBoxFilter agrees with a filter in full matrices", () => {
  const filter = new KalmanBoxFilter();
  for (const [index, { deltaMs, score, seen, after }] of golden.filter.entries()) {
    const [x1, y1, x2, y2] = numbers(seen);
    if (index === 0) {
      filter.start(x1!, y1!, x2!, y2!);
    } else {
      filter.predict(deltaMs);
      if (seen !== "") filter.correct(x1!, y1!, x2!, y2!, score);
    }
    const box = [filter.x1, filter.y1, filter.x2, filter.y2];
    for (const [corner, value] of numbers(after).entries()) {
      assertAlmostEquals(box[corner]!, value, 1e-8, `step ${index}`);
    }
  }
});

for (const { name, truth, tracked, expected } of golden.tracks) {
  Deno.test(`TrackEvaluator agrees with TrackEval on ${name}`, () => {
    const evaluator = new TrackEvaluator();
    for (const [frame, line] of truth.entries()) {
      evaluator.addFrame(boxesOf(line), boxesOf(tracked[frame]!));
    }
    const { perClass } = evaluator.summary();
    assertEquals(perClass.map(({ classIndex }) => classIndex), expected.map((e) => e.classIndex));
    for (const [index, figures] of (expected as unknown as Expected[]).entries()) {
      let compared = 0;
      for (const [theirs, ours] of Object.entries(NAMES)) {
        if (figures[theirs] === undefined) continue;
        assertAlmostEquals(perClass[index]![ours]!, figures[theirs], 1e-9, theirs);
        compared++;
      }
      assertGreater(compared, 12);
    }
  });
}
