import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { ManualClock } from "../core/clock.ts";
import { FoveaError } from "../core/errors.ts";
import type { CameraEvent } from "../core/ports.ts";
import { SharedArena } from "../native/arena.ts";
import { FakeSource, type FakeStep, pictures } from "../../tests/support/fake_source.ts";
import { type CameraOptions, checkCameraOptions } from "./camera_options.ts";
import type { PictureSource, SourceFacts } from "./picture_source.ts";
import { SourceCamera } from "./source_camera.ts";

interface Setup {
  readonly clock: ManualClock;
  readonly arena: SharedArena;
  readonly sources: FakeSource[];
  readonly camera: SourceCamera;
}

/** A camera over fakes: the first script is played first, the next ones after each loss. */
function setUp(
  scripts: (FakeStep[] | "refuse")[],
  options: CameraOptions = {},
  facts: Partial<SourceFacts> = {},
): Setup {
  const clock = new ManualClock(1000);
  const arena = new SharedArena();
  const sources: FakeSource[] = [];
  let opened = 0;
  function open(): Promise<PictureSource> {
    const script = scripts[opened++] ?? "refuse";
    if (script === "refuse") {
      return Promise.reject(new FoveaError("CAMERA_OPEN", "Cannot open fake: refused"));
    }
    const source = new FakeSource(clock, script, facts);
    sources.push(source);
    return Promise.resolve(source);
  }
  void open();
  const camera = new SourceCamera({
    source: sources[0]!,
    label: "fake",
    reopen: open,
    arena,
    settings: checkCameraOptions(options),
    clock,
    signal: options.signal ?? null,
  });
  return { clock, arena, sources, camera };
}

/** Pulls one event, moving time on in steps of 10 ms until there is one. */
async function pull(setup: Setup, untilMs = 60_000): Promise<CameraEvent> {
  let event: CameraEvent | null = null;
  let failure: unknown = null;
  const pulling = setup.camera.next().then((e) => event = e, (e) => failure = e);
  for (
    let waitedMs = 0;
    event === null && failure === null && waitedMs <= untilMs;
    waitedMs += 10
  ) {
    await setup.clock.advance(waitedMs === 0 ? 0 : 10);
  }
  if (failure !== null) throw failure;
  assert(event !== null, "no event came");
  await pulling;
  return event;
}

/** Says an event in a word or two and disposes its frame. */
function tell(event: CameraEvent): string {
  if (event.kind === "end") return "end";
  if (event.kind === "state") return `${event.state}: ${event.reason}`;
  using frame = event.frame;
  const state = event.state === "live" ? "" : ` ${event.state}`;
  return `${frame.seq}${frame.epoch > 0 ? ` epoch ${frame.epoch}` : ""}${state}`;
}

async function pullAll(setup: Setup): Promise<string[]> {
  const told: string[] = [];
  for (;;) {
    told.push(tell(await pull(setup)));
    if (told.at(-1) === "end") return told;
  }
}

const FILE: Partial<SourceFacts> = { kind: "file", canStall: false };

Deno.test("a file gives every frame in order, then its end again and again", async () => {
  const setup = setUp([pictures(5, 0)], {}, FILE);
  assertEquals(await pullAll(setup), ["0", "1", "2", "3", "4", "end"]);
  assertEquals([tell(await setup.camera.next()), setup.camera.dropped], ["end", 0]);
  await setup.camera[Symbol.asyncDispose]();
});

Deno.test("a file is decoded a few frames ahead of its reader and no further", async () => {
  const setup = setUp([pictures(50, 0)], {}, FILE);
  await setup.clock.advance(100);
  assertEquals(setup.sources[0]!.decoded, 2);
  assertEquals(tell(await pull(setup)), "0");
  await setup.clock.advance(100);
  assertEquals(setup.sources[0]!.decoded, 3);
  await setup.camera[Symbol.asyncDispose]();
});

Deno.test("a file waits for a lease to come back", async () => {
  const setup = setUp([pictures(5, 0)], { poolFrames: 2 }, FILE);
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
  const setup = setUp([pictures(10, 0)], { policy: "every:4" }, FILE);
  assertEquals(await pullAll(setup), ["0", "4", "8", "end"]);
  assertEquals([setup.camera.dropped, setup.sources[0]!.copied], [0, 3]);
  await setup.camera[Symbol.asyncDispose]();
});

Deno.test("a file that breaks off gives what came before, then the error, then the end", async () => {
  const setup = setUp([[{}, {}, "lost"]], {}, FILE);
  assertEquals([tell(await pull(setup)), tell(await pull(setup))], ["0", "1"]);
  const error = await assertRejects(() => pull(setup), FoveaError);
  assertEquals([error.code, tell(await pull(setup))], ["CAMERA_LOST", "end"]);
  await setup.camera[Symbol.asyncDispose]();
});

