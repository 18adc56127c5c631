import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { PlainPaint } from "./plain_paint.ts";
import { Ray } from "./ray.ts";
import { BlockSolid, ConvexSolid, LeafSolid, PostSolid, type Solid } from "./solids.ts";

const PAINT = new PlainPaint({ r: 1, g: 1, b: 1 });
const BOX = { x0: -1, x1: 2, y0: 3, y1: 5, z0: 0, z1: 4 };

function rayThrough(from: readonly number[], to: readonly number[]): Ray {
  const ray = new Ray();
  const [x, y, z] = from as [number, number, number];
  ray.aim(x, y, z, to[0]! - x, to[1]! - y, to[2]! - z);
  return ray;
}

function hit(solid: Solid, ray: Ray): number[] | null {
  solid.meet(ray);
  return ray.t === Infinity
    ? null
    : [ray.ox + ray.dx * ray.t, ray.oy + ray.dy * ray.t, ray.oz + ray.dz * ray.t];
}

function coordinate(low: number, high: number): fc.Arbitrary<number> {
  return fc.double({ min: low, max: high, noNaN: true });
}

/** The same block as the common part of six half spaces. */
function blockOfPlanes(): ConvexSolid {
  const side = (nx: number, ny: number, nz: number, d: number) => ({ nx, ny, nz, d });
  return new ConvexSolid(BOX, [
    side(-1, 0, 0, 1),
    side(1, 0, 0, 2),
    side(0, -1, 0, -3),
    side(0, 1, 0, 5),
    side(0, 0, -1, 0),
    side(0, 0, 1, 4),
  ], PAINT);
}

Deno.test("a ray to a point inside a block meets its surface from outside", () => {
  const from = fc.tuple(coordinate(-20, 20), coordinate(-20, 2.9), coordinate(-9, 20));
  const to = fc.tuple(coordinate(-0.9, 1.9), coordinate(3.1, 4.9), coordinate(0.1, 3.9));
  fc.assert(
    fc.property(from, to, (start, end) => {
      const ray = rayThrough(start, end);
      const [x, y, z] = hit(new BlockSolid(BOX, PAINT), ray) as [number, number, number];
      const out = Math.max(BOX.x0 - x, x - BOX.x1, BOX.y0 - y, y - BOX.y1, BOX.z0 - z, z - BOX.z1);
      assertAlmostEquals(out, 0, 1e-9);
      assert(ray.nx * ray.dx + ray.ny * ray.dy + ray.nz * ray.dz < 0, "the normal looks back");
      const same = rayThrough(start, end);
      assertAlmostEquals(hit(blockOfPlanes(), same)![0]!, x, 1e-9);
      assertAlmostEquals(same.t, ray.t, 1e-9);
    }),
    { seed: 4 },
  );
});

Deno.test("rays beside, away from and behind a nearer hit meet nothing", () => {
  const block = new BlockSolid(BOX, PAINT);
  assertEquals(hit(block, rayThrough([0, 0, 1], [9, 1, 1])), null);
  assertEquals(hit(block, rayThrough([0, 0, 1], [0, -1, 1])), null);
  const ray = rayThrough([0, 0, 1], [0, 1, 1]);
  ray.t = 2;
  block.meet(ray);
  assertEquals([ray.t, ray.solid], [2, null]);
});

Deno.test("a post is round, and thinner at the top by choice", () => {
  const post = new PostSolid({ x: 0, y: 5, z0: 0, z1: 4 }, 0.5, 0.25, PAINT);
  const low = rayThrough([0, 0, 0.001], [0, 1, 0.001]);
  assertAlmostEquals(hit(post, low)![1]!, 4.5, 1e-3);
  assertAlmostEquals(low.ny, -1, 1e-6);
  assertAlmostEquals(hit(post, rayThrough([0, 0, 3.999], [0, 1, 3.999]))![1]!, 4.75, 1e-3);
  assertEquals(hit(post, rayThrough([0, 0, 4.1], [0, 1, 4.1])), null);
  assertEquals(hit(post, rayThrough([0.6, 0, 1], [0.6, 1, 1])), null);
});

Deno.test("leaves stop about as many rays as their density says, and only inside their ball", () => {
  const center = { x: 0, y: 10, z: 3 };
  const leaves = { leafM: 0.05, density: 0.9, seed: 8 };
  const ball = new LeafSolid(center, 1, 0.8, leaves, PAINT);
  let middle = 0;
  let rim = 0;
  for (let i = 0; i < 400; i++) {
    const x = ((i % 20) / 20 - 0.5) * 0.5;
    const z = (Math.floor(i / 20) / 20 - 0.5) * 0.4;
    if (hit(ball, rayThrough([x, 0, 3 + z], [x, 1, 3 + z])) !== null) middle++;
    const edge = 0.98 * (i % 2 === 0 ? 1 : -1);
    const dz = (Math.floor(i / 2) / 200 - 0.5) * 0.1;
    if (hit(ball, rayThrough([edge, 0, 3 + dz], [edge, 1, 3 + dz])) !== null) rim++;
  }
  assert(middle > 340, `${middle}`);
  assert(rim < middle, `${rim}`);
  assertEquals(hit(ball, rayThrough([1.01, 0, 3], [1.01, 1, 3])), null);
});
