import { assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import fc from "fast-check";
import { makeNoise } from "../../tests/conformance/drift_cases.ts";
import { Kswin } from "./kswin.ts";

Deno.test("with half a window of new values its level is the two-sample distance", () => {
  const values = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 40, maxLength: 40 });
  fc.assert(
    fc.property(values, (values) => {
      // As many older values as are drawn: chance has no say.
      const detector = new Kswin({ window: 40, recent: 20, alpha: 0.01 });
      for (const value of values) detector.observe(value);
      const [older, newer] = [values.slice(0, 20), values.slice(20)];
      const distance = Math.max(...values.map((at) => {
        const [a, b] = [older, newer].map((part) => part.filter((value) => value <= at).length);
        return Math.abs(a! - b!) / 20;
      }));
      assertAlmostEquals(detector.level, distance / Math.sqrt(-Math.log(0.01) / 20), 1e-12);
    }),
    { seed: 1, numRuns: 300 },
  );
});

Deno.test("older values are drawn evenly and without putting back", () => {
  // One of 70 older values is large. With 30 drawn, it is among them 30 times in 70.
  let drawn = 0;
  for (let seed = 0; seed < 700; seed++) {
    const detector = new Kswin({ seed, alpha: 0.5 });
    const place = seed % 70;
    for (let i = 0; i < 100; i++) detector.observe(i === place ? 1 : 0);
    const distance = detector.level * Math.sqrt(-Math.log(0.5) / 30);
    assertEquals(distance < 1e-12 || Math.abs(distance - 1 / 30) < 1e-12, true);
    if (distance > 1e-12) drawn++;
  }
  assertAlmostEquals(drawn / 700, 30 / 70, 0.06);
});

Deno.test("a change of spread alone is found", () => {
  const next = makeNoise(2);
  const detector = new Kswin({ window: 300, recent: 100, alpha: 1e-5 });
  const states = Array.from({ length: 1000 }, (_, i) => {
    return detector.observe((next() - 0.5) * (i < 600 ? 1 : 8));
  });
  const at = states.indexOf("drift");
  assertEquals(at > 600 && at < 700, true);
});

Deno.test("after a drift the newest values are kept and the window fills again", () => {
  const detector = new Kswin();
  const states = Array.from({ length: 300 }, (_, i) => detector.observe(i < 200 ? 0 : 1));
  const at = states.indexOf("drift");
  assertEquals(at, 216);
  assertEquals(states.slice(at + 1, at + 70).every((state) => state === "warming"), true);
  assertEquals(states[at + 70], "stable");
});

Deno.test("bad options are refused", () => {
  for (
    const options of [
      { alpha: 0 },
      { alpha: 1 },
      { window: 3 },
      { window: 40, recent: 21 },
      { recent: 1 },
      { seed: -1 },
      { seed: 2 ** 32 },
      { seed: 0.5 },
      { alpha: 1e-9, recent: 10 },
    ]
  ) assertThrows(() => new Kswin(options), RangeError, "Cannot watch");
  assertLess(new Kswin({ seed: 0 }).level, 1);
});
