import { assertEquals, assertGreater } from "@std/assert";
import fc from "fast-check";
import { PresentationClock, TICKS_PER_SECOND } from "./presentation_clock.ts";

const TICKS_PER_MS = TICKS_PER_SECOND / 1000;

function timesMs(clock: PresentationClock, ptsMs: readonly number[]): number[] {
  return ptsMs.map((pts) => clock.next(pts) / TICKS_PER_MS);
}

Deno.test("PresentationClock starts at 0 and keeps gaps", () => {
  const clock = new PresentationClock(25);
  assertEquals(timesMs(clock, [5_000, 5_040, 5_075, 9_000]), [0, 40, 75, 4_000]);
  assertEquals(clock.periodTicks, 3_925 * TICKS_PER_MS);
});

Deno.test("PresentationClock goes on by one period where time falls back", () => {
  const clock = new PresentationClock(25);
  assertEquals(timesMs(clock, [0, 40, 80, 0, 40, 100]), [0, 40, 80, 120, 160, 220]);
});

Deno.test("PresentationClock goes on where time stands still, from the first picture on", () => {
  assertEquals(timesMs(new PresentationClock(50), [7, 7, 7]), [0, 20, 40]);
});

Deno.test("PresentationClock is exact for 29.97 pictures a second", () => {
  const clock = new PresentationClock(30_000 / 1_001);
  const ticks = Array.from({ length: 1_000 }, (_, i) => clock.next(i * 1001 / 30));
  assertEquals(ticks.at(-1), 999 * 2_002);
});

Deno.test("PresentationClock always rises, whatever the stream says", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { minLength: 2 }),
      fc.integer({ min: 1, max: 240 }),
      (ptsMs, fps) => {
        const clock = new PresentationClock(fps);
        let last = -1;
        for (const pts of ptsMs) {
          const ticks = clock.next(pts);
          assertGreater(ticks, last);
          assertGreater(clock.periodTicks, 0);
          last = ticks;
        }
      },
    ),
    { seed: 1 },
  );
});
