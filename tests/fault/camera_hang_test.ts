// Native code that cannot be interrupted keeps nobody: named pipes stand for all that hangs.
import { assertEquals, assertRejects } from "@std/assert";
import { openCamera } from "../../src/camera/mod.ts";
import { ManualClock } from "../../src/core/clock.ts";
import { FoveaError } from "../../src/core/errors.ts";
import { pullEvent } from "../support/camera_reader.ts";
import { makeClip } from "../support/clips.ts";

const onUnix = { ignore: Deno.build.os === "windows" };

async function withPipe(fn: (pipe: string, folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "fovea_pipe_" });
  try {
    const pipe = `${folder}/pipe.ts`;
    await new Deno.Command("mkfifo", { args: [pipe] }).output();
    await fn(pipe, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Moves the clock on until the promise has settled. */
async function settle<T>(clock: ManualClock, promise: PromiseLike<T>): Promise<T> {
  let settled = false;
  const watched = Promise.resolve(promise).finally(() => settled = true);
  watched.catch(() => undefined);
  while (!settled) {
    await clock.advance(100);
    // Something real, so that what is real elsewhere can happen too.
    await Deno.stat(".");
  }
  return await watched;
}

Deno.test(
  "a pipe that nobody writes to is given up after openTimeoutMs, or when asked",
  onUnix,
  () =>
    withPipe(async (pipe) => {
      const clock = new ManualClock();
      const late = openCamera(pipe, { clock, openTimeoutMs: 5_000 });
      const error = await assertRejects(() => settle(clock, late), FoveaError, "within 5000 ms");
      assertEquals(error.code, "CAMERA_OPEN");
      const controller = new AbortController();
      const aborted = openCamera(pipe, { clock, signal: controller.signal });
      controller.abort(new Error("enough"));
      await assertRejects(() => settle(clock, aborted), Error, "enough");
      // Both calls are still waiting for a writer; now one comes and goes.
      (await Deno.open(pipe, { write: true })).close();
    }),
);

Deno.test(
  "closing a camera does not wait for a pipe whose writer is silent",
  onUnix,
  () =>
    withPipe(async (pipe, folder) => {
      const clip = `${folder}/clip.ts`;
      await makeClip({ path: clip, width: 128, height: 96, frames: 40, fps: 25 });
      const clock = new ManualClock();
      const opening = openCamera(pipe, { clock });
      using writer = await Deno.open(pipe, { write: true });
      await Deno.writeTextFile(`${folder}/go`, "");
      await writer.write(await Deno.readFile(clip));
      const camera = await opening;
      const event = await pullEvent(camera);
      if (event.kind === "frame") event.frame[Symbol.dispose]();
      await settle(clock, camera[Symbol.asyncDispose]());
      assertEquals((await camera.next()).kind, "end");
    }),
);
