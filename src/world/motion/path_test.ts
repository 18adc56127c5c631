import { assertAlmostEquals, assertEquals } from "@std/assert";
import { Path, type PathPoint } from "./path.ts";

function at(path: Path, wayM: number): PathPoint {
  const point = { x: 0, y: 0, headingX: 0, headingY: 0 };
  path.placeInto(point, wayM);
  return point;
}

Deno.test("a straight path goes from point to point", () => {
  const path = new Path([[1, 2], [1, 12]]);
  assertEquals(path.lengthM, 10);
  assertEquals(at(path, 4), { x: 1, y: 6, headingX: 0, headingY: 1 });
  assertEquals(at(path, 12).y, 14, "beyond its end it goes straight on");
});

Deno.test("corners are rounded to both sides, and the path has no jumps", () => {
  for (const side of [-1, 1]) {
    const path = new Path([[0, 0], [0, 10], [side * 8, 10]], 2);
    assertAlmostEquals(path.lengthM, 8 + Math.PI + 6, 1e-9);
    const end = at(path, path.lengthM);
    assertAlmostEquals(end.x, side * 8, 1e-9);
    assertAlmostEquals(end.y, 10, 1e-9);
    assertAlmostEquals(end.headingX, side, 1e-9);
    let last = at(path, 0);
    for (let way = 0.05; way < path.lengthM; way += 0.05) {
      const next = at(path, way);
      const step = Math.sqrt((next.x - last.x) ** 2 + (next.y - last.y) ** 2);
      assertAlmostEquals(step, 0.05, 1e-4);
      assertAlmostEquals(next.headingX ** 2 + next.headingY ** 2, 1, 1e-9);
      last = next;
    }
  }
});

Deno.test("several corners follow each other", () => {
  const path = new Path([[0, 0], [4, 0], [4, 6], [9, 6], [9, 12]], 1);
  const end = at(path, path.lengthM);
  assertAlmostEquals(end.x, 9, 1e-9);
  assertAlmostEquals(end.y, 12, 1e-9);
});
