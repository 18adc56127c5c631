import { assert, assertAlmostEquals } from "@std/assert";
import { ROUND_S, Signals, type Stream } from "./signals.ts";

const STREAMS: readonly Stream[] = ["main", "side", "walkAcrossMain", "walkAcrossSide"];
/** Streams whose ways cross. */
const CROSSING: readonly (readonly [Stream, Stream])[] = [
  ["main", "side"],
  ["main", "walkAcrossMain"],
  ["side", "walkAcrossSide"],
];

Deno.test("streams that cross are never let in together", () => {
  const signals = new Signals(13.7);
  for (let seconds = -100; seconds < 200; seconds += 0.1) {
    for (const [a, b] of CROSSING) {
      assert(!(signals.isGreen(a, seconds) && signals.isGreen(b, seconds)), `${a} ${seconds}`);
    }
  }
});

Deno.test("nextGreen() is green, not in the past, and within a round", () => {
  const signals = new Signals(40);
  for (const stream of STREAMS) {
    for (let seconds = -60; seconds < 120; seconds += 0.7) {
      const next = signals.nextGreen(stream, seconds);
      assert(next >= seconds && next < seconds + ROUND_S);
      assert(signals.isGreen(stream, next + 1e-6));
      if (signals.isGreen(stream, seconds)) assertAlmostEquals(next, seconds);
    }
  }
});
