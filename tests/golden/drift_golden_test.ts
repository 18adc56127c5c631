// Goal: drift where River says drift, on the streams that it documents. drift_golden.py made them.
import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { Adwin, type DriftDetector, Kswin, PageHinkley } from "../../src/monitor/mod.ts";
import { driftsOf } from "../conformance/drift_cases.ts";

interface GoldenStream {
  /** One digit for each value. */
  readonly values: string;
  readonly drifts: Readonly<Record<string, readonly number[]>>;
}

const golden = JSON.parse(
  await Deno.readTextFile(new URL("./drift_golden.json", import.meta.url)),
) as Record<string, GoldenStream>;

/** Detectors with River's defaults, and those of its example for KSWIN but for the seed. */
const DETECTORS: Readonly<Record<string, () => DriftDetector>> = {
  "adwin": () => new Adwin({ delta: 0.002, every: 32, sideMin: 5 }),
  "page-hinkley": () => new PageHinkley({ warmup: 30, slack: 0.005, threshold: 50 }),
  "kswin": () => new Kswin({ alpha: 0.0001, window: 100, recent: 30, seed: 1 }),
};

for (const [name, { values, drifts }] of Object.entries(golden)) {
  for (const [kind, places] of Object.entries(drifts)) {
    Deno.test(`${kind} says drift where River does, on its ${name} stream`, () => {
      const stream = [...values].map(Number);
      assertEquals(stream.length, 2000);
      assertEquals(driftsOf(DETECTORS[kind]!(), stream), [...places]);
    });
  }
}

Deno.test("kswin says drift by that place whatever it draws from the older values", () => {
  // With the seventeenth of thirty new values the distance is too large for any draw.
  const stream = [...golden["documented"]!.values].map(Number);
  let falseAlarms = 0;
  for (let seed = 0; seed < 50; seed++) {
    const drifts = driftsOf(new Kswin({ seed }), stream);
    const found = drifts.filter((at) => at >= 1000);
    assertEquals(found.length, 1);
    assert(found[0]! >= 1008 && found[0]! <= 1016, `seed ${seed}: ${drifts}`);
    falseAlarms += drifts.length - 1;
  }
  assertLessOrEqual(falseAlarms, 5);
});
