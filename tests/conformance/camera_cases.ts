// What every camera must do, whatever is behind it. Each kind of source runs all of it.
import { assert, assertEquals, assertGreater, assertRejects, assertThrows } from "@std/assert";
import { type Camera, type CameraOptions, openCamera } from "../../src/camera/mod.ts";
import { FoveaError } from "../../src/core/errors.ts";
import type { Frame } from "../../src/core/frame.ts";
import { SharedArena } from "../../src/native/arena.ts";
import { systemClock } from "../../src/native/system_clock.ts";
import { readUntil } from "../support/camera_reader.ts";
import { readPictureNumber } from "../support/painting.ts";

/** A source that is up and shows numbered pictures. */
export interface CameraSubject extends AsyncDisposable {
  /** What to open. */
  readonly uri: string;
  /** What it should say about itself. */
  readonly kind: "file" | "live";
  /** Width of its pictures in pixels. */
  readonly width: number;
  /** Height of its pictures in pixels. */
  readonly height: number;
  /** How to open it, besides what a case asks for; nothing by default. */
  readonly options?: CameraOptions;
  /** Puts something in front of the opened camera that must behave like it; nothing by default. */
  readonly wrap?: (camera: Camera, options: CameraOptions) => Camera;
  /**
   * Most bytes of the arena that what `wrap` puts in front takes for itself, beside the pool of the
   * camera behind it; none by default.
   *
   * @param poolBytes What a pool of pictures of that size may take.
   */
  readonly wrapBytes?: (poolBytes: number, width: number) => number;
  /** Reads the number of a picture; by default it is painted into it, see `readPictureNumber()`. */
  readonly numberOf?: (frame: Frame) => number;
  /** Pictures of a file, at least 12; of a live source before its numbers begin anew. */
  readonly pictures: number;
}

/** Pictures that a case looks at. */
const LOOKS = 10;

interface Case {
  readonly name: string;
  readonly kinds: readonly ("file" | "live")[];
  readonly run: (subject: CameraSubject) => Promise<void>;
}

const BOTH = ["file", "live"] as const;

/**
 * Runs every case against sources that `make` puts up, one for each case; none where `whySkipped`
 * says why they cannot.
 */
export function runCameraCases(
  what: string,
  make: () => Promise<CameraSubject>,
  kind: "file" | "live",
  whySkipped = "",
): void {
  for (const { name, run } of CASES.filter(({ kinds }) => kinds.includes(kind))) {
    Deno.test({
      name: `camera ${what}: ${name}${whySkipped}`,
      ignore: whySkipped !== "",
      async fn() {
        await using subject = await make();
        assertEquals(subject.kind, kind);
        await run(subject);
      },
    });
  }
}

function numberOf(subject: CameraSubject, frame: Frame): number {
  return (subject.numberOf ?? readPictureNumber)(frame);
}

async function openSubject(subject: CameraSubject, options: CameraOptions = {}): Promise<Camera> {
  const camera = await openCamera(subject.uri, { ...subject.options, ...options });
  return subject.wrap?.(camera, options) ?? camera;
}

const CASES: readonly Case[] = [
  { name: "says what it is before the first frame", kinds: BOTH, run: checkInfo },
  { name: "numbers, times and pictures belong together", kinds: BOTH, run: checkOrder },
  { name: "a lease ends once and for all", kinds: BOTH, run: checkLease },
  { name: "a retained frame keeps its pixels while others come", kinds: BOTH, run: checkRetain },
  {
    name: "every:N gives multiples of N and counts nothing as dropped",
    kinds: ["file"],
    run: checkEvery,
  },
  { name: "every:N gives multiples of N", kinds: ["live"], run: checkEveryLive },
  { name: "all frames come, then the end again and again", kinds: ["file"], run: checkEnd },
  {
    name: "waits for a lease to come back and drops nothing",
    kinds: ["file"],
    run: checkBackPressure,
  },
  { name: "drops and counts while all leases are out", kinds: ["live"], run: checkDrops },
  { name: "the newest frame is at hand after a pause", kinds: ["live"], run: checkLatest },
  { name: "memory stays within the pool", kinds: BOTH, run: checkMemory },
  { name: "a pull ends when its signal aborts and works again", kinds: BOTH, run: checkAbortPull },
  { name: "closing ends a pull; closing twice is harmless", kinds: BOTH, run: checkClose },
  { name: "frames outlive their camera until they are disposed", kinds: BOTH, run: checkOutlive },
  {
    name: "an aborted signal keeps it from opening and ends it when open",
    kinds: BOTH,
    run: checkSignal,
  },
];

