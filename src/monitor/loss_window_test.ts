import { assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import fc from "fast-check";
import { lossOver, studentQuantile } from "./loss_window.ts";

Deno.test("lossOver() is the ratio of the sums", () => {
  const { value, frames, targets } = lossOver([{ sum: 3, targets: 2 }, { sum: 1, targets: 6 }]);
  assertEquals([value, frames, targets], [0.5, 2, 8]);
});

Deno.test("lossOver() of frames without targets divides by one", () => {
  assertEquals(lossOver([{ sum: 0.25, targets: 0 }, { sum: 0.5, targets: 0 }]).value, 0.75);
});

Deno.test("equal frames leave no doubt, one frame leaves all", () => {
  const certain = lossOver(Array(10).fill({ sum: 0.4, targets: 2 })).interval;
  assertAlmostEquals(certain.high - certain.low, 0, 1e-12);
  const single = lossOver([{ sum: 0.4, targets: 2 }]).interval;
  assertEquals([single.low, single.high], [0, Number.MAX_VALUE]);
});

Deno.test("the interval holds the value and is never below 0", () => {
  const frame = fc.record({
    sum: fc.double({ min: 0, max: 50, noNaN: true }),
    targets: fc.nat({ max: 20 }),
  });
  fc.assert(fc.property(fc.array(frame, { minLength: 1, maxLength: 40 }), (frames) => {
    const { value, interval } = lossOver(frames);
    assertEquals(interval.low >= 0 && interval.low <= value && value <= interval.high, true);
  }));
});

Deno.test("about 95 of 100 intervals hold the true ratio", () => {
  // A fixed linear congruential generator: the same hundred samples every time.
  let state = 12345;
  const random = () => (state = (state * 1103515245 + 12345) % 2 ** 31) / 2 ** 31;
  let held = 0;
  for (let sample = 0; sample < 400; sample++) {
    const frames = Array.from({ length: 20 }, () => {
      const targets = 1 + Math.floor(5 * random());
      return { targets, sum: targets * 0.5 * (random() + random()) };
    });
    const { low, high } = lossOver(frames).interval;
    if (low <= 0.5 && 0.5 <= high) held++;
  }
  assertGreater(held / 400, 0.91);
  assertLess(held / 400, 0.985);
});

Deno.test("studentQuantile() agrees with tables", () => {
  const table = [[1, 12.706], [2, 4.303], [3, 3.182], [5, 2.571], [10, 2.228], [30, 2.042]];
  for (const [degrees, wanted] of table) {
    assertAlmostEquals(studentQuantile(degrees!) / wanted!, 1, 0.01);
  }
});
