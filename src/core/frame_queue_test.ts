import { assert, assertEquals, assertLessOrEqual, assertThrows } from "@std/assert";
import fc from "fast-check";
import { parsePolicy } from "./frame_policy.ts";
import { FrameQueue } from "./frame_queue.ts";

class Item implements Disposable {
  readonly seq: number;
  readonly arrivedMs: number;
  disposed = false;

  constructor(seq: number, arrivedMs: number) {
    this.seq = seq;
    this.arrivedMs = arrivedMs;
  }

  [Symbol.dispose](): void {
    this.disposed = true;
  }
}

interface Delivery {
  readonly seq: number;
  readonly ageMs: number;
}

/** Plays a source of 100 ms a frame against a reader that needs `serviceMs` for each. */
function simulate(
  policy: string,
  frames: number,
  serviceMs: (delivered: number) => number,
  readers = 1,
): { deliveries: Delivery[]; queue: FrameQueue<Item>; items: Item[] } {
  const queue = new FrameQueue<Item>(parsePolicy(policy), { lossy: true, framesMax: 4 });
  const busyUntilMs = Array.from({ length: readers }, () => 0);
  const deliveries: Delivery[] = [];
  const items: Item[] = [];
  for (let nowMs = 0; nowMs < frames * 100; nowMs++) {
    if (nowMs % 100 === 0) {
      const seq = nowMs / 100;
      if (queue.wants(seq, nowMs)) {
        const item = new Item(seq, nowMs);
        items.push(item);
        queue.push(seq, item);
      }
    }
    const idle = busyUntilMs.findIndex((until) => until <= nowMs);
    if (idle < 0) continue;
    queue.request(nowMs);
    const item = queue.take(nowMs);
    if (item === null) continue;
    busyUntilMs[idle] = nowMs + serviceMs(deliveries.length);
    deliveries.push({ seq: item.seq, ageMs: nowMs - item.arrivedMs });
  }
  return { deliveries, queue, items };
}

function gapsOf(deliveries: readonly Delivery[]): number[] {
  return deliveries.slice(1).map(({ seq }, i) => seq - deliveries[i]!.seq);
}

Deno.test("FrameQueue by next hands out everything in order and stops a source that can wait", () => {
  const queue = new FrameQueue<Item>({ kind: "next" }, { lossy: false, framesMax: 2 });
  queue.push(0, new Item(0, 0));
  assert(!queue.isFull);
  queue.push(1, new Item(1, 0));
  assert(queue.isFull);
  assertThrows(() => queue.push(2, new Item(2, 0)), RangeError, "full");
  assertEquals([queue.take(0)?.seq, queue.take(0)?.seq, queue.take(0)], [0, 1, null]);
  assertEquals(queue.dropped, 0);
});

Deno.test("FrameQueue by next drops the oldest of a source that cannot wait, and counts", () => {
  const queue = new FrameQueue<Item>({ kind: "next" }, { lossy: true, framesMax: 2 });
  const items = [0, 1, 2, 3].map((seq) => new Item(seq, 0));
  for (const item of items) queue.push(item.seq, item);
  assertEquals(items.map(({ disposed }) => disposed), [true, true, false, false]);
  assertEquals([queue.dropped, queue.size, queue.take(0)?.seq, queue.take(0)?.seq], [2, 2, 2, 3]);
});

Deno.test("FrameQueue by every:N leaves out what was not asked for without counting it", () => {
  const queue = new FrameQueue<Item>(parsePolicy("every:3"), { lossy: false, framesMax: 9 });
  const wanted = [0, 1, 2, 3, 4, 5, 6].filter((seq) => queue.wants(seq, 0));
  assertEquals([wanted, queue.dropped], [[0, 3, 6], 0]);
});

Deno.test("FrameQueue by latest keeps one frame, the newest, and counts the rest", () => {
  const queue = new FrameQueue<Item>({ kind: "latest" }, { lossy: true, framesMax: 8 });
  const items = [0, 1, 2].map((seq) => new Item(seq, 0));
  for (const item of items) queue.push(item.seq, item);
  assertEquals([queue.size, queue.dropped, queue.readySeq], [1, 2, 2]);
  assertEquals(queue.take(0)?.seq, 2);
  assertEquals(items.map(({ disposed }) => disposed), [true, true, false]);
});

