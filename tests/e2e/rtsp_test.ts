// A real RTSP server, real sockets, real H.264: what an IP camera does to us.
import { assert, assertEquals, assertGreater, assertLess, assertRejects } from "@std/assert";
import { type CameraOptions, openCamera } from "../../src/camera/mod.ts";
import { FoveaError } from "../../src/core/errors.ts";
import { systemClock } from "../../src/native/system_clock.ts";
import { pullEvent, readUntil, readUntilState } from "../support/camera_reader.ts";
import { encodePictures } from "../support/clips.ts";
import { readPictureNumber } from "../support/painting.ts";
import { RtspServer } from "../support/rtsp_server.ts";

const FPS = 50;
const LOOP = 200;
const QUICK: CameraOptions = { reconnect: { initialDelayMs: 10, maxDelayMs: 40 } };

async function startServer(credentials?: string): Promise<RtspServer> {
  const pictures = await encodePictures({ width: 128, height: 96, frames: LOOP, fps: FPS });
  return new RtspServer({
    pictures,
    fps: FPS,
    ...(credentials === undefined ? {} : { credentials }),
  });
}

Deno.test("RTSP plays: numbers, times and ages are right", async () => {
  await using server = await startServer();
  await using camera = await openCamera(server.url, { policy: "next" });
  assertEquals([camera.info.kind, camera.info.width, camera.info.height, camera.info.fps], [
    "live",
    128,
    96,
    FPS,
  ]);
  const ptsMs: number[] = [];
  await readUntil(camera, ({ frame, state }) => {
    assertEquals([readPictureNumber(frame), frame.epoch, state], [frame.seq, 0, "live"]);
    const ageMs = systemClock.nowMs() - frame.capturedMs;
    assert(ageMs >= 0, `age ${ageMs}`);
    assertLess(ageMs, 1000);
    ptsMs.push(frame.ptsMs);
    return frame.seq >= 40;
  });
  assertEquals(camera.dropped, 0);
  for (let i = 2; i < ptsMs.length; i++) {
    const periodMs = ptsMs[i]! - ptsMs[i - 1]!;
    assert(Math.abs(periodMs - 1000 / FPS) < 1, `picture ${i} came ${periodMs} ms after the last`);
  }
});

Deno.test("RTSP survives 20 outages in a row without making anything up", async () => {
  await using server = await startServer();
  await using camera = await openCamera(server.url, QUICK);
  let lastSeq = -1;
  let first = true;
  const states: string[] = [];
  for (let outage = 0; outage <= 20; outage++) {
    let looked = 0;
    await readUntil(camera, ({ frame, state }) => {
      assertEquals([frame.epoch, state], [outage, "live"]);
      assertGreater(frame.seq, lastSeq);
      // Every epoch plays the clip anew: the number is one that was really sent in this one.
      const number = readPictureNumber(frame);
      assert(number < LOOP && (first || number <= frame.seq), `picture ${number}`);
      lastSeq = frame.seq;
      return ++looked >= 5;
    });
    first = false;
    if (outage === 20) break;
    await server.goDown();
    states.push(await readUntilState(camera, "blind"));
    server.comeBack();
  }
  assertEquals([camera.epoch, states.length], [20, 20]);
});

Deno.test("RTSP frames carry the pictures that were sent, in order, in every epoch", async () => {
  await using server = await startServer();
  await using camera = await openCamera(server.url, { ...QUICK, policy: "next", poolFrames: 16 });
  for (let epoch = 0; epoch < 3; epoch++) {
    const offsets = new Set<number>();
    await readUntil(camera, ({ frame }) => {
      offsets.add(frame.seq - readPictureNumber(frame));
      return frame.epoch === epoch && readPictureNumber(frame) >= 20;
    });
    assertEquals(offsets.size, 1);
    await server.goDown();
    await readUntilState(camera, "blind");
    server.comeBack();
  }
});

Deno.test("RTSP that falls silent is stale, then lost, then comes back", async () => {
  await using server = await startServer();
  await using camera = await openCamera(server.url, {
    ...QUICK,
    staleAfterMs: 150,
    readTimeoutMs: 400,
  });
  await readUntil(camera, ({ frame }) => frame.seq >= 3);
  server.goSilent();
  const stale = await readUntilState(camera, "stale");
  assert(/^no picture for \d+ ms$/.test(stale), stale);
  const blind = await readUntilState(camera, "blind");
  assert(/^no data for \d+ ms$/.test(blind), blind);
  server.recover();
  await readUntil(camera, ({ frame, state }) => frame.epoch >= 1 && state === "live");
});

Deno.test("RTSP: each change is told once, however long it lasts", async () => {
  await using server = await startServer();
  const limits = { staleAfterMs: 300, readTimeoutMs: 900, openTimeoutMs: 300 };
  await using camera = await openCamera(server.url, { ...QUICK, ...limits });
  await readUntil(camera, ({ frame }) => frame.seq >= 3);
  const before = server.requests.get("OPTIONS")!;
  server.goMute();
  const told: string[] = [];
  for (;;) {
    const event = await pullEvent(camera);
    if (event.kind === "state") {
      told.push(event.state);
      // Two attempts that get no answer go by before the server is well again.
      if (event.state === "blind") {
        void server.countRequests("OPTIONS", before + 2).then(() => server.recover());
      }
      continue;
    }
    using frame = event.frame;
    if (frame.epoch === 1) break;
  }
  assertEquals(told, ["stale", "blind"]);
});

Deno.test("RTSP asks for a password and gets it from the URI; it is never shown", async () => {
  await using server = await startServer("admin:se cret");
  const refused = await assertRejects(() => openCamera(server.url), FoveaError);
  assertEquals(refused.code, "CAMERA_OPEN");
  assert(refused.hint?.includes("user:password"), `${refused.hint}`);
  await using camera = await openCamera(server.url.replace("//", "//admin:se%20cret@"));
  assert(camera.info.uri.includes("admin:***@"), camera.info.uri);
  await readUntil(camera, ({ frame }) => frame.seq >= 1);
});

Deno.test("RTSP that never answers ends with a typed error after openTimeoutMs", async () => {
  await using server = await startServer();
  server.goMute();
  const error = await assertRejects(
    () => openCamera(server.url, { openTimeoutMs: 200 }),
    FoveaError,
  );
  assertEquals(error.code, "CAMERA_OPEN");
  assert(error.message.includes("no picture within 200 ms"), error.message);
});

Deno.test("RTSP that refuses connections says so", async () => {
  await using server = await startServer();
  const { url } = server;
  await server.goDown();
  const error = await assertRejects(() => openCamera(url), FoveaError, "Connection refused");
  assertEquals(error.code, "CAMERA_OPEN");
});

Deno.test("opening can be aborted, and closing ends a read that waits", async () => {
  await using server = await startServer();
  const abort = new AbortController();
  server.goMute();
  const opening = openCamera(server.url, { signal: abort.signal });
  await server.countRequests("OPTIONS", 1);
  abort.abort(new Error("enough"));
  await assertRejects(() => opening, Error, "enough");
  server.recover();
  const camera = await openCamera(server.url);
  server.goSilent();
  await readUntil(camera, () => true);
  const pulling = camera.next();
  await camera[Symbol.asyncDispose]();
  const event = await pulling;
  if (event.kind === "frame") event.frame[Symbol.dispose]();
});
