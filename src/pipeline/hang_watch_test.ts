import { assertEquals } from "@std/assert";
import { ManualClock } from "../core/clock.ts";
import { HangWatch } from "./hang_watch.ts";

Deno.test("HangWatch tells once what took too long, and nothing that rests or ends in time", async () => {
  const clock = new ManualClock();
  let hangs = 0;
  using watch = new HangWatch(clock, 100, () => hangs++);
  watch.begin();
  await clock.advance(99);
  // Another thing begins in its place, so its time begins too.
  watch.begin();
  await clock.advance(99);
  assertEquals(hangs, 0);
  watch.rest();
  await clock.advance(1000);
  assertEquals([hangs, clock.waiting], [0, 0]);
  watch.begin();
  await clock.advance(100);
  assertEquals(hangs, 1);
  await clock.advance(1000);
  assertEquals([hangs, clock.waiting], [1, 0]);
  watch.begin();
  await clock.advance(100);
  assertEquals(hangs, 2);
});

Deno.test("HangWatch holds one timer, however much begins, and none when it is gone", async () => {
  const clock = new ManualClock();
  const watch = new HangWatch(clock, 100, () => {
    throw new Error("nothing hangs");
  });
  for (let i = 0; i < 50; i++) {
    watch.begin();
    await clock.advance(10);
    assertEquals(clock.waiting, 1);
    if (i % 3 === 0) watch.rest();
  }
  watch[Symbol.dispose]();
  await clock.advance(0);
  assertEquals(clock.waiting, 0);
  await clock.advance(1000);
});

/** A clock that may jump, as if the program had been stopped in between. */
class JumpingClock extends ManualClock {
  jumpMs = 0;

  override nowMs(): number {
    return super.nowMs() + this.jumpMs;
  }
}

Deno.test("HangWatch takes nothing for hung because the program itself stood still", async () => {
  const clock = new JumpingClock();
  let hangs = 0;
  using watch = new HangWatch(clock, 100, () => hangs++);
  watch.begin();
  await clock.advance(50);
  clock.jumpMs = 5_000;
  await clock.advance(50);
  assertEquals(hangs, 0);
  await clock.advance(99);
  assertEquals(hangs, 0);
  await clock.advance(1);
  assertEquals(hangs, 1);
});
