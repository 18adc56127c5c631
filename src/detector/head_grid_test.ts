import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { DetectorSpec } from "../core/detector_spec.ts";
import { FoveaError } from "../core/errors.ts";
import type { HeadLayout } from "../core/head_layout.ts";
import { makeAnchorGrid } from "./anchor_grid.ts";
import { HeadGrid, layOutGrid } from "./head_grid.ts";

const levels = fc.array(
  fc.record({
    columns: fc.integer({ min: 1, max: 9 }),
    rows: fc.integer({ min: 1, max: 9 }),
    stride: fc.constantFrom(8, 16, 32),
    anchors: fc.integer({ min: 1, max: 3 }),
    anchorMajor: fc.boolean(),
  }),
  { minLength: 1, maxLength: 4 },
);

Deno.test("HeadGrid maps every row to a cell of its own and back", () => {
  fc.assert(
    fc.property(levels, (list) => {
      const grid = new HeadGrid(list, 0.5);
      const seen = new Set<string>();
      for (let row = 0; row < grid.rows; row++) {
        const cell = grid.cellOf(row);
        assertEquals(grid.rowOf(cell), row);
        assertEquals(grid.levelOf(row), cell.level);
        seen.add(Object.values(cell).join());
      }
      assertEquals(seen.size, grid.rows);
    }),
    { seed: 3, numRuns: 100 },
  );
});

Deno.test("HeadGrid counts as anchor-free models do", () => {
  const strides = [8, 16, 32];
  const grid = new HeadGrid(
    strides.map((stride) => ({
      columns: Math.ceil(100 / stride),
      rows: Math.ceil(60 / stride),
      stride,
      anchors: 1,
      anchorMajor: true,
    })),
    0.5,
  );
  const known = makeAnchorGrid(100, 60, strides);
  assertEquals(grid.rows, known.stride.length);
  for (let row = 0; row < grid.rows; row++) {
    const { x, y } = grid.cellOf(row);
    assertEquals([x, y], [known.column[row]!, known.row[row]!]);
    const stride = known.stride[row]!;
    assertEquals(grid.pointOf(row), { x: (x + 0.5) * stride, y: (y + 0.5) * stride, stride });
  }
});

Deno.test("HeadGrid refuses rows and cells that are not there", () => {
  const level = { columns: 4, rows: 3, stride: 8, anchors: 2, anchorMajor: true };
  const grid = new HeadGrid([level], 0);
  for (const row of [-1, 24, 0.5, NaN]) assertThrows(() => grid.cellOf(row), RangeError);
  for (
    const cell of [
      { level: 1, x: 0, y: 0, anchor: 0 },
      { level: 0, x: 4, y: 0, anchor: 0 },
      { level: 0, x: 0, y: 3, anchor: 0 },
      { level: 0, x: 0, y: 0, anchor: 2 },
    ]
  ) assertThrows(() => grid.rowOf(cell), RangeError);
});

function layoutOf(...features: string[]): HeadLayout {
  return {
    layers: [],
    classCount: 2,
    activation: "sigmoid",
    predictions: null,
    levels: features.map((name) => ({
      classLayer: 0,
      objectnessLayer: null,
      features: name,
      logits: "",
      objectnessFeatures: null,
      objectnessLogits: null,
      anchors: 1,
      anchorMajor: true,
      channelsLast: false,
    })),
  };
}

const SPEC = { input: { width: 416, height: 300 }, options: {} } as unknown as DetectorSpec;

Deno.test("layOutGrid() works out cell sizes, cut-off cells at the edges included", () => {
  const dims = { a: [1, 64, 38, 52], b: [1, 64, 19, 26], c: [1, 64, 5, 7] };
  const grid = layOutGrid(layoutOf("a", "b", "c"), dims, SPEC, 38 * 52 + 19 * 26 + 5 * 7);
  assertEquals(grid.levels.map(({ stride, columns, rows }) => [stride, columns, rows]), [
    [8, 52, 38],
    [16, 26, 19],
    [64, 7, 5],
  ]);
});

Deno.test("layOutGrid() gives queries no place", () => {
  const grid = layOutGrid(layoutOf("q"), { q: [1, 300, 256] }, SPEC, 300);
  assertEquals(grid.cellOf(299), { level: 0, x: 299, y: 0, anchor: 0 });
  assertEquals(grid.pointOf(0), { x: NaN, y: NaN, stride: NaN });
});

Deno.test("layOutGrid() refuses a head whose cells are not the model's rows", () => {
  const error = assertThrows(
    () => layOutGrid(layoutOf("a"), { a: [1, 64, 38, 52] }, SPEC, 300),
    FoveaError,
    "its levels have 1976 cells, the model's output has 300 rows",
  );
  assertEquals(error.code, "HEAD_UNSUPPORTED");
});