async function checkInfo(subject: CameraSubject): Promise<void> {
  await using camera = await openSubject(subject);
  const { uri, kind, width, height, realtime } = camera.info;
  assertEquals([kind, width, height], [subject.kind, subject.width, subject.height]);
  assertEquals([uri, realtime], [subject.uri, subject.kind === "live"]);
  assertEquals([camera.dropped, camera.epoch], [0, 0]);
}

async function checkOrder(subject: CameraSubject): Promise<void> {
  await using camera = await openSubject(subject, { policy: "next" });
  let lastPtsMs = -1;
  let looked = 0;
  await readUntil(camera, ({ frame, state, reason }) => {
    const number = numberOf(subject, frame);
    assertEquals(number, frame.seq % subject.pictures);
    assertEquals([frame.epoch, state, reason], [0, "live", null]);
    assertGreater(frame.ptsMs, lastPtsMs);
    lastPtsMs = frame.ptsMs;
    assert(frame.capturedMs <= systemClock.nowMs() && frame.decodeMs >= 0);
    const { width, height } = frame.picture;
    assertEquals([width, height], [subject.width, subject.height]);
    return ++looked >= LOOKS;
  });
}

async function checkLease(subject: CameraSubject): Promise<void> {
  await using camera = await openSubject(subject);
  const event = await camera.next();
  assert(event.kind === "frame");
  const { frame } = event;
  assertEquals(frame.disposed, false);
  frame[Symbol.dispose]();
  frame[Symbol.dispose]();
  assertEquals(frame.disposed, true);
  assertEquals(assertThrows(() => frame.picture, FoveaError).code, "DISPOSED");
  assertEquals(assertThrows(() => frame.retain(), FoveaError).code, "DISPOSED");
}

async function checkRetain(subject: CameraSubject): Promise<void> {
  await using camera = await openSubject(subject, { policy: "next", poolFrames: 3 });
  const event = await camera.next();
  assert(event.kind === "frame");
  using kept = event.frame.retain();
  event.frame[Symbol.dispose]();
  const before = kept.planeBytes(0);
  let looked = 0;
  await readUntil(camera, () => ++looked >= LOOKS);
  assertEquals(kept.planeBytes(0), before);
  assertEquals(numberOf(subject, kept), kept.seq);
}

async function checkEvery(subject: CameraSubject): Promise<void> {
  await using camera = await openSubject(subject, { policy: "every:3" });
  const seqs: number[] = [];
  await readUntil(camera, ({ frame }) => {
    assertEquals(numberOf(subject, frame), frame.seq);
    return seqs.push(frame.seq) >= 4;
  });
  assertEquals([seqs, camera.dropped], [[0, 3, 6, 9], 0]);
}

async function checkEveryLive(subject: CameraSubject): Promise<void> {
  await using camera = await openSubject(subject, { policy: "every:3" });
  let looked = 0;
  await readUntil(camera, ({ frame }) => {
    assertEquals(frame.seq % 3, 0);
    return ++looked >= 4;
  });
}

async function checkEnd(subject: CameraSubject): Promise<void> {
  await using camera = await openSubject(subject);
  for (let seq = 0; seq < subject.pictures; seq++) {
    const event = await camera.next();
    assert(event.kind === "frame");
    using frame = event.frame;
    assertEquals(frame.seq, seq);
  }
  const ends = [await camera.next(), await camera.next()];
  assertEquals([ends.map(({ kind }) => kind), camera.dropped], [["end", "end"], 0]);
}

