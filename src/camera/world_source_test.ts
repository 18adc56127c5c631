// Goal: a drawn world behaves as a camera where files and streams have nothing to compare with it:
// its truth, its pace, and which frames are drawn at all.
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { openCamera } from "./open_camera.ts";
import { degradeCamera } from "./degrade_camera.ts";
import { ManualClock } from "../core/clock.ts";
import { FoveaError } from "../core/errors.ts";
import type { Camera } from "../core/ports.ts";
import { checkWorldOptions, StreetWorld } from "../world/mod.ts";
import { selectFrames } from "./selected_frames.ts";
import { openWorldSource } from "./world_source.ts";
import { WorldTruth } from "./world_truth.ts";

const URI = "synthetic:street?seed=5&size=96x64&frames=40";
const GO_ON = new AbortController().signal;
const SETTINGS = { seed: 5, width: 96, height: 64, frames: 40 };

/** Numbers of the next frames, each given back at once. */
async function readSeqs(camera: Camera, count: number): Promise<number[]> {
  const seqs: number[] = [];
  while (seqs.length < count) {
    const event = await camera.next();
    assert(event.kind === "frame");
    seqs.push(event.frame.seq);
    event.frame[Symbol.dispose]();
  }
  return seqs;
}

Deno.test("a world tells the truth about every frame, delivered or not", async () => {
  await using camera = await openCamera(URI, { policy: "every:7" });
  const { truth } = camera;
  assert(truth !== undefined);
  const world = new StreetWorld(SETTINGS);
  assertEquals(truth.classNames, world.classNames);
  const seqs = await readSeqs(camera, 3);
  assertEquals(seqs, [0, 7, 14]);
  for (const seq of [...seqs, 1, 39]) assertEquals(truth.at(seq), world.at(seq));
  assertThrows(() => truth.at(40), RangeError);
});

Deno.test("frames that are selected from a world keep their truth", async () => {
  await using camera = selectFrames(await openCamera(URI), new Set([2, 9]));
  assertEquals(await readSeqs(camera, 2), [2, 9]);
  assertEquals(camera.truth?.at(9), new StreetWorld(SETTINGS).at(9));
});

Deno.test("a world waits for its reader, or plays in real time", async () => {
  await using waiting = await openCamera(URI);
  const { kind, realtime, fps, frameCount } = waiting.info;
  assertEquals([kind, realtime, fps, frameCount], ["file", false, 25, 40]);
  const clock = new ManualClock(500);
  await using playing = await openCamera(URI, { policy: "latest", clock });
  assertEquals(playing.info.realtime, true);
  const first = await playing.next();
  assert(first.kind === "frame");
  assertEquals([first.frame.seq, first.frame.capturedMs], [0, 500]);
  first.frame[Symbol.dispose]();
  // Frame 1 is due 40 ms after the first one, and not before.
  let arrived = false;
  const second = playing.next().then((event) => {
    arrived = true;
    return event;
  });
  await clock.advance(39);
  assertEquals(arrived, false);
  await clock.advance(1);
  const event = await second;
  assert(event.kind === "frame");
  assertEquals([event.frame.seq, event.frame.capturedMs], [1, 540]);
  event.frame[Symbol.dispose]();
});

Deno.test("a world without an end says so", async () => {
  await using camera = await openCamera("synthetic:street?size=64x48");
  assertEquals(camera.info.frameCount, null);
});

Deno.test("frames are RGBA, full range, and say what drawing took", async () => {
  await using camera = await openCamera(URI);
  const event = await camera.next();
  assert(event.kind === "frame");
  using frame = event.frame;
  assertEquals([frame.picture.format, frame.picture.colorRange], ["rgba", "full"]);
  assert(frame.decodeMs > 0);
  assertEquals(frame.ptsMs, 0);
});

Deno.test("boxes follow a degradation that turns the picture, from its frame on", async () => {
  const turn = { kind: "geom", severity: 2, fromFrame: 2 } as const;
  await using camera = degradeCamera(await openCamera(URI), [turn]);
  const plain = new StreetWorld(SETTINGS);
  await readSeqs(camera, 4);
  const { truth } = camera;
  assert(truth !== undefined);
  assertEquals(truth.classNames, plain.classNames);
  assertEquals(truth.at(1), plain.at(1));
  const [turned, before] = [truth.at(2).objects, plain.at(2).objects];
  assert(turned.length > 0 && turned.length <= before.length);
  assert(turned.some(({ xyxyPx, trackId }) => {
    const other = before.find((object) => object.trackId === trackId)!;
    return xyxyPx.some((edge, i) => Math.abs(edge - other.xyxyPx[i]!) > 1);
  }));
  for (const { xyxyPx: [x1, y1, x2, y2] } of turned) {
    assert(x1 >= 0 && y1 >= 0 && x2 <= 96 && y2 <= 64 && x2 > x1 && y2 > y1);
  }
});

Deno.test("WorldTruth keeps a bounded number of truths and answers for all others too", () => {
  const world = new StreetWorld({ ...SETTINGS, frames: null });
  const truth = new WorldTruth(world.settings);
  for (let seq = 0; seq < 600; seq++) truth.remember({ seq, objects: [] });
  assertEquals(truth.at(599).objects, [], "what came with a frame is what is told");
  assertEquals(truth.at(3), world.at(3), "what was forgotten is found out again");
});

/** A worker that runs this program. */
function program(text: string): URL {
  return new URL(`data:application/javascript,${encodeURIComponent(text)}`);
}

Deno.test("a worker that cannot start is told as CAMERA_OPEN", async () => {
  const settings = checkWorldOptions(SETTINGS);
  const broken = program(`throw new Error("no memory");`);
  const opening = openWorldSource(settings, "synthetic:street", new ManualClock(), GO_ON, broken);
  const error = await assertRejects(() => opening, FoveaError, "no memory");
  assertEquals(error.code, "CAMERA_OPEN");
});

Deno.test("a world whose scenery is being drawn can be given up", async () => {
  const abort = new AbortController();
  // Its scenery takes seconds.
  const opening = openCamera("synthetic:street?size=3840x2160", { signal: abort.signal });
  abort.abort(new Error("not now"));
  await assertRejects(() => opening, Error, "not now");
});

Deno.test("a worker that dies while it draws is told as CAMERA_LOST, again and again", async () => {
  const settings = checkWorldOptions(SETTINGS);
  const dying = program(`self.onmessage = ({ data }) => {
    if (data.kind !== "open") throw new Error("it broke");
    self.postMessage({ kind: "open" });
  };`);
  await using source = await openWorldSource(settings, "world", new ManualClock(), GO_ON, dying);
  await source.advance();
  for (let i = 0; i < 2; i++) {
    const drawing = async () => void await source.prepare();
    const error = await assertRejects(drawing, FoveaError, "the worker died");
    assertEquals(error.code, "CAMERA_LOST");
  }
});

Deno.test("a source that is closed while it draws ends what is going on", async () => {
  const settings = checkWorldOptions(SETTINGS);
  const source = await openWorldSource(settings, "synthetic:street", new ManualClock(), GO_ON);
  assertEquals(await source.advance(), true);
  const drawing = assertRejects(async () => await source.prepare(), FoveaError, "it is closed");
  await source[Symbol.asyncDispose]();
  await drawing;
  await assertRejects(() => source.advance(), FoveaError, "it is closed");
});

Deno.test("a world that cannot be drawn is refused before a worker starts", async () => {
  const error = await assertRejects(() => openCamera("synthetic:street?size=1x1"), FoveaError);
  assertEquals(error.code, "CAMERA_URI");
});
