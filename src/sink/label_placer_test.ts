import { assertEquals, assertGreaterOrEqual, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import type { Rect } from "./canvas.ts";
import { type LabelPlace, LabelPlacer } from "./label_placer.ts";

const BOUNDS: Rect = { x1: 0, y1: 0, x2: 200, y2: 100 };

function box(x1: number, y1: number, x2: number, y2: number): Rect {
  return { x1, y1, x2, y2 };
}

function rectOf(place: LabelPlace | null): Rect | null {
  return place?.rect ?? null;
}

Deno.test("LabelPlacer puts a label above its box, at the left", () => {
  const placer = new LabelPlacer(BOUNDS);
  assertEquals(rectOf(placer.place(box(40, 40, 90, 80), 30, 10)), box(40, 30, 70, 40));
});

Deno.test("LabelPlacer goes inside a box that touches the top", () => {
  const placer = new LabelPlacer(BOUNDS);
  assertEquals(rectOf(placer.place(box(40, 4, 90, 80), 30, 10)), box(40, 4, 70, 14));
});

Deno.test("LabelPlacer moves a label inside at the right edge", () => {
  const placer = new LabelPlacer(BOUNDS);
  assertEquals(rectOf(placer.place(box(190, 40, 200, 80), 30, 10)), box(170, 30, 200, 40));
});

Deno.test("LabelPlacer goes below a box that is covered at the top", () => {
  const placer = new LabelPlacer(BOUNDS);
  placer.block(box(0, 0, 200, 60));
  assertEquals(rectOf(placer.place(box(40, 40, 90, 80), 30, 10)), box(40, 80, 70, 90));
});

Deno.test("LabelPlacer keeps labels off other boxes, and off a small box of its own", () => {
  const [small, other] = [box(40, 40, 60, 60), box(30, 20, 120, 40)];
  const placer = new LabelPlacer(BOUNDS, [small, other]);
  assertEquals(rectOf(placer.place(small, 30, 10)), box(40, 60, 70, 70));
});

Deno.test("LabelPlacer hides as little as it can where it must hide something", () => {
  const own = box(80, 40, 100, 60);
  const walls = [
    box(0, 0, 200, 40),
    box(0, 60, 200, 100),
    box(0, 40, 70, 60),
    box(112, 40, 200, 60),
  ];
  const place = new LabelPlacer(BOUNDS, [own, ...walls]).place(own, 16, 10);
  // To the right 4 columns of 16 are hidden, to the left 6, everywhere else all of it.
  assertEquals(rectOf(place), box(100, 40, 116, 50));
});

Deno.test("LabelPlacer tries the place that it is told to try first", () => {
  const own = box(40, 40, 60, 60);
  const first = new LabelPlacer(BOUNDS, [own]).place(own, 30, 10, 3);
  assertEquals(first, { rect: box(30, 60, 60, 70), side: 3 });
  const blocked = new LabelPlacer(BOUNDS, [own]);
  blocked.block(box(0, 60, 200, 100));
  assertEquals(blocked.place(own, 30, 10, 3), { rect: box(40, 30, 70, 40), side: 0 });
});

Deno.test("LabelPlacer leaves out what fits nowhere", () => {
  const placer = new LabelPlacer(BOUNDS);
  assertEquals(placer.place(box(0, 0, 10, 10), 300, 10), null);
  assertEquals(placer.place(box(0, 0, 10, 10), 30, 300), null);
  placer.block(BOUNDS);
  assertEquals(rectOf(placer.place(box(40, 40, 90, 80), 30, 10)), null);
});

Deno.test("LabelPlacer labels never cover each other, stay inside and start at even pixels", () => {
  const edge = fc.integer({ min: 0, max: 50 }).map((half) => 2 * half);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(edge, edge, edge, edge), { maxLength: 40 }),
      fc.integer({ min: 50, max: 230 }),
      (corners, width) => {
        const bounds = { ...BOUNDS, x2: width };
        const placer = new LabelPlacer(bounds);
        const placed = corners.flatMap(([x1, y1, w, h]) => {
          return rectOf(placer.place(box(x1, y1, x1 + w + 2, Math.min(100, y1 + h + 2)), 34, 12)) ??
            [];
        });
        for (const [i, a] of placed.entries()) {
          assertEquals([a.x1 % 2, a.y1 % 2, a.x2 - a.x1, a.y2 - a.y1], [0, 0, 34, 12]);
          assertGreaterOrEqual(Math.min(a.x1, a.y1), 0);
          assertLessOrEqual(a.x2, bounds.x2);
          assertLessOrEqual(a.y2, bounds.y2);
          for (const b of placed.slice(i + 1)) {
            assertEquals(a.x1 < b.x2 && b.x1 < a.x2 && a.y1 < b.y2 && b.y1 < a.y2, false);
          }
        }
      },
    ),
    { seed: 1 },
  );
});
