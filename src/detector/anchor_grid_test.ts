import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { makeAnchorGrid, matchGrid } from "./anchor_grid.ts";

Deno.test("makeAnchorGrid() lists cells level by level, row by row", () => {
  const grid = makeAnchorGrid(48, 32, [16, 32]);
  assertEquals([...grid.column], [0, 1, 2, 0, 1, 2, 0, 1]);
  assertEquals([...grid.row], [0, 0, 0, 1, 1, 1, 0, 0]);
  assertEquals([...grid.stride], [16, 16, 16, 16, 16, 16, 32, 32]);
});

Deno.test("matchGrid() knows the rows of published models", () => {
  const cases = [
    [8400, 640, 640, [8, 16, 32], 1],
    [25200, 640, 640, [8, 16, 32], 3],
    [3549, 416, 416, [8, 16, 32], 1],
    [2100, 320, 320, [8, 16, 32], 1],
    [2125, 320, 320, [8, 16, 32, 64], 1],
    [3598, 416, 416, [8, 16, 32, 64], 1],
    [102000, 1280, 1280, [8, 16, 32, 64], 3],
    [34000, 640, 640, [4, 8, 16, 32], 1],
    [2535, 416, 416, [16, 32], 3],
    [5040, 640, 384, [8, 16, 32], 1],
  ] as const;
  for (const [rows, width, height, strides, anchors] of cases) {
    assertEquals(matchGrid(rows, width, height), { strides, anchors });
  }
  for (const rows of [300, 100, 900, 8401, 0, 1]) assertEquals(matchGrid(rows, 640, 640), null);
});

Deno.test("matchGrid() finds strides that give as many rows as were asked for", () => {
  const side = fc.integer({ min: 1, max: 40 }).map((n) => 32 * n);
  fc.assert(
    fc.property(side, side, fc.integer({ min: 1, max: 40_000 }), (width, height, rows) => {
      const match = matchGrid(rows, width, height);
      if (match === null) return;
      const { stride } = makeAnchorGrid(width, height, match.strides);
      assertEquals(stride.length * match.anchors, rows);
    }),
    { seed: 1 },
  );
});
