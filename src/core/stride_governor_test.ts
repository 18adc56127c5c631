import { assertEquals } from "@std/assert";
import { StrideGovernor } from "./stride_governor.ts";

/** The period of the source in these tests, in milliseconds. */
const PERIOD_MS = 100;

/** Frames 0 to `last` come on time; frame `n` at `n * PERIOD_MS`. */
function arrive(governor: StrideGovernor, first: number, last: number): void {
  for (let seq = first; seq <= last; seq++) governor.observeArrival(seq, seq * PERIOD_MS);
}

/** A governor whose reader got frame 0 at once and knows the period. */
function started(): StrideGovernor {
  const governor = new StrideGovernor();
  governor.observeRequest(0);
  arrive(governor, 0, 0);
  governor.observeDelivery(0, 0);
  return governor;
}

/** The reader asks at `askedMs` and gets frame `seq` at `gotMs`. */
function deliver(governor: StrideGovernor, seq: number, askedMs: number, gotMs: number): void {
  governor.observeRequest(askedMs);
  governor.observeDelivery(seq, gotMs);
}

Deno.test("StrideGovernor begins with every frame and says whether it is awaited", () => {
  const governor = new StrideGovernor();
  assertEquals([governor.stride, governor.nextSeq, governor.isAwaited], [1, 0, false]);
  governor.observeRequest(5);
  assertEquals(governor.isAwaited, true);
  governor.observeArrival(0, 10);
  governor.observeDelivery(0, 10);
  assertEquals([governor.stride, governor.nextSeq, governor.isAwaited], [1, 1, false]);
});

Deno.test("StrideGovernor grows to the gap that opened, to its double at most", () => {
  const punctual = started();
  arrive(punctual, 1, 3);
  // Frame 1 came at 100: 25 later is not late yet.
  deliver(punctual, 1, 125, 125);
  assertEquals(punctual.stride, 1);
  const late = started();
  arrive(late, 1, 3);
  deliver(late, 1, 126, 126);
  assertEquals([late.stride, late.nextSeq], [2, 3], "by one, though no gap opened");
  const slow = started();
  arrive(slow, 1, 9);
  deliver(slow, 9, 930, 930);
  assertEquals([slow.stride, slow.nextSeq], [2, 11], "a gap of 9, but the double of 1");
  arrive(slow, 10, 14);
  deliver(slow, 14, 1430, 1430);
  assertEquals([slow.stride, slow.nextSeq], [4, 18], "a gap of 5, but the double of 2");
  arrive(slow, 15, 19);
  deliver(slow, 19, 1930, 1930);
  assertEquals([slow.stride, slow.nextSeq], [5, 24], "a gap of 5");
});

/** A governor at stride 4 whose reader got frame 100. */
function strolling(): StrideGovernor {
  const governor = started();
  arrive(governor, 1, 9);
  deliver(governor, 9, 930, 930);
  arrive(governor, 10, 100);
  deliver(governor, 100, 10_030, 10_030);
  assertEquals([governor.stride, governor.nextSeq], [4, 104]);
  return governor;
}

Deno.test("StrideGovernor shrinks after four long waits in a row, by what they had in common", () => {
  const governor = strolling();
  const waits = [250, 320, 230, 290];
  let seq = 100;
  for (const [i, waitMs] of waits.entries()) {
    assertEquals(governor.stride, 4, `before wait ${i}`);
    arrive(governor, seq + 1, seq + 4);
    seq += 4;
    deliver(governor, seq, seq * PERIOD_MS - waitMs, seq * PERIOD_MS);
  }
  // The shortest was 2.3 periods: two frames earlier would still have been awaited.
  assertEquals([governor.stride, governor.nextSeq], [2, seq + 2]);
});

Deno.test("StrideGovernor does not shrink where one wait in between was short", () => {
  const governor = strolling();
  let seq = 100;
  for (const waitMs of [250, 250, 250, 109, 250, 250, 250]) {
    arrive(governor, seq + 1, seq + 4);
    seq += 4;
    deliver(governor, seq, seq * PERIOD_MS - waitMs, seq * PERIOD_MS);
  }
  assertEquals(governor.stride, 4);
  arrive(governor, seq + 1, seq + 4);
  seq += 4;
  deliver(governor, seq, seq * PERIOD_MS - 110, seq * PERIOD_MS);
  assertEquals(governor.stride, 3, "a wait of 1.1 periods is the shortest that counts");
});

Deno.test("StrideGovernor goes by the median of the last nine periods", () => {
  // Of ten intervals the first falls out; the middle one of the others is 100 ms.
  const intervals = [10, 1000, 1000, 100, 10, 10, 10, 10, 1000, 1000];
  for (const [lateMs, stride] of [[25, 1], [26, 2]] as const) {
    const governor = started();
    let nowMs = 0;
    intervals.forEach((interval, i) => governor.observeArrival(i + 1, nowMs += interval));
    deliver(governor, 1, intervals[0]! + lateMs, nowMs);
    assertEquals(governor.stride, stride, `${lateMs} ms late`);
  }
});

Deno.test("StrideGovernor takes the first request and the first frame that was due", () => {
  const governor = started();
  arrive(governor, 1, 4);
  governor.observeRequest(110);
  governor.observeRequest(400);
  governor.observeDelivery(1, 400);
  assertEquals(governor.stride, 1, "asking again does not make it late");
});
