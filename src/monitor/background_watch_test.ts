import { assertAlmostEquals, assertEquals, assertNotEquals } from "@std/assert";
import { BackgroundWarmUp, BackgroundWatch } from "./background_watch.ts";

const ROWS = 100;

/** Scores that wobble between -0.5 and 0.5 nats around the row's own level, `moved` rows shifted. */
function logsAt(seq: number, moved = 0, shift = 0): Float32Array {
  return Float32Array.from({ length: ROWS }, (_, row) => {
    const wobble = ((seq * 7 + row * 13) % 11 - 5) / 10;
    return -6 - row % 5 + wobble + (row < moved ? shift : 0);
  });
}

function warmRange(frames = 300) {
  const warmUp = new BackgroundWarmUp();
  for (let seq = 0; seq < frames; seq++) warmUp.add(logsAt(seq));
  return warmUp.range!;
}

/** At which of the next frames it crosses first; -1 for never. */
function firstCrossing(
  watch: BackgroundWatch,
  frames: number,
  moved: number,
  shift: number,
): number {
  for (let i = 0; i < frames; i++) {
    if (watch.observe(logsAt(1000 + i, moved, shift)).isCrossing) return i;
  }
  return -1;
}

Deno.test("a range is rounded outwards", () => {
  const warmUp = new BackgroundWarmUp();
  warmUp.add(new Float32Array([-1.00049]));
  warmUp.add(new Float32Array([-1.00051]));
  assertEquals(warmUp.range, { low: [-1.001], high: [-1] });
});

Deno.test("frames without background make that there is no range", () => {
  const warmUp = new BackgroundWarmUp();
  assertEquals(warmUp.range, null);
  warmUp.add(logsAt(0));
  warmUp.add(null);
  assertEquals(warmUp.range, null);
});

Deno.test("a background that stays as it was is no drift", () => {
  assertEquals(firstCrossing(new BackgroundWatch(warmRange()), 5000, 0, 0), -1);
});

Deno.test("rows that leave their range for good are a drift within 75 frames, either way", () => {
  for (const shift of [-1.5, 1.5]) {
    const at = firstCrossing(new BackgroundWatch(warmRange()), 200, 30, shift);
    assertEquals(at, 70);
  }
});

Deno.test("few rows, small shifts and short visits are none", () => {
  assertEquals(firstCrossing(new BackgroundWatch(warmRange()), 500, 10, 3), -1);
  assertEquals(firstCrossing(new BackgroundWatch(warmRange()), 500, 100, 0.1), -1);
  const watch = new BackgroundWatch(warmRange());
  for (let visit = 0; visit < 10; visit++) {
    assertEquals(firstCrossing(watch, 60, 100, 3), -1);
    assertEquals(firstCrossing(watch, 20, 0, 0), -1);
  }
});

Deno.test("rows that jump from one side to the other are not outside for good", () => {
  const watch = new BackgroundWatch(warmRange());
  for (let i = 0; i < 400; i++) {
    const shift = Math.floor(i / 20) % 2 === 0 ? 3 : -3;
    assertEquals(watch.observe(logsAt(i, 100, shift)).isCrossing, false);
  }
});

Deno.test("a frame without background changes nothing", () => {
  const watch = new BackgroundWatch(warmRange());
  for (let i = 0; i < 100; i++) watch.observe(logsAt(i, 50, 2));
  const { value } = watch.observe(null).report;
  assertAlmostEquals(value, 0.5, 0.01);
  assertEquals(watch.observe(new Float32Array(3)).report.value, value);
});

Deno.test("a restored watch goes on as the first would have", () => {
  for (const cut of [3, 31, 67]) {
    const [whole, first, second] = [1, 2, 3].map(() => new BackgroundWatch(warmRange()));
    const all = Array.from({ length: 90 }, (_, i) => whole!.observe(logsAt(i, 40, 2)));
    for (let i = 0; i < cut; i++) first!.observe(logsAt(i, 40, 2));
    second!.restore(JSON.parse(JSON.stringify(first)));
    const after = Array.from({ length: 90 - cut }, (_, i) => {
      return second!.observe(logsAt(cut + i, 40, 2));
    });
    assertEquals(after, all.slice(cut));
    assertNotEquals(after.findIndex(({ isCrossing }) => isCrossing), -1);
  }
});
