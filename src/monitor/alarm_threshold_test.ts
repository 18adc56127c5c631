import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { thresholdFor } from "./alarm_threshold.ts";

/** Normal numbers with memory, by the sum of twelve uniform ones; always the same. */
function* stream(seed: number, memory: number): Generator<number> {
  let [state, value] = [seed, 0];
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
  const fresh = Math.sqrt(1 - memory * memory);
  for (;;) {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += random();
    value = memory * value + fresh * sum;
    yield value;
  }
}

function take(from: Generator<number>, count: number): number[] {
  return Array.from({ length: count }, () => from.next().value!);
}

function standardised(values: readonly number[]): number[] {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const deviation = Math.sqrt(
    values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length,
  );
  return values.map((x) => (x - mean) / deviation);
}

const BUDGET = { alarmsPerDay: 10, framesPerDay: 864_000, slack: 1 };

Deno.test("rarer alarms need a higher threshold", () => {
  const z = standardised(take(stream(7, 0.5), 500));
  const thresholds = [5000, 500, 50, 5, 0.5].map((alarmsPerDay) =>
    thresholdFor(z, { ...BUDGET, alarmsPerDay })
  );
  for (const [i, threshold] of thresholds.slice(1).entries()) {
    assertGreater(threshold, thresholds[i]!);
  }
});

Deno.test("the same warm-up gives the same threshold", () => {
  const z = standardised(take(stream(3, 0.2), 300));
  assertEquals(thresholdFor(z, BUDGET), thresholdFor([...z], BUDGET));
});

Deno.test("a signal with memory needs a higher threshold than one without", () => {
  const plain = thresholdFor(standardised(take(stream(5, 0), 1000)), BUDGET);
  const lasting = thresholdFor(standardised(take(stream(5, 0.8), 1000)), BUDGET);
  assertGreater(lasting, 2 * plain);
});

Deno.test("alarms come about as rarely as asked for: within a factor of twenty, rather too few", () => {
  for (const memory of [0, 0.5, 0.8]) {
    const source = stream(11, memory);
    const warmUp = take(source, 1000);
    const mean = warmUp.reduce((sum, x) => sum + x, 0) / warmUp.length;
    const deviation = Math.sqrt(
      warmUp.reduce((sum, x) => sum + (x - mean) ** 2, 0) / warmUp.length,
    );
    const threshold = thresholdFor(warmUp.map((x) => (x - mean) / deviation), BUDGET);
    let [statistic, alarms] = [0, 0];
    for (const value of take(source, 864_000)) {
      statistic = Math.max(0, statistic + (value - mean) / deviation - 1);
      if (statistic <= threshold) continue;
      alarms++;
      statistic = 0;
    }
    assertLess(alarms, 200, `memory ${memory}`);
  }
});

Deno.test("no warm-up, or a still one, gives a threshold all the same", () => {
  assertEquals(thresholdFor([], BUDGET), 0);
  assertEquals(thresholdFor(Array(100).fill(0), BUDGET), 0);
});
