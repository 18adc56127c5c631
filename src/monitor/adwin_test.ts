import { assert, assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import fc from "fast-check";
import { makeNoise } from "../../tests/conformance/drift_cases.ts";
import { Adwin } from "./adwin.ts";

/** Coins that show 1 with this chance. */
function tossCoins(count: number, chance: number, next: () => number): number[] {
  return Array.from({ length: count }, () => next() < chance ? 1 : 0);
}

Deno.test("false alarms are no more frequent than delta", () => {
  for (const delta of [0.05, 0.3]) {
    for (const chance of [0.05, 0.5]) {
      const next = makeNoise(7);
      let looks = 0;
      let alarms = 0;
      for (let stream = 0; stream < 200; stream++) {
        const detector = new Adwin({ delta });
        for (const value of tossCoins(1024, chance, next)) {
          if (detector.observe(value) === "drift") alarms++;
        }
        looks += 1024 / 32;
      }
      assert(alarms <= delta * looks, `${alarms} alarms in ${looks} looks with delta ${delta}`);
      // A stream of a minute keeps its whole window, nearly always.
      assertLess(alarms, delta * 200);
    }
  }
});

Deno.test("every one of several changes is found, and the window is the newest part", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1e6 }),
      fc.array(fc.integer({ min: 400, max: 900 }), { minLength: 2, maxLength: 5 }),
      (seed, lengths) => {
        const next = makeNoise(seed);
        const detector = new Adwin();
        lengths.forEach((length, part) => {
          const chance = part % 2 === 0 ? 0.15 : 0.85;
          const states = tossCoins(length, chance, next).map((value) => detector.observe(value));
          if (part > 0) assert(states.slice(0, 64).includes("drift"), `${part} of ${lengths}`);
          assertAlmostEquals(detector.mean, chance, 0.12);
          assertLess(detector.width, length + 40);
        });
      },
    ),
    { seed: 1, numRuns: 40 },
  );
});

Deno.test("values may have any unit, with the range told", () => {
  const next = makeNoise(3);
  const values = [...tossCoins(500, 0.2, next), ...tossCoins(500, 0.7, next)];
  const [small, large] = [new Adwin(), new Adwin({ range: 1024 })];
  for (const value of values) {
    assertEquals(large.observe(1024 * value), small.observe(value));
    assertEquals(large.width, small.width);
  }
});

Deno.test("directions report one side, but the window is cut on both", () => {
  const next = makeNoise(5);
  const falls = [...tossCoins(400, 0.9, next), ...tossCoins(400, 0.1, next)];
  const [rise, fall] = [new Adwin({ direction: "rise" }), new Adwin({ direction: "fall" })];
  assertEquals(falls.some((value) => rise.observe(value) === "drift"), false);
  assertEquals(falls.some((value) => fall.observe(value) === "drift"), true);
  assertLess(rise.width, 440);
});

Deno.test("bad options are refused", () => {
  for (
    const options of [
      { delta: 0 },
      { delta: 1 },
      { delta: NaN },
      { range: 0 },
      { every: 0 },
      { every: 1.5 },
      { sideMin: 0 },
      { direction: "up" as never },
    ]
  ) assertThrows(() => new Adwin(options), RangeError, "Cannot watch");
});