async function checkBackPressure(subject: CameraSubject): Promise<void> {
  await using camera = await openSubject(subject, { poolFrames: 2 });
  const first = await camera.next();
  const second = await camera.next();
  assert(first.kind === "frame" && second.kind === "frame");
  const third = camera.next();
  first.frame[Symbol.dispose]();
  second.frame[Symbol.dispose]();
  const event = await third;
  assert(event.kind === "frame");
  assertEquals([event.frame.seq, camera.dropped], [2, 0]);
  event.frame[Symbol.dispose]();
}

async function checkDrops(subject: CameraSubject): Promise<void> {
  await using camera = await openSubject(subject, { policy: "next", poolFrames: 2 });
  const held = [await camera.next(), await camera.next()];
  // Nothing can come while all leases are out; what the camera dropped meanwhile shows in seq.
  while (camera.dropped < 3) await systemClock.wait(5);
  for (const event of held) {
    assert(event.kind === "frame");
    event.frame[Symbol.dispose]();
  }
  await readUntil(camera, ({ frame }) => {
    assertGreater(frame.seq, 4);
    return true;
  });
}

async function checkLatest(subject: CameraSubject): Promise<void> {
  await using camera = await openSubject(subject);
  while (camera.dropped < 3) await systemClock.wait(5);
  const { dropped } = camera;
  await readUntil(camera, ({ frame }) => {
    assertEquals(frame.seq, dropped);
    return true;
  });
}

async function checkMemory(subject: CameraSubject): Promise<void> {
  const poolFrames = 4;
  await using camera = await openSubject(subject, { poolFrames });
  assert(camera.arena instanceof SharedArena);
  const { arena } = camera;
  let used = 0;
  let pictureBytes = 0;
  let looked = 0;
  await readUntil(camera, ({ frame }) => {
    const bytes = frame.picture.planes.reduce((sum, _, i) => sum + frame.planeBytes(i).length, 0);
    pictureBytes = Math.max(pictureBytes, bytes);
    used = Math.max(used, arena.usedBytes);
    return ++looked >= LOOKS;
  });
  // How many places of the pool were ever needed depends on who was faster, reader or source.
  const poolBytes = poolFrames * (pictureBytes + 3 * 64);
  const wrapBytes = subject.wrapBytes?.(poolBytes, subject.width) ?? 0;
  assert(used <= poolBytes + wrapBytes, `${used} bytes in use`);
}

async function checkAbortPull(subject: CameraSubject): Promise<void> {
  await using camera = await openSubject(subject);
  const abort = new AbortController();
  const pulling = endKind(camera, abort.signal);
  abort.abort();
  // What came before the abort is delivered, everything after it is the end.
  assert(["frame", "end"].includes(await pulling));
  assertEquals(await endKind(camera, abort.signal), "end");
  await readUntil(camera, () => true);
}

async function checkClose(subject: CameraSubject): Promise<void> {
  const camera = await openSubject(subject);
  const { arena } = camera;
  const pulling = endKind(camera);
  await camera[Symbol.asyncDispose]();
  await camera[Symbol.asyncDispose]();
  assert(["frame", "end"].includes(await pulling));
  assertEquals(await endKind(camera), "end");
  assert(arena instanceof SharedArena && arena.usedBytes === 0);
}

async function checkOutlive(subject: CameraSubject): Promise<void> {
  const camera = await openSubject(subject, { policy: "next" });
  const event = await camera.next();
  assert(event.kind === "frame");
  await camera[Symbol.asyncDispose]();
  assertEquals(numberOf(subject, event.frame), 0);
  const { arena } = camera;
  assert(arena instanceof SharedArena && arena.usedBytes > 0);
  event.frame[Symbol.dispose]();
  assertEquals(arena.usedBytes, 0);
}

async function checkSignal(subject: CameraSubject): Promise<void> {
  const aborted = AbortSignal.abort(new Error("not now"));
  await assertRejects(() => openSubject(subject, { signal: aborted }), Error, "not now");
  const abort = new AbortController();
  await using camera = await openSubject(subject, { signal: abort.signal });
  abort.abort();
  assertEquals(await endKind(camera), "end");
}

/** Pulls one event, gives its frame back and says what it was. */
async function endKind(camera: Camera, signal?: AbortSignal): Promise<string> {
  const event = await camera.next(signal);
  if (event.kind === "frame") event.frame[Symbol.dispose]();
  return event.kind;
}
