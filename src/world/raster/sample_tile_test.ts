import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { SampleTile } from "./sample_tile.ts";
import { ScreenTriangles } from "./screen_triangles.ts";

const SIDE = 24;
const AREA = { x0: 0, y0: 0, x1: SIDE, y1: SIDE };

type Corner = readonly [x: number, y: number];

function trianglesOf(...list: readonly (readonly [Corner, Corner, Corner, number?])[]) {
  const triangles = new ScreenTriangles();
  for (const [a, b, c, depth = 1] of list) {
    triangles.setCorner(0, a[0], a[1], 1 / depth, 0x102030);
    triangles.setCorner(1, b[0], b[1], 1 / depth, 0x102030);
    triangles.setCorner(2, c[0], c[1], 1 / depth, 0x102030);
  }
  return triangles;
}

/** On which side of the line from a to b a point lies. */
function side(a: Corner, b: Corner, x: number, y: number): number {
  return (b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]);
}

const corner = fc.tuple(
  fc.double({ min: -10, max: SIDE + 10, noNaN: true }),
  fc.double({ min: -10, max: SIDE + 10, noNaN: true }),
);

Deno.test("a tile covers the samples whose centres lie in the triangle", () => {
  const tile = new SampleTile();
  fc.assert(
    fc.property(corner, corner, corner, fc.constantFrom(1, 2, 4), (a, b, c, samples) => {
      tile.clearExtent();
      tile.draw(trianglesOf([a, b, c]), AREA, samples);
      const columns = SIDE * samples;
      for (let row = 0; row < columns; row++) {
        for (let column = 0; column < columns; column++) {
          const [x, y] = [(column + 0.5) / samples, (row + 0.5) / samples];
          const sides = [side(a, b, x, y), side(b, c, x, y), side(c, a, x, y)];
          // On an edge either answer is right.
          if (sides.some((value) => Math.abs(value) < 1e-6)) continue;
          const inside = sides.every((v) => v > 0) || sides.every((v) => v < 0);
          assertEquals(tile.w[row * columns + column]! > 0, inside, `${x} ${y}`);
        }
      }
    }),
    { seed: 5, numRuns: 60 },
  );
});

Deno.test("two triangles with a common edge leave no gap and share no sample", () => {
  const tile = new SampleTile();
  fc.assert(
    fc.property(corner, corner, (a, c) => {
      const [low, high]: [Corner, Corner] = [[-100, -100], [100, 130]];
      // Two halves of the plane, cut from a corner far above to one far below.
      const halves = [
        trianglesOf([low, [400 + a[0], -300], high]),
        trianglesOf([low, high, [-400 + c[0], 300]]),
      ];
      const covered = halves.map((half) => {
        tile.draw(half, AREA, 2);
        return Array.from(tile.w.subarray(0, 4 * SIDE * SIDE), (w) => w > 0);
      });
      covered[0]!.forEach((first, i) => assert(first !== covered[1]![i]));
    }),
    { seed: 6, numRuns: 30 },
  );
});

Deno.test("the nearer triangle wins, whatever the order", () => {
  const square = (depth: number, color: number): ScreenTriangles => {
    const triangles = new ScreenTriangles();
    for (const [a, b, c] of [[[0, 0], [20, 0], [20, 20]], [[0, 0], [20, 20], [0, 20]]] as const) {
      triangles.setCorner(0, a[0], a[1], 1 / depth, color);
      triangles.setCorner(1, b[0], b[1], 1 / depth, color);
      triangles.setCorner(2, c[0], c[1], 1 / depth, color);
    }
    return triangles;
  };
  for (const order of [[3, 8], [8, 3]]) {
    const both = new ScreenTriangles();
    for (const depth of order) {
      const one = square(depth, depth);
      for (let i = 0; i < 6; i++) {
        const k = 3 * i;
        const corner = i % 3 as 0 | 1 | 2;
        both.setCorner(corner, one.corners[k]!, one.corners[k + 1]!, one.corners[k + 2]!, depth);
      }
    }
    const tile = new SampleTile();
    tile.draw(both, AREA, 2);
    assertEquals(tile.colors[2 * SIDE * 10 + 10], 3);
    assertAlmostEquals(tile.w[2 * SIDE * 10 + 10]!, 1 / 3, 1e-6);
  }
});

Deno.test("the extent is that of the covered samples, cut at the area", () => {
  const tile = new SampleTile();
  tile.clearExtent();
  tile.draw(trianglesOf([[2, 3], [40, 3], [2, 9.5]]), AREA, 2);
  assertEquals([tile.x0, tile.y0, tile.x1, tile.y1], [4, 6, 2 * SIDE - 1, 18]);
});

Deno.test("colours run evenly between corners", () => {
  const triangles = new ScreenTriangles();
  triangles.setCorner(0, 0, 0, 1, 0x000000);
  triangles.setCorner(1, SIDE, 0, 1, 0x0000ff);
  triangles.setCorner(2, 0, SIDE, 1, 0x00ff00);
  const tile = new SampleTile();
  tile.draw(triangles, AREA, 1);
  const color = tile.colors[SIDE * 4 + 8]!;
  assertAlmostEquals(color & 255, 255 * 8.5 / SIDE, 1.01);
  assertAlmostEquals(color >>> 8 & 255, 255 * 4.5 / SIDE, 1.01);
});
