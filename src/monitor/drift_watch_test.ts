import { assertEquals } from "@std/assert";
import type { Calibration } from "./calibration.ts";
import { DriftWatch, type WatchStep } from "./drift_watch.ts";

const ROWS = 20;
const SIGNAL = { reference: { count: 101, mean: 1, squares: 25 }, slack: 1, threshold: 9 };
const CALIBRATION: Calibration = {
  frames: 101,
  alarmsPerDay: null,
  s1: SIGNAL,
  s2: SIGNAL,
  background: { low: Array(ROWS).fill(-6), high: Array(ROWS).fill(-5) },
  targetsPerFrame: 1,
  focalLoss: 0.1,
  look: {
    luma: 100,
    contrast: 40,
    sharpness: 5,
    noise: 1,
    cb: 0,
    cr: 0,
    blockSharpness: [],
    thumbnail: [],
    meanScore: 0.5,
    classRates: {},
  },
};
const CALM = new Float32Array(ROWS).fill(-5.5);
const STRANGE = new Float32Array(ROWS).fill(-8);

function play(
  watch: DriftWatch,
  frames: number,
  values: { s1?: number; s2?: number; background?: Float32Array | null },
  from = 0,
): WatchStep[] {
  return Array.from({ length: frames }, (_, i) => {
    return watch.observe(from + i, { s1: 1, s2: 1, background: CALM, ...values });
  });
}

function alarmsOf(steps: readonly WatchStep[]): [at: number, signal: string][] {
  return steps.flatMap(({ alarm }, i) => alarm === null ? [] : [[i, alarm.signal]]);
}

Deno.test("S1 or S2 alone raise no alarm, and are still told", () => {
  for (const values of [{ s1: 2.5 }, { s2: 2.5 }]) {
    const steps = play(new DriftWatch(CALIBRATION), 200, values);
    assertEquals(alarmsOf(steps), []);
    assertEquals(steps.some(({ isCrossing }) => isCrossing), false);
    assertEquals(Math.max(...steps.map(({ statisticShare }) => statisticShare)) > 1, true);
  }
});

Deno.test("signals that back each other raise one alarm every 50 frames", () => {
  const steps = play(new DriftWatch(CALIBRATION), 100, { s1: 2.5, s2: 2.5 });
  assertEquals(alarmsOf(steps), [[4, "s1"], [54, "s1"]]);
  assertEquals(steps[4]!.alarm!.sinceSeq, 0);
});

Deno.test("a signal backs another for 50 frames", () => {
  for (const [gap, count] of [[30, 1], [60, 0]] as const) {
    const watch = new DriftWatch(CALIBRATION);
    play(watch, 3, { s2: 2.5 });
    play(watch, gap, {}, 3);
    assertEquals(alarmsOf(play(watch, 6, { s1: 2.5 }, 3 + gap)).length, count);
  }
});

Deno.test("S3 raises an alarm alone, and says since when", () => {
  const watch = new DriftWatch(CALIBRATION);
  play(watch, 100, {});
  const steps = play(watch, 90, { background: STRANGE }, 100);
  assertEquals(alarmsOf(steps), [[70, "s3"]]);
  assertEquals(steps[70]!.alarm!.sinceSeq, 96);
});

Deno.test("without a background S3 is silent and the others go on", () => {
  const watch = new DriftWatch({ ...CALIBRATION, background: null });
  const steps = play(watch, 10, { s1: 2.5, s2: 2.5, background: null });
  assertEquals(steps[0]!.drift.s3, null);
  assertEquals(alarmsOf(steps)[0], [4, "s1"]);
});

Deno.test("a restored watch goes on as the first would have", () => {
  const values = { s1: 1.9, s2: 2.2, background: STRANGE };
  const whole = play(new DriftWatch(CALIBRATION), 90, values);
  const first = new DriftWatch(CALIBRATION);
  play(first, 40, values);
  const second = new DriftWatch(CALIBRATION);
  second.restore(JSON.parse(JSON.stringify(first)));
  const after = play(second, 50, values, 40);
  const outcome = ({ drift, isCrossing, alarm }: WatchStep) => {
    return { drift, isCrossing, signal: alarm?.signal };
  };
  assertEquals(after.map(outcome), whole.slice(40).map(outcome));
});
