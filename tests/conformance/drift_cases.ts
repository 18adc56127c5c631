import {
  assert,
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
  assertLess,
  assertThrows,
} from "@std/assert";
import fc from "fast-check";
import { FoveaError } from "../../src/core/errors.ts";
import {
  type DriftDetector,
  type DriftState,
  restoreDriftDetector,
} from "../../src/monitor/mod.ts";

/** Cases that an implementation does not pass, and why it need not. */
export interface SkippedDriftCases {
  readonly reason: string;
  readonly cases: readonly string[];
}

type DriftCase = (make: () => DriftDetector) => void;

/** Cases for every `DriftDetector`, by name. */
const CASES: Readonly<Record<string, DriftCase>> = {
  "warms up, then is stable": warmsUp,
  "says nothing about a quiet stream": staysQuiet,
  "says nothing about a constant stream": staysConstant,
  "finds a jump soon": findsJump,
  "finds every one of several jumps": findsJumps,
  "finds a slow ramp": findsRamp,
  "refuses what is no number, and is as it was": refusesNaN,
  "is as new after a reset": resets,
  "gives the same states for the same values": repeats,
  "goes on from JSON as if nothing had been": goesOnFromJson,
  "says drift where its level reaches 1": levels,
  "knows no more after a day than after an hour": staysSmall,
  "refuses damaged snapshots": refusesDamage,
};

/**
 * Registers the tests that every drift detector must pass. Streams have values within 0–3: noise of
 * mean 0.5 and deviation 0.29, with 1 added by a jump.
 *
 * @param label Name of the implementation, for the tests' names.
 * @param make Makes a detector that watches for rises of such streams.
 * @param skip What it need not pass.
 */
export function runDriftCases(
  label: string,
  make: () => DriftDetector,
  skip: readonly SkippedDriftCases[] = [],
): void {
  const reasons = new Map(skip.flatMap(({ reason, cases }) => cases.map((name) => [name, reason])));
  for (const name of reasons.keys()) {
    if (!(name in CASES)) throw new Error(`Cannot skip "${name}": there is no such case`);
  }
  for (const [name, run] of Object.entries(CASES)) {
    if (!reasons.has(name)) Deno.test(`${label}: ${name}`, () => run(make));
  }
}

/** Uniform noise within 0–1, the same for the same seed. */
export function makeNoise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function noise(count: number, seed: number, shift = 0): number[] {
  const next = makeNoise(seed);
  return Array.from({ length: count }, () => next() + shift);
}

/** Where a detector says drift. */
export function driftsOf(detector: DriftDetector, values: readonly number[]): number[] {
  return values.flatMap((value, i) => detector.observe(value) === "drift" ? [i] : []);
}

function warmsUp(make: () => DriftDetector): void {
  const detector = make();
  assertEquals(detector.observe(0.5), "warming");
  const states = noise(1000, 1).map((value) => detector.observe(value));
  assertEquals(states.at(-1), "stable");
  assertEquals(states.lastIndexOf("warming") + 1, states.indexOf("stable"));
}

function staysQuiet(make: () => DriftDetector): void {
  for (const seed of [1, 2, 3]) assertEquals(driftsOf(make(), noise(3000, seed)), []);
}

function staysConstant(make: () => DriftDetector): void {
  for (const value of [0, 0.3, 3]) assertEquals(driftsOf(make(), Array(2000).fill(value)), []);
}

function findsJump(make: () => DriftDetector): void {
  for (const seed of [1, 2, 3]) {
    const drifts = driftsOf(make(), [...noise(500, seed), ...noise(100, seed + 9, 1)]);
    assertGreater(drifts.length, 0);
    assertGreaterOrEqual(drifts[0]!, 500);
    assertLess(drifts[0]!, 550);
  }
}

function findsJumps(make: () => DriftDetector): void {
  const parts = [0, 1, 0, 1, 0, 1].map((shift, i) => noise(600, i + 1, shift));
  const drifts = driftsOf(make(), parts.flat());
  for (const start of [600, 1800, 3000]) {
    assert(drifts.some((at) => at >= start && at < start + 60), `${start}: ${drifts}`);
  }
}

function findsRamp(make: () => DriftDetector): void {
  const ramp = noise(1000, 2).map((value, i) => value + 0.002 * i);
  const [first] = driftsOf(make(), [...noise(500, 1), ...ramp]);
  assert(first !== undefined && first >= 500, `${first}`);
}

