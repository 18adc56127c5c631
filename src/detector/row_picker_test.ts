import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { candidatesBytes, candidatesView } from "../core/candidates.ts";
import type { Candidates } from "../core/kernels.ts";
import { TAP_REASONS, type TapRule } from "../core/tap.ts";
import { HeadGrid } from "./head_grid.ts";
import { RowPicker } from "./row_picker.ts";

const GRID = new HeadGrid(
  [[16, 12, 8], [8, 6, 16]].map(([columns, rows, stride]) => ({
    columns: columns!,
    rows: rows!,
    stride: stride!,
    anchors: 1,
    anchorMajor: true,
  })),
  0.5,
);

/** Rows with scores; NaN leaves a row out, as decoding does. */
function scored(scores: readonly number[]): Candidates {
  const out = candidatesView(new ArrayBuffer(candidatesBytes(GRID.rows)), 0, GRID.rows);
  for (const [row, score] of scores.entries()) {
    if (Number.isNaN(score)) continue;
    out.score[out.count] = score;
    out.anchorIndex[out.count++] = row;
  }
  return out;
}

function scoresBy(value: (row: number) => number): number[] {
  return Array.from({ length: GRID.rows }, (_, row) => value(row));
}

function pick(rule: TapRule, scores: readonly number[], seq = 0): (readonly [number, string])[] {
  const picker = new RowPicker(GRID);
  const count = picker.pick(scored(scores), rule, rule.nearPx ?? new Float32Array(0), seq);
  return Array.from({ length: count }, (_, i) => [
    picker.rows[i]!,
    TAP_REASONS[picker.reasons[i]!]!,
  ]);
}

const rules = fc.record({
  scoreMin: fc.option(fc.float({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
  hardest: fc.nat(300),
  random: fc.nat(300),
  seed: fc.nat(),
  boxes: fc.array(fc.tuple(fc.nat(120), fc.nat(90), fc.nat(60), fc.nat(60)), { maxLength: 3 }),
});
const scoreLists = fc.array(fc.float({ min: 0, max: 1, noNaN: true }), {
  minLength: GRID.rows,
  maxLength: GRID.rows,
});

Deno.test("RowPicker picks no row twice and what its rules say, best first", () => {
  fc.assert(
    fc.property(rules, scoreLists, fc.nat(), ({ boxes, scoreMin, ...rest }, scores, seq) => {
      const nearPx = Float32Array.from(
        boxes.flatMap(([x, y, w, h]) => [x, y, x + w + 1, y + h + 1]),
      );
      const rule = { ...rest, nearPx, ...(scoreMin === undefined ? {} : { scoreMin }) };
      const picked = pick(rule, scores, seq);
      const rows = picked.map(([row]) => row);
      assertEquals(new Set(rows).size, rows.length);
      assert(rows.every((row) => row >= 0 && row < GRID.rows));
      const of = (reason: string) => picked.filter((entry) => entry[1] === reason).map(([r]) => r);
      const taken = new Set([...of("near"), ...of("score")]);
      if (scoreMin !== undefined) {
        const wanted = scores.flatMap((score, row) => score >= Math.fround(scoreMin) ? [row] : []);
        assert(wanted.every((row) => taken.has(row)));
      }
      const left = scores.map((score, row) => ({ score, row })).filter(({ row }) => !taken.has(row))
        .sort((a, b) => b.score - a.score || a.row - b.row).map(({ row }) => row);
      assertEquals(of("hardest"), left.slice(0, rest.hardest));
      assertEquals(
        of("random").length,
        Math.min(rest.random, Math.max(0, left.length - rest.hardest)),
      );
    }),
    { seed: 11, numRuns: 150 },
  );
});

Deno.test("RowPicker draws the same for the same frame and another for the next", () => {
  const scores = scoresBy(() => 0.5);
  const rule = { random: 8 };
  assertEquals(pick(rule, scores, 5), pick(rule, scores, 5));
  const draws = new Set(Array.from({ length: 50 }, (_, seq) => String(pick(rule, scores, seq))));
  assertEquals(draws.size, 50);
  assert(String(pick({ ...rule, seed: 1 }, scores, 5)) !== String(pick(rule, scores, 5)));
});

Deno.test("RowPicker draws every row about equally often", () => {
  const scores = scoresBy(() => 0.5);
  const times = new Int32Array(GRID.rows);
  const frames = 3000;
  for (let seq = 0; seq < frames; seq++) {
    for (const [row] of pick({ random: 8 }, scores, seq)) times[row]!++;
  }
  const expected = 8 * frames / GRID.rows;
  // Chi-square with 239 degrees of freedom; its mean is 239 and 320 lies beyond 3.5 deviations.
  const chi2 = times.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
  assert(chi2 < 320 && chi2 > 160, `${chi2}`);
});

Deno.test("RowPicker takes the rows around the middle of a box, in every level", () => {
  const scores = scoresBy(() => 0);
  // Around the cell 5, 3 of the first level, whose centre is 44, 28.
  const picked = pick({ nearPx: new Float32Array([24, 8, 64, 48]) }, scores);
  assertEquals(picked.every(([, reason]) => reason === "near"), true);
  for (const [row] of picked) {
    const { x, y, stride } = GRID.pointOf(row);
    assert(Math.abs(x - 44) < 2.5 * stride && Math.abs(y - 28) < 2.5 * stride);
    assert(x > 24 && x < 64 && y > 8 && y < 48);
  }
  const levels = picked.map(([row]) => GRID.levelOf(row));
  assertEquals([levels.filter((l) => l === 0).length, levels.filter((l) => l === 1).length], [
    25,
    4,
  ]);
});

Deno.test("RowPicker takes the nearest row where a box holds no anchor point", () => {
  const picked = pick({ nearPx: new Float32Array([13, 13, 15, 14]) }, scoresBy(() => 0));
  assertEquals(picked, [[GRID.rowOf({ level: 0, x: 1, y: 1, anchor: 0 }), "near"]]);
});

Deno.test("RowPicker leaves out rows that have no score", () => {
  const scores = scoresBy((row) => row % 2 === 0 ? NaN : 0.5);
  const picked = pick({ scoreMin: 0.1, hardest: 500, random: 500 }, scores);
  assertEquals(picked.length, GRID.rows / 2);
  assert(picked.every(([row]) => row % 2 === 1));
});

Deno.test("RowPicker picks nothing without a rule", () => {
  assertEquals(pick({}, scoresBy(() => 1)), []);
});
