import { assertAlmostEquals, assertEquals } from "@std/assert";
import { rowScores, type ScoreMap } from "../detector/score_map.ts";
import { BACKGROUND_ROWS_MAX, backgroundScores } from "./background_scores.ts";

/** Rows of `[objectness, red, blue]`. */
function joint(values: readonly number[]): ScoreMap {
  return rowScores(new Float32Array(values), {
    rows: values.length / 3,
    rowLength: 3,
    classOffset: 1,
    classCount: 2,
    objectnessOffset: 0,
  });
}

Deno.test("a background score is the logarithm of the best class times objectness", () => {
  const logs = backgroundScores(joint([0.5, 0.2, 0.4, 1, 0.01, 0.001]))!;
  assertAlmostEquals(logs[0]!, Math.log(0.2), 1e-6);
  assertAlmostEquals(logs[1]!, Math.log(0.01), 1e-6);
});

Deno.test("scores by columns and as logits are read alike", () => {
  const columns: ScoreMap = {
    ...joint([0, 0, 0]),
    data: new Float32Array([0, -1, 2, 1]),
    rows: 2,
    offset: 0,
    rowStep: 1,
    columnStep: 2,
    objectnessOffset: null,
    activation: "sigmoid",
  };
  const logs = backgroundScores(columns)!;
  assertAlmostEquals(logs[0]!, Math.log(1 / (1 + Math.exp(-2))), 1e-6);
  assertAlmostEquals(logs[1]!, Math.log(1 / (1 + Math.exp(-1))), 1e-6);
});

Deno.test("a score that is no number counts as nothing", () => {
  const logs = backgroundScores(joint([1, NaN, NaN, NaN, 0.5, 0.5, 1, Infinity, 0]))!;
  for (const log of logs) assertAlmostEquals(log, Math.log(1e-9), 1e-6);
});

Deno.test("rows of large models are sampled evenly", () => {
  const rows = 8400;
  const values = Array.from({ length: rows * 3 }, (_, i) => i % 3 === 0 ? 1 : (i / 3 | 0) / rows);
  const logs = backgroundScores(joint(values))!;
  assertEquals(logs.length <= BACKGROUND_ROWS_MAX, true);
  assertAlmostEquals(logs[100]!, Math.log(900 / rows), 1e-5);
});

Deno.test("rows without a place have no background", () => {
  const map = joint([1, 0.5, 0.5]);
  assertEquals(backgroundScores({ ...map, activation: "softmax" }), null);
  const picked = { data: map.data, offset: 0, rowStep: 3 };
  assertEquals(backgroundScores({ ...map, picked }), null);
});