function refusesNaN(make: () => DriftDetector): void {
  for (const before of [0, 1, 37, 700]) {
    const [spoiled, untouched] = [make(), make()];
    for (const value of noise(before, 1)) {
      spoiled.observe(value);
      untouched.observe(value);
    }
    for (const bad of [NaN, Infinity, -Infinity, 1e101]) {
      assertThrows(() => spoiled.observe(bad), RangeError, "Cannot observe");
    }
    assertEquals(spoiled.toJSON(), untouched.toJSON());
  }
}

function resets(make: () => DriftDetector): void {
  const used = make();
  driftsOf(used, [...noise(500, 1), ...noise(99, 2, 1)]);
  used.reset();
  const fresh = make();
  assertEquals(used.toJSON(), fresh.toJSON());
  assertEquals(used.level, fresh.level);
  const values = [...noise(500, 3), ...noise(99, 4, 1)];
  assertEquals(driftsOf(used, values), driftsOf(fresh, values));
}

function repeats(make: () => DriftDetector): void {
  const values = [...noise(700, 5), ...noise(300, 6, 1), ...noise(300, 7)];
  const [first, second] = [make(), make()].map((detector) =>
    values.map((value): [DriftState, number] => [detector.observe(value), detector.level])
  );
  assertEquals(first, second);
}

function goesOnFromJson(make: () => DriftDetector): void {
  const values = [...noise(400, 8), ...noise(150, 9, 1), ...noise(150, 10)];
  fc.assert(
    fc.property(fc.nat(values.length), (stop) => {
      const before = make();
      for (const value of values.slice(0, stop)) before.observe(value);
      const after = restoreDriftDetector(JSON.parse(JSON.stringify(before)));
      assertEquals(after.kind, before.kind);
      assertEquals(after.level, before.level);
      assertEquals(after.toJSON(), before.toJSON());
      for (const value of values.slice(stop)) {
        assertEquals(after.observe(value), before.observe(value));
        assertEquals(after.level, before.level);
      }
    }),
    { seed: 1, numRuns: 40 },
  );
}

function levels(make: () => DriftDetector): void {
  const detector = make();
  for (const value of [...noise(700, 11), ...noise(300, 12, 1), ...noise(300, 13)]) {
    const before = detector.level;
    const state = detector.observe(value);
    assert(Number.isFinite(detector.level) && detector.level >= 0);
    if (state === "drift") assertGreaterOrEqual(detector.level, 1);
    // A detector that did not look again keeps the level of its last look.
    else assert(detector.level < 1 || detector.level === before, `${state} at ${detector.level}`);
  }
}

function staysSmall(make: () => DriftDetector): void {
  const detector = make();
  const next = makeNoise(14);
  for (let i = 0; i < 1000; i++) detector.observe(next());
  const early = JSON.stringify(detector).length;
  for (let i = 0; i < 50_000; i++) detector.observe(next());
  // Buckets double: fifty times as many values are six more rows.
  assertLess(JSON.stringify(detector).length, 2 * early + 2000);
}

function refusesDamage(make: () => DriftDetector): void {
  const detector = make();
  for (const value of noise(300, 15)) detector.observe(value);
  const good = JSON.stringify(detector);
  function refuse(change: (snapshot: Damaged) => unknown): void {
    const snapshot = JSON.parse(good) as Damaged;
    const changed = change(snapshot) ?? snapshot;
    const error = assertThrows(() => restoreDriftDetector(changed), FoveaError);
    assertEquals(error.code, "STATE_INVALID", JSON.stringify(changed));
  }
  for (const wrong of [null, 7, "cusum", [], {}, { kind: "cusum" }]) {
    assertThrows(() => restoreDriftDetector(wrong), FoveaError, "Cannot restore");
  }
  refuse((snapshot) => snapshot.kind = "random-forest");
  refuse((snapshot) => snapshot.version = 2);
  refuse((snapshot) => Object.assign(snapshot, { more: 1 }));
  refuse((snapshot) => void (snapshot.state.level = -1));
  refuse((snapshot) => void (snapshot.state.level = "NaN"));
  for (const part of ["options", "state"] as const) {
    for (const key of Object.keys(JSON.parse(good)[part])) {
      refuse((snapshot) => void delete snapshot[part][key]);
      refuse((snapshot) => void (snapshot[part][key] = null));
      refuse((snapshot) => void (snapshot[part][`${key}2`] = 1));
    }
  }
}

/** A snapshot that a test may break. */
interface Damaged {
  kind: string;
  version: number;
  options: Record<string, unknown>;
  state: Record<string, unknown>;
}