Deno.test("latest on a file plays it in real time and drops what the reader misses", async () => {
  const setup = setUp([pictures(20, 0)], { policy: "latest" }, FILE);
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
  const setup = setUp([pictures(4, 0)], { paced: true }, FILE);
  const times: number[] = [];
  for (let i = 0; i < 4; i++) {
    tell(await pull(setup));
    times.push(setup.clock.nowMs());
  }
  assertEquals([times.map((t) => t - times[0]!), setup.camera.dropped], [[0, 100, 200, 300], 0]);
  await setup.camera[Symbol.asyncDispose]();
});

Deno.test("a live source is drained while nobody looks; the newest frame waits", async () => {
  const setup = setUp([[...pictures(10, 100), "hang"]]);
  await setup.clock.advance(1040);
  const event = await setup.camera.next();
  assert(event.kind === "frame");
  assertEquals([event.frame.seq, setup.clock.nowMs() - event.frame.capturedMs], [9, 40]);
  assertEquals(setup.camera.dropped, 9);
  event.frame[Symbol.dispose]();
  await setup.camera[Symbol.asyncDispose]();
});

Deno.test("a live source whose leases are all out drops and counts", async () => {
  const setup = setUp([[...pictures(10, 100), "hang"]], { poolFrames: 2, policy: "next" });
  const held: CameraEvent[] = [await pull(setup), await pull(setup)];
  await setup.clock.advance(850);
  assertEquals([setup.sources[0]!.decoded, setup.camera.dropped], [10, 8]);
  for (const event of held) tell(event);
  await setup.camera[Symbol.asyncDispose]();
});

Deno.test("pictures lost on the way are counted and leave a gap in seq", async () => {
  const setup = setUp([[{}, { lost: 3 }, {}]], {}, FILE);
  assertEquals(await pullAll(setup), ["0", "4", "5", "end"]);
  assertEquals(setup.camera.dropped, 3);
  await setup.camera[Symbol.asyncDispose]();
});

Deno.test("silence makes a live stream stale, told once; a picture makes it live again", async () => {
  const setup = setUp([[{ afterMs: 100 }, { afterMs: 3000 }, { afterMs: 100 }, "hang"]], {
    staleAfterMs: 500,
  });
  const told = [
    tell(await pull(setup)),
    tell(await pull(setup)),
    tell(await pull(setup)),
    tell(await pull(setup)),
  ];
  assertEquals(told, ["0", "stale: no picture for 500 ms", "1", "2"]);
  await setup.camera[Symbol.asyncDispose]();
});

Deno.test("a stream is stale after five periods, but not before a second", async () => {
  const slow = setUp([["hang"]], {}, { fps: 2 });
  assertEquals(tell(await pull(slow)), "stale: no picture for 2500 ms");
  await slow.camera[Symbol.asyncDispose]();
  const fast = setUp([["hang"]], {}, { fps: 100 });
  assertEquals(tell(await pull(fast)), "stale: no picture for 1000 ms");
  await fast.camera[Symbol.asyncDispose]();
});

Deno.test("a lost live source is blind, comes back in a new epoch, and seq goes on", async () => {
  const setup = setUp([[...pictures(2, 100), "lost"], "refuse", pictures(2, 100), "refuse"], {
    reconnect: { initialDelayMs: 100, maxDelayMs: 400, factor: 2, attemptsMax: 2 },
  });
  const told: string[] = [];
  for (let i = 0; i < 6; i++) told.push(tell(await pull(setup)));
  assertEquals(told, [
    "0",
    "1",
    "blind: Cannot read on from fake: connection reset",
    "2 epoch 1",
    "3 epoch 1",
    "blind: the stream ended",
  ]);
  assertEquals([setup.camera.epoch, setup.sources.map(({ disposed }) => disposed)], [1, [1, 1]]);
  const error = await assertRejects(() => pull(setup), FoveaError, "after 2 attempts");
  assertEquals([error.code, tell(await pull(setup))], ["CAMERA_LOST", "end"]);
  await setup.camera[Symbol.asyncDispose]();
});

Deno.test("waits between attempts grow to their maximum and start anew after a picture", async () => {
  const attemptsMs: number[] = [];
  const setup = setUp([["lost"], "refuse", "refuse", "refuse", [{}, "lost"], "refuse", [
    {},
    "hang",
  ]], {
    reconnect: { initialDelayMs: 100, maxDelayMs: 250, factor: 2 },
  });
  const startMs = setup.clock.nowMs();
  const wait = setup.clock.wait.bind(setup.clock);
  setup.clock.wait = (delayMs: number, signal?: AbortSignal) => {
    if (delayMs >= 100 && delayMs <= 250) attemptsMs.push(delayMs);
    return wait(delayMs, signal);
  };
  let told = "";
  while (told !== "1 epoch 2") told = tell(await pull(setup));
  assertEquals(attemptsMs, [100, 200, 250, 250, 100, 200]);
  assertEquals(setup.clock.nowMs() - startMs, 1100);
  await setup.camera[Symbol.asyncDispose]();
});

