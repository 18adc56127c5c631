import { assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import fc from "fast-check";
import { KalmanBoxFilter } from "./kalman_box_filter.ts";

type Quad = readonly [number, number, number, number];

function boxOf(filter: KalmanBoxFilter): number[] {
  return [filter.x1, filter.y1, filter.x2, filter.y2];
}

function assertNear(actual: readonly number[], expected: readonly number[], tolerance: number) {
  for (const [i, value] of expected.entries()) assertAlmostEquals(actual[i]!, value, tolerance);
}

const anyBox = fc.tuple(
  fc.double({ min: -100, max: 500, noNaN: true }),
  fc.double({ min: -100, max: 500, noNaN: true }),
  fc.double({ min: 5, max: 200, noNaN: true }),
  fc.double({ min: 5, max: 200, noNaN: true }),
).map(([x, y, width, height]): Quad => [x, y, x + width, y + height]);

const anyDelta = fc.double({ min: 1, max: 500, noNaN: true });

Deno.test("KalmanBoxFilter predicts a sum of times as one time", () => {
  fc.assert(
    fc.property(anyBox, anyDelta, anyDelta, anyBox, (box, first, second, next) => {
      const [whole, parts] = [new KalmanBoxFilter(), new KalmanBoxFilter()];
      for (const filter of [whole, parts]) {
        filter.start(...box);
        filter.holdSize();
      }
      whole.predict(first + second);
      parts.predict(first);
      parts.predict(second);
      assertNear(boxOf(parts), boxOf(whole), 1e-9);
      // Where the uncertainty is the same too, a measurement moves both alike.
      whole.correct(...next);
      parts.correct(...next);
      assertNear(boxOf(parts), boxOf(whole), 1e-6);
    }),
    { seed: 2001, numRuns: 200 },
  );
});

Deno.test("KalmanBoxFilter does not care where the origin is, or how large a pixel", () => {
  const moves = fc.array(
    fc.record({ deltaMs: anyDelta, dx: fc.double({ min: -5, max: 5, noNaN: true }) }),
    { minLength: 1, maxLength: 8 },
  );
  const scale = fc.double({ min: 1, max: 8, noNaN: true });
  fc.assert(
    fc.property(anyBox, moves, scale, fc.integer({ min: -300, max: 300 }), (box, steps, k, by) => {
      const map = (value: number): number => k * value + by;
      const mapped = box.map(map) as unknown as Quad;
      const [plain, moved] = [new KalmanBoxFilter(), new KalmanBoxFilter()];
      plain.start(...box);
      moved.start(...mapped);
      for (const { deltaMs, dx } of steps) {
        const seen = box.map((value) => value + dx) as unknown as Quad;
        plain.predict(deltaMs);
        moved.predict(deltaMs);
        plain.correct(...seen);
        moved.correct(...(seen.map(map) as unknown as Quad));
      }
      assertNear(boxOf(moved), boxOf(plain).map(map), 1e-6);
    }),
    { seed: 2017, numRuns: 100 },
  );
});

Deno.test("KalmanBoxFilter learns a constant velocity at any frame rate", () => {
  for (const deltaMs of [10, 33, 40, 125, 500]) {
    const filter = new KalmanBoxFilter();
    filter.start(100, 100, 160, 200);
    let x = 100;
    for (let ms = 0; ms < 5_000; ms += deltaMs) {
      x += 0.02 * deltaMs;
      filter.predict(deltaMs);
      filter.correct(x, 100, x + 60, 200);
    }
    filter.predict(1_000);
    assertNear(boxOf(filter), [x + 20, 100, x + 80, 200], 1.5);
  }
});

Deno.test("KalmanBoxFilter counts a weak detection less", () => {
  const moves = [1, 0.5, 0.2].map((score) => {
    const filter = new KalmanBoxFilter();
    filter.start(0, 0, 40, 80);
    filter.predict(40);
    filter.correct(10, 0, 50, 80, score);
    return filter.x1;
  });
  assertGreater(moves[0]!, moves[1]!);
  assertGreater(moves[1]!, moves[2]!);
  assertGreater(moves[2]!, 0);
  assertLess(moves[0]!, 10);
});

Deno.test("KalmanBoxFilter holds the size of what is out of sight", () => {
  const filter = new KalmanBoxFilter();
  filter.start(100, 100, 140, 180);
  for (let i = 1; i <= 20; i++) {
    filter.predict(40);
    filter.correct(100 + 2 * i, 100, 140 + 4 * i, 180 + 2 * i);
  }
  filter.holdSize();
  const size = [filter.x2 - filter.x1, filter.y2 - filter.y1];
  const before = filter.x1;
  filter.predict(400);
  assertNear([filter.x2 - filter.x1, filter.y2 - filter.y1], size, 1e-9);
  assertGreater(filter.x1, before + 10);
});

Deno.test("KalmanBoxFilter never turns a box around", () => {
  const filter = new KalmanBoxFilter();
  filter.start(100, 100, 160, 160);
  for (let i = 1; i <= 10; i++) {
    filter.predict(40);
    filter.correct(100 + 3 * i, 100 + 3 * i, 160 - 3 * i, 160 - 3 * i);
  }
  filter.predict(10_000);
  assertGreater(filter.x2, filter.x1);
  assertGreater(filter.y2, filter.y1);
  filter.start(5, 5, 5, 5);
  filter.predict(40);
  filter.correct(5, 5, 5, 5);
  assertGreater(filter.y2, filter.y1);
});

Deno.test("KalmanBoxFilter tells the area it shares with a box", () => {
  const filter = new KalmanBoxFilter();
  filter.start(0, 0, 10, 20);
  assertEquals(filter.areaSharedWith([9, 9, 5, 15, 30, 30], 2), 25);
  assertEquals(filter.areaSharedWith([10, 0, 20, 20], 0), 0);
});
