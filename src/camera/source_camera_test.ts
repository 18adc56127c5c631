import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { FoveaError } from "../core/errors.ts";
import type { CameraEvent } from "../core/ports.ts";
import { FILE, pull, pullAll, setUpCamera, tell } from "../../tests/support/fake_camera.ts";
import { pictures } from "../../tests/support/fake_source.ts";

Deno.test("a file gives every frame in order, then its end again and again", async () => {
  const setup = setUpCamera([pictures(5, 0)], {}, FILE);
  assertEquals(await pullAll(setup), ["0", "1", "2", "3", "4", "end"]);
  assertEquals([tell(await setup.camera.next()), setup.camera.dropped], ["end", 0]);
  await setup.camera[Symbol.asyncDispose]();
});

Deno.test("a file is decoded a few frames ahead of its reader and no further", async () => {
  const setup = setUpCamera([pictures(50, 0)], {}, FILE);
  await setup.clock.advance(100);
  assertEquals(setup.sources[0]!.decoded, 2);
  assertEquals(tell(await pull(setup)), "0");
  await setup.clock.advance(100);
  assertEquals(setup.sources[0]!.decoded, 3);
  await setup.camera[Symbol.asyncDispose]();
});

Deno.test("a file waits for a lease to come back", async () => {
  const setup = setUpCamera([pictures(5, 0)], { poolFrames: 2 }, FILE);
  const first = await pull(setup);
  const second = await pull(setup);
  assert(first.kind === "frame" && second.kind === "frame");
  const third = setup.camera.next();
  await setup.clock.advance(1000);
  assertEquals([setup.camera.dropped, setup.sources[0]!.copied], [0, 2]);
  first.frame[Symbol.dispose]();
  await setup.clock.advance(0);
  assertEquals(tell(await third), "2");
  second.frame[Symbol.dispose]();
  assertEquals((await pullAll(setup)).join(), "3,4,end");
  await setup.camera[Symbol.asyncDispose]();
});

Deno.test("every:N on a file copies only the frames that were asked for", async () => {
  const setup = setUpCamera([pictures(10, 0)], { policy: "every:4" }, FILE);
  assertEquals(await pullAll(setup), ["0", "4", "8", "end"]);
  assertEquals([setup.camera.dropped, setup.sources[0]!.copied], [0, 3]);
  await setup.camera[Symbol.asyncDispose]();
});

Deno.test("a file that breaks off gives what came before, then the error, then the end", async () => {
  const setup = setUpCamera([[{}, {}, "lost"]], {}, FILE);
  assertEquals([tell(await pull(setup)), tell(await pull(setup))], ["0", "1"]);
  const error = await assertRejects(() => pull(setup), FoveaError);
  assertEquals([error.code, tell(await pull(setup))], ["CAMERA_LOST", "end"]);
  await setup.camera[Symbol.asyncDispose]();
});

Deno.test("latest on a file plays it in real time and drops what the reader misses", async () => {
  const setup = setUpCamera([pictures(20, 0)], { policy: "latest" }, FILE);
  await setup.clock.advance(5000);
  assertEquals([setup.sources[0]!.decoded, setup.camera.info.realtime], [0, true]);
  const ages: number[] = [];
  const seqs: number[] = [];
  for (let i = 0; i < 5; i++) {
    const event = await pull(setup);
    assert(event.kind === "frame");
    ages.push(setup.clock.nowMs() - event.frame.capturedMs);
    seqs.push(event.frame.seq);
    event.frame[Symbol.dispose]();
    await setup.clock.advance(330);
  }
  assertEquals(seqs, [0, 3, 6, 9, 13]);
  assert(ages.every((ageMs) => ageMs <= 100), `${ages}`);
  // 0..16 came, five were handed out, and 16 waits.
  assertEquals(setup.camera.dropped, 11);
  await setup.camera[Symbol.asyncDispose]();
});

Deno.test("a paced file by next comes on time and drops nothing", async () => {
  const setup = setUpCamera([pictures(4, 0)], { paced: true }, FILE);
  const times: number[] = [];
  for (let i = 0; i < 4; i++) {
    tell(await pull(setup));
    times.push(setup.clock.nowMs());
  }
  assertEquals([times.map((t) => t - times[0]!), setup.camera.dropped], [[0, 100, 200, 300], 0]);
  await setup.camera[Symbol.asyncDispose]();
});