Deno.test("reconnect with no attempts gives a lost source up at once", async () => {
  const setup = setUp([[{}, "lost"]], { reconnect: { attemptsMax: 0 } });
  assertEquals(tell(await pull(setup)), "0");
  assertEquals(tell(await pull(setup)), "blind: Cannot read on from fake: connection reset");
  const error = await assertRejects(() => pull(setup), FoveaError);
  assertEquals(error.code, "CAMERA_LOST");
  await setup.camera[Symbol.asyncDispose]();
});

Deno.test("a read that hangs counts as lost after readTimeoutMs", async () => {
  const setup = setUp([[{}, "hang"], [{}, "hang"]], {
    readTimeoutMs: 3000,
    staleAfterMs: 1000,
    reconnect: { initialDelayMs: 50 },
  });
  const told: string[] = [];
  for (let i = 0; i < 4; i++) told.push(tell(await pull(setup)));
  assertEquals(told, [
    "0",
    "stale: no picture for 1000 ms",
    "blind: no data for 3000 ms",
    "1 epoch 1",
  ]);
  await setup.camera[Symbol.asyncDispose]();
});

Deno.test("a network file that hangs ends with an error that says so", async () => {
  const setup = setUp([[{}, "hang"]], { readTimeoutMs: 2000 }, { kind: "file" });
  assertEquals(tell(await pull(setup)), "0");
  const error = await assertRejects(() => pull(setup), FoveaError, "no data for 2000 ms");
  assertEquals(error.code, "CAMERA_LOST");
  await setup.camera[Symbol.asyncDispose]();
});

Deno.test("equal pictures make a stream frozen, another one makes it live", async () => {
  const still: FakeStep[] = Array.from({ length: 4 }, () => ({ afterMs: 100, luma: 99 }));
  const setup = setUp([[...still, { afterMs: 100 }, "hang"]], { frozenAfterFrames: 3 });
  const told: string[] = [];
  for (let i = 0; i < 5; i++) told.push(tell(await pull(setup)));
  assertEquals(told, ["0", "1", "2 frozen", "3 frozen", "4"]);
  await setup.camera[Symbol.asyncDispose]();
});

Deno.test("black pictures are told at once, on files too", async () => {
  const setup = setUp([[{}, { luma: 0 }, {}]], {}, FILE);
  assertEquals(await pullAll(setup), ["0", "1 black", "2", "end"]);
  await setup.camera[Symbol.asyncDispose]();
});

Deno.test("of the changes nobody looked at, the last one is told, in its place", async () => {
  const setup = setUp([[...pictures(2, 100), "lost"], [...pictures(1, 100), "lost"], [
    ...pictures(1, 100),
    "hang",
  ]], {
    reconnect: { initialDelayMs: 10 },
  });
  await setup.clock.advance(1000);
  const told = [tell(await pull(setup)), tell(await pull(setup))];
  assertEquals(told, ["blind: Cannot read on from fake: connection reset", "3 epoch 2"]);
  await setup.camera[Symbol.asyncDispose]();
});

Deno.test("next() ends when its signal aborts, and works again afterwards", async () => {
  const setup = setUp([[{ afterMs: 500 }, "hang"]]);
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
  const setup = setUp([[{}, "hang"]]);
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
  const setup = setUp([["lost"]], { reconnect: { initialDelayMs: 60_000, maxDelayMs: 60_000 } });
  assertEquals(tell(await pull(setup)), "blind: Cannot read on from fake: connection reset");
  await setup.camera[Symbol.asyncDispose]();
  assertEquals([setup.clock.waiting, setup.sources[0]!.disposed, setup.arena.usedBytes], [0, 1, 0]);
});

Deno.test("closing a paced file that nobody looked at closes its source", async () => {
  const setup = setUp([pictures(3, 0)], { policy: "latest" }, FILE);
  await setup.camera[Symbol.asyncDispose]();
  assertEquals(setup.sources[0]!.disposed, 1);
});

Deno.test("the signal of the options ends the camera", async () => {
  const abort = new AbortController();
  const setup = setUp([[{ afterMs: 100 }, "hang"]], { signal: abort.signal });
  assertEquals(tell(await pull(setup)), "0");
  const pulling = setup.camera.next();
  abort.abort();
  assertEquals((await pulling).kind, "end");
  await setup.camera[Symbol.asyncDispose]();
});

Deno.test("pulling twice at once is a mistake that is told", async () => {
  const setup = setUp([["hang"]]);
  const pulling = setup.camera.next();
  assertInstanceOf(await setup.camera.next().catch((error) => error), TypeError);
  await setup.camera[Symbol.asyncDispose]();
  await pulling;
});
