// Pipelines that misbehave, played by a fake program: whatever it does, an error has a code, the
// next picture begins where a picture begins, and no process is left.
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { checkCameraOptions } from "../../src/camera/camera_options.ts";
import { openGstSource } from "../../src/camera/gst_source.ts";
import type { PictureSource } from "../../src/camera/picture_source.ts";
import { type Clock, ManualClock } from "../../src/core/clock.ts";
import { FoveaError, type FoveaErrorCode } from "../../src/core/errors.ts";
import { FramePool } from "../../src/core/frame_pool.ts";
import { SharedArena } from "../../src/native/arena.ts";
import { systemClock } from "../../src/native/system_clock.ts";
import { makeFakeGstLaunch } from "../support/fake_gst_launch.ts";
import { findProcesses, makeMarker, waitForProcesses } from "../support/processes.ts";

const SETTINGS = checkCameraOptions({});
/** Bytes of a 4×2 picture in GRAY8. */
const BYTES = 8;

interface OpenOptions {
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

function openFake(program: string, options: OpenOptions = {}): Promise<PictureSource> {
  const { clock = systemClock, signal = new AbortController().signal } = options;
  const request = { label: "gst:fake", words: ["fakesrc"], kind: null, rtpEncoding: null, program };
  return openGstSource(request, SETTINGS, clock, signal);
}

/** Plays `script` and lets `use` look at the open source; then nothing may be left. */
async function play(
  script: string,
  use: (source: PictureSource) => Promise<void>,
  clock: Clock = systemClock,
): Promise<void> {
  await using fake = await makeFakeGstLaunch(script);
  {
    await using source = await openFake(fake.program, { clock });
    await use(source);
  }
  assertEquals(findProcesses(fake.program), []);
}

async function refuse(
  script: string,
  code: FoveaErrorCode,
  says: string,
): Promise<FoveaError> {
  await using fake = await makeFakeGstLaunch(script);
  const error = await assertRejects(() => openFake(fake.program), FoveaError);
  assertEquals([error.code, findProcesses(fake.program)], [code, []]);
  assertStringIncludes(error.message, says);
  return error;
}

async function lose(source: PictureSource, says: string): Promise<void> {
  const error = await assertRejects(() => source.advance(), FoveaError, says);
  assertEquals(error.code, "CAMERA_LOST");
}

function isReading(source: PictureSource): boolean {
  return source.readingSinceMs !== null;
}

/** The bytes of the current picture. */
async function bytesOf(source: PictureSource): Promise<number[]> {
  const arena = new SharedArena();
  using pool = new FramePool(arena, { frames: 1 });
  using draft = pool.tryLease(await source.prepare())!;
  source.copyInto(draft.picture, arena);
  const { byteOffset } = draft.picture.planes[0]!;
  return [...new Uint8Array(arena.buffer, byteOffset, BYTES)];
}

Deno.test("what elements print to standard output is never between the pixels", async () => {
  const chatter = 'for i in {1..500}; do echo "GST_ARGUS: Creating output stream $i"; done';
  await play(
    `printf 'Opening in BLOCKING MODE '; say GRAY8 4 2
     for value in 101 102 103; do ${chatter}; picture ${BYTES} $value; ${chatter} >&2; done`,
    async (source) => {
      for (const value of [0o101, 0o102, 0o103]) {
        assertEquals(await source.advance(), true);
        assertEquals(await bytesOf(source), Array(BYTES).fill(value));
      }
      assertEquals(await source.advance(), false);
    },
  );
});

Deno.test("a program that breaks off inside a picture is lost, and the part is not shown", async () => {
  await play(
    `say GRAY8 4 2; picture ${BYTES} 101; picture 5 102`,
    async (source) => {
      assertEquals(await source.advance(), true);
      await lose(source, "it broke off after 5 of the 8 bytes of a picture");
    },
  );
});

Deno.test("a program that is killed while it plays is lost", async () => {
  await play(`say GRAY8 4 2; picture ${BYTES} 101; kill -KILL $$`, async (source) => {
    assertEquals(await source.advance(), true);
    await lose(source, "fake-gst-launch ended by SIGKILL");
  });
});

Deno.test("an error in the end is told with what the program said", async () => {
  const error = "ERROR: from element /GstPipeline:p/GstV4l2Src:s: Could not read from resource.";
  const debug = "system error: No such device";
  await play(
    `say GRAY8 4 2; picture ${BYTES} 101
     echo "${error}" >&2; printf 'Additional debug info:\\nplace\\n${debug}\\n' >&2; exit 1`,
    async (source) => {
      assertEquals(await source.advance(), true);
      await lose(source, `Could not read from resource (${debug})`);
    },
  );
});

Deno.test("elements that fail and end as if all were well are not believed", async () => {
  await play(
    `say GRAY8 4 2; picture ${BYTES} 101; echo "ARGUS_ERROR: Error generated. Timeout"; exit 0`,
    async (source) => {
      assertEquals(await source.advance(), true);
      await lose(source, "ARGUS_ERROR");
    },
  );
});

Deno.test("pictures that change their size end the connection", async () => {
  await play(
    `trap 'exit 0' INT; say GRAY8 4 2; picture ${BYTES} 101; caps GRAY8 8 2
     while picture ${2 * BYTES} 101; do :; done`,
    async (source) => {
      // What it said comes on another way than the pixels, a moment earlier or later.
      const error = await assertRejects(
        async () => {
          while (await source.advance());
        },
        FoveaError,
        "changed their size",
      );
      assertEquals(error.code, "CAMERA_LOST");
    },
  );
});

Deno.test("a program that says nothing and ends is told by its code", async () => {
  const error = await refuse("exit 3", "CAMERA_OPEN", "fake-gst-launch ended with code 3");
  assertEquals(error.hint, null);
  await refuse("exit 0", "CAMERA_NO_VIDEO", "no picture came");
  await refuse("say GRAY8 4 2; exit 0", "CAMERA_NO_VIDEO", "no picture came");
  await refuse("say GRAY8 4 2; picture 3 101", "CAMERA_OPEN", "after 3 of the 8 bytes");
  await refuse("say P010_10LE 4 2; picture 9 101", "PIXEL_FORMAT", "P010_10LE");
});

Deno.test("a program that cannot be started is told", async () => {
  const missing = await assertRejects(() => openFake("/fovea-none/gst-launch-1.0"), FoveaError);
  assertEquals(missing.code, "CAMERA_OPEN");
  assertStringIncludes(missing.hint!, "gstreamer1.0-tools");
  await using fake = await makeFakeGstLaunch("");
  await Deno.chmod(fake.program, 0o644);
  const refused = await assertRejects(() => openFake(fake.program), FoveaError);
  assertEquals(refused.code, "CAMERA_OPEN");
});

Deno.test("opening ends in time, and a program that does not want to stop is killed", async () => {
  const marker = makeMarker();
  await using fake = await makeFakeGstLaunch(`trap '' INT; exec -a ${marker} sleep 1000`);
  const clock = new ManualClock();
  const opening = openFake(fake.program, { clock });
  const refused = assertRejects(() => opening, FoveaError, "no picture within 10000 ms");
  await waitForProcesses(marker, 1);
  await clock.advance(10_000);
  while (clock.waiting < 2) await systemClock.wait(1);
  // Opening is given up before the program is.
  await clock.advance(1999);
  assertEquals((await refused).code, "CAMERA_OPEN");
  assertEquals(findProcesses(marker).length, 1);
  await clock.advance(1);
  await waitForProcesses(marker, 0);
});

Deno.test("opening that takes too long says what the program complained about", async () => {
  const marker = makeMarker();
  await using fake = await makeFakeGstLaunch(
    `echo "ARGUS_ERROR: Error generated. Timeout"; exec -a ${marker} sleep 1000`,
  );
  const clock = new ManualClock();
  const opening = openFake(fake.program, { clock });
  const refused = assertRejects(() => opening, FoveaError, "within 10000 ms: ARGUS_ERROR");
  while (clock.waiting === 0) await systemClock.wait(1);
  await waitForProcesses(marker, 1);
  await clock.advance(10_000);
  assertEquals((await refused).code, "CAMERA_OPEN");
});

Deno.test("a program whose outputs another one keeps open is left alone", async () => {
  const [marker, keeper] = [makeMarker(), makeMarker()];
  await using fake = await makeFakeGstLaunch(
    `(exec -a ${keeper} sleep 1000) & say GRAY8 4 2; picture ${BYTES} 101
     exec -a ${marker} sleep 1000`,
  );
  const clock = new ManualClock();
  const source = await openFake(fake.program, { clock });
  await waitForProcesses(marker, 1);
  assertEquals(await source.advance(), true);
  const advancing = assertRejects(() => source.advance(), FoveaError, "interrupted");
  source.interrupt();
  await waitForProcesses(marker, 0);
  // Its end of the channel is open in the other program, and so are its outputs.
  await clock.advance(2000);
  await advancing;
  const disposing = source[Symbol.asyncDispose]();
  while (clock.waiting === 0) await systemClock.wait(1);
  await clock.advance(1000);
  await disposing;
  const [other] = await waitForProcesses(keeper, 1);
  Deno.kill(other!.pid, "SIGKILL");
  await waitForProcesses(keeper, 0);
});

Deno.test("aborting ends opening with its reason", async () => {
  const marker = makeMarker();
  await using fake = await makeFakeGstLaunch(`exec -a ${marker} sleep 1000`);
  for (const isStarted of [false, true]) {
    const abort = new AbortController();
    const opening = openFake(fake.program, { signal: abort.signal });
    const refused = assertRejects(() => opening, Error, "not now");
    if (isStarted) await waitForProcesses(marker, 1);
    abort.abort(new Error("not now"));
    await refused;
    await waitForProcesses(marker, 0);
  }
});

Deno.test("a read that hangs is told since when, and ends when it is interrupted", async () => {
  for (const hang of ["", 'eval "exec $fd>&-";']) {
    const marker = makeMarker();
    const script = `say GRAY8 4 2; picture ${BYTES} 101; ${hang} exec -a ${marker} sleep 1000`;
    await play(script, async (source) => {
      assertEquals(await source.advance(), true);
      const advancing = assertRejects(() => source.advance(), FoveaError);
      assertEquals(isReading(source), true);
      await waitForProcesses(marker, 1);
      source.interrupt();
      assertEquals((await advancing).code, "CAMERA_LOST");
      assertEquals(isReading(source), false);
    });
  }
});