Deno.test("a live source is drained while nobody looks; the newest frame waits", async () => {
  const setup = setUpCamera([[...pictures(10, 100), "hang"]]);
  await setup.clock.advance(1040);
  const event = await setup.camera.next();
  assert(event.kind === "frame");
  assertEquals([event.frame.seq, setup.clock.nowMs() - event.frame.capturedMs], [9, 40]);
  assertEquals(setup.camera.dropped, 9);
  event.frame[Symbol.dispose]();
  await setup.camera[Symbol.asyncDispose]();
});

Deno.test("a live source whose leases are all out drops and counts", async () => {
  const setup = setUpCamera([[...pictures(10, 100), "hang"]], { poolFrames: 2, policy: "next" });
  const held: CameraEvent[] = [await pull(setup), await pull(setup)];
  await setup.clock.advance(850);
  assertEquals([setup.sources[0]!.decoded, setup.camera.dropped], [10, 8]);
  for (const event of held) tell(event);
  await setup.camera[Symbol.asyncDispose]();
});

Deno.test("pictures lost on the way are counted and leave a gap in seq", async () => {
  const setup = setUpCamera([[{}, { lost: 3 }, {}]], {}, FILE);
  assertEquals(await pullAll(setup), ["0", "4", "5", "end"]);
  assertEquals(setup.camera.dropped, 3);
  await setup.camera[Symbol.asyncDispose]();
});

Deno.test("next() ends when its signal aborts, and works again afterwards", async () => {
  const setup = setUpCamera([[{ afterMs: 500 }, "hang"]]);
  const abort = new AbortController();
  const pulling = setup.camera.next(abort.signal);
  await setup.clock.advance(10);
  abort.abort();
  assertEquals((await pulling).kind, "end");
  assertEquals((await setup.camera.next(abort.signal)).kind, "end");
  assertEquals(tell(await pull(setup)), "0");
  await setup.camera[Symbol.asyncDispose]();
});

Deno.test("closing ends a pull, interrupts the source, and frees all but what is leased", async () => {
  const setup = setUpCamera([[{}, "hang"]]);
  const event = await pull(setup);
  assert(event.kind === "frame");
  const pulling = setup.camera.next();
  await setup.clock.advance(10);
  await setup.camera[Symbol.asyncDispose]();
  await setup.camera[Symbol.asyncDispose]();
  assertEquals([(await pulling).kind, (await setup.camera.next()).kind], ["end", "end"]);
  assertEquals([setup.sources[0]!.disposed, setup.clock.waiting], [1, 0]);
  assert(setup.arena.usedBytes > 0);
  event.frame[Symbol.dispose]();
  assertEquals(setup.arena.usedBytes, 0);
});

Deno.test("closing while a source is being got back leaves nothing behind", async () => {
  const setup = setUpCamera([["lost"]], {
    reconnect: { initialDelayMs: 60_000, maxDelayMs: 60_000 },
  });
  assertEquals(tell(await pull(setup)), "blind: Cannot read on from fake: connection reset");
  await setup.camera[Symbol.asyncDispose]();
  assertEquals([setup.clock.waiting, setup.sources[0]!.disposed, setup.arena.usedBytes], [0, 1, 0]);
});

Deno.test("closing a paced file that nobody looked at closes its source", async () => {
  const setup = setUpCamera([pictures(3, 0)], { policy: "latest" }, FILE);
  await setup.camera[Symbol.asyncDispose]();
  assertEquals(setup.sources[0]!.disposed, 1);
});

Deno.test("the signal of the options ends the camera", async () => {
  const abort = new AbortController();
  const setup = setUpCamera([[{ afterMs: 100 }, "hang"]], { signal: abort.signal });
  assertEquals(tell(await pull(setup)), "0");
  const pulling = setup.camera.next();
  abort.abort();
  assertEquals((await pulling).kind, "end");
  await setup.camera[Symbol.asyncDispose]();
});

Deno.test("pulling twice at once is a mistake that is told", async () => {
  const setup = setUpCamera([["hang"]]);
  const pulling = setup.camera.next();
  assertInstanceOf(await setup.camera.next().catch((error) => error), TypeError);
  await setup.camera[Symbol.asyncDispose]();
  await pulling;
});