Deno.test("FrameQueue sheds its oldest frame on demand and clears without counting", () => {
  const queue = new FrameQueue<Item>({ kind: "next" }, { lossy: true, framesMax: 4 });
  const items = [0, 1, 2].map((seq) => new Item(seq, 0));
  for (const item of items) queue.push(item.seq, item);
  assert(queue.shed());
  queue.countMissed(2);
  queue.clear();
  assertEquals([queue.dropped, queue.size, queue.shed()], [3, 0, false]);
  assert(items.every(({ disposed }) => disposed));
});

Deno.test("FrameQueue refuses policies that drop where nothing may be dropped", () => {
  for (const kind of ["latest", "adaptive"] as const) {
    assertThrows(() => new FrameQueue({ kind }, { lossy: false, framesMax: 1 }), RangeError, kind);
  }
  assertThrows(() => new FrameQueue({ kind: "next" }, { lossy: true, framesMax: 0 }), RangeError);
});

Deno.test("a reader three times slower than its camera gets frames at most one period old", () => {
  for (const policy of ["latest", "adaptive"]) {
    const { deliveries } = simulate(policy, 300, () => 300);
    assert(deliveries.length > 95);
    for (const { ageMs } of deliveries) assertLessOrEqual(ageMs, 100);
  }
});

Deno.test("adaptive spaces frames evenly where latest does not", () => {
  const latest = new Set(gapsOf(simulate("latest", 300, () => 250).deliveries));
  const adaptive = new Set(gapsOf(simulate("adaptive", 300, () => 250).deliveries.slice(5)));
  assertEquals([...latest].sort(), [2, 3]);
  assertEquals([...adaptive], [3]);
});

Deno.test("adaptive leaves nothing out for a reader that keeps up", () => {
  const { deliveries, queue } = simulate("adaptive", 100, () => 60);
  assertEquals([deliveries.length, queue.dropped], [100, 0]);
});

Deno.test("adaptive follows a reader that becomes slow and fast again", () => {
  const { deliveries } = simulate("adaptive", 600, (n) => n < 100 ? 50 : n < 150 ? 450 : 50);
  const gaps = gapsOf(deliveries);
  assertEquals(new Set(gaps.slice(10, 99)), new Set([1]));
  assertEquals(new Set(gaps.slice(105, 149)), new Set([5]));
  assertEquals(new Set(gaps.slice(-20)), new Set([1]));
});

Deno.test("adaptive gets over one long pause without staying slow", () => {
  const { deliveries } = simulate("adaptive", 400, (n) => n === 50 ? 3000 : 250);
  assertEquals(new Set(gapsOf(deliveries).slice(-20)), new Set([3]));
});

Deno.test("adaptive is even with several readers behind one pull", () => {
  const { deliveries } = simulate("adaptive", 600, () => 550, 2);
  assertEquals(new Set(gapsOf(deliveries).slice(20)), new Set([3]));
});

Deno.test("FrameQueue counts every frame of a lossy source as delivered, waiting or dropped", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("latest", "adaptive", "next"),
      fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 20 }),
      (policy, services) => {
        const { deliveries, queue, items } = simulate(
          policy,
          60,
          (n) => services[n % services.length]!,
        );
        assertEquals(deliveries.length + queue.size + queue.dropped, 60);
        const seqs = deliveries.map(({ seq }) => seq);
        assertEquals(seqs, [...new Set(seqs)].sort((a, b) => a - b));
        const given = new Set(seqs);
        const kept = items.filter(({ disposed, seq }) => !disposed && !given.has(seq));
        assertEquals(kept.length, queue.size);
        if (policy !== "next") {
          for (const { ageMs } of deliveries) assertLessOrEqual(ageMs, 100);
        }
      },
    ),
    { seed: 1 },
  );
});
