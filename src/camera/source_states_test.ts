import { assertEquals, assertRejects } from "@std/assert";
import { FoveaError } from "../core/errors.ts";
import { FILE, pull, pullAll, setUpCamera, tell } from "../../tests/support/fake_camera.ts";
import { type FakeStep, pictures } from "../../tests/support/fake_source.ts";

Deno.test("silence makes a live stream stale, told once; a picture makes it live again", async () => {
  const setup = setUpCamera([[{ afterMs: 100 }, { afterMs: 3000 }, { afterMs: 100 }, "hang"]], {
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
  const slow = setUpCamera([["hang"]], {}, { fps: 2 });
  assertEquals(tell(await pull(slow)), "stale: no picture for 2500 ms");
  await slow.camera[Symbol.asyncDispose]();
  const fast = setUpCamera([["hang"]], {}, { fps: 100 });
  assertEquals(tell(await pull(fast)), "stale: no picture for 1000 ms");
  await fast.camera[Symbol.asyncDispose]();
});

Deno.test("a stream that does not say its rate is stale after five periods as they were seen", async () => {
  const setup = setUpCamera([[...pictures(40, 40), "hang"]], {}, { fps: null });
  let told = "";
  while (!told.startsWith("stale")) told = tell(await pull(setup));
  const silentMs = Number(/no picture for (\d+) ms/.exec(told)![1]);
  assertEquals([silentMs >= 1000, silentMs <= 1250], [true, true], told);
  await setup.camera[Symbol.asyncDispose]();
});

Deno.test("a lost live source is blind, comes back in a new epoch, and seq goes on", async () => {
  const setup = setUpCamera([[...pictures(2, 100), "lost"], "refuse", pictures(2, 100), "refuse"], {
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
  const setup = setUpCamera([["lost"], "refuse", "refuse", "refuse", [{}, "lost"], "refuse", [
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
  const setup = setUpCamera([[{}, "lost"]], { reconnect: { attemptsMax: 0 } });
  assertEquals(tell(await pull(setup)), "0");
  assertEquals(tell(await pull(setup)), "blind: Cannot read on from fake: connection reset");
  const error = await assertRejects(() => pull(setup), FoveaError);
  assertEquals(error.code, "CAMERA_LOST");
  await setup.camera[Symbol.asyncDispose]();
});

Deno.test("a read that hangs counts as lost after readTimeoutMs", async () => {
  const setup = setUpCamera([[{}, "hang"], [{}, "hang"]], {
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
  const setup = setUpCamera([[{}, "hang"]], { readTimeoutMs: 2000 }, { kind: "file" });
  assertEquals(tell(await pull(setup)), "0");
  const error = await assertRejects(() => pull(setup), FoveaError, "no data for 2000 ms");
  assertEquals(error.code, "CAMERA_LOST");
  await setup.camera[Symbol.asyncDispose]();
});

Deno.test("equal pictures make a stream frozen, another one makes it live", async () => {
  const still: FakeStep[] = Array.from({ length: 4 }, () => ({ afterMs: 100, luma: 99 }));
  const setup = setUpCamera([[...still, { afterMs: 100 }, "hang"]], { frozenAfterFrames: 3 });
  const told: string[] = [];
  for (let i = 0; i < 5; i++) told.push(tell(await pull(setup)));
  assertEquals(told, ["0", "1", "2 frozen", "3 frozen", "4"]);
  await setup.camera[Symbol.asyncDispose]();
});

Deno.test("by default a stream is frozen after a second of equal pictures, at least thirty", async () => {
  for (const [fps, frames] of [[10, 30], [50, 50], [29.97, 30], [30.5, 31]] as const) {
    const still = Array.from({ length: frames }, () => ({ afterMs: 20, luma: 99 }));
    const setup = setUpCamera([[...still, "hang"]], { policy: "next" }, { fps });
    const told: string[] = [];
    for (let i = 0; i < frames; i++) told.push(tell(await pull(setup)));
    assertEquals(told.slice(-2), [`${frames - 2}`, `${frames - 1} frozen`], `${fps}`);
    await setup.camera[Symbol.asyncDispose]();
  }
});

Deno.test("black pictures are told at once, on files too", async () => {
  const setup = setUpCamera([[{}, { luma: 0 }, {}]], {}, FILE);
  assertEquals(await pullAll(setup), ["0", "1 black", "2", "end"]);
  await setup.camera[Symbol.asyncDispose]();
});

Deno.test("of the changes nobody looked at, the last one is told, in its place", async () => {
  const setup = setUpCamera([[...pictures(2, 100), "lost"], [...pictures(1, 100), "lost"], [
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
