import {
  assert,
  assertEquals,
  assertGreater,
  assertInstanceOf,
  assertNotEquals,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { FILE, pull, pullAll, setUpCamera, tell } from "../../tests/support/fake_camera.ts";
import { makeFrame, type Rgb } from "../../tests/support/fake_frame.ts";
import { BGR_SHAPE, type FakeStep, pictures } from "../../tests/support/fake_source.ts";
import { type Script, ScriptedCamera } from "../../tests/support/scripted_camera.ts";
import { FoveaError } from "../core/errors.ts";
import type { Frame } from "../core/frame.ts";
import type { PixelFormat } from "../core/pixel_format.ts";
import type { Camera } from "../core/ports.ts";
import type { Degradation } from "../degrade/degradation.ts";
import { Degrader } from "../degrade/degrader.ts";
import type { SharedArena } from "../native/arena.ts";
import type { CameraOptions } from "./camera_options.ts";
import { degradeCamera, type DegradeOptions } from "./degrade_camera.ts";

const FOG: Degradation = { kind: "fog", severity: 2 };

function paint(x: number, y: number): Rgb {
  return [(40 * x) & 255, (30 * y + 90) & 255, (7 * x * y + 20) & 255];
}

/** A camera of pictures that `script` makes in its arena; each may have another shape. */
function cameraOf(
  make: (seq: number, arena: SharedArena) => Frame | null,
  realtime = false,
): ScriptedCamera {
  const script: Script = (seq) => {
    const frame = make(seq, camera.arena);
    return frame === null ? { kind: "end" } : { kind: "frame", frame, state: "live", reason: null };
  };
  const camera = new ScriptedCamera(script, realtime);
  return camera;
}

function bgrFrame(arena: SharedArena, seq = 0, paddingBytes = 0): Frame {
  return makeFrame({ format: "bgr24", width: 8, height: 6, paint, arena, seq, paddingBytes });
}

async function nextFrame(camera: Camera): Promise<Frame> {
  const event = await camera.next();
  assert(event.kind === "frame", `it is ${event.kind}`);
  return event.frame;
}

/** The painted picture as BGR, degraded without a camera. */
function expected(width: number, height: number, degradations: readonly Degradation[]): Uint8Array {
  const bgr = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) bgr.set([...paint(x, y)].reverse(), 3 * (y * width + x));
  }
  new Degrader(degradations).apply(bgr, width, height, Infinity);
  return bgr;
}

Deno.test("degradeCamera() counts delivered frames, and leaves those before alone", async () => {
  const { camera, clock, arena } = setUpCamera(
    [pictures(10, 0)],
    { policy: "every:2" },
    FILE,
    BGR_SHAPE,
  );
  await using foggy = degradeCamera(camera, [{ ...FOG, fromFrame: 3 }]);
  assertEquals([foggy.info, foggy.arena === arena], [camera.info, true]);
  const seen: [seq: number, value: number][] = [];
  for (let i = 0; i < 5; i++) {
    const event = await pull({ camera: foggy, clock });
    assert(event.kind === "frame");
    using frame = event.frame;
    assertEquals(frame.arena, arena);
    seen.push([frame.seq, frame.planeBytes(0)[0]!]);
  }
  // Pictures are as bright as their number plus 50; fog:2 is 0.35 * x + 130.
  assertEquals(seen, [[0, 50], [2, 52], [4, 54], [6, 149], [8, 150]]);
});

Deno.test("degradeCamera() tells what the camera tells", async () => {
  const black = { afterMs: 10, luma: 0 };
  const scripts: { steps: (FakeStep[] | "refuse")[]; options?: CameraOptions; file?: true }[] = [
    { steps: [pictures(6, 0)], file: true },
    { steps: [[{}, { lost: 2 }, {}, "lost"]], file: true },
    { steps: [[black, black, ...pictures(3, 10)]], file: true },
    { steps: [Array(40).fill({ afterMs: 10, luma: 90 })], file: true },
    {
      steps: [[...pictures(2, 10), { afterMs: 3000 }, "lost"], "refuse", pictures(2, 10)],
      options: { policy: "next", reconnect: { attemptsMax: 2 }, staleAfterMs: 500 },
    },
  ];
  for (const { steps, options, file } of scripts) {
    const told = [];
    for (const fromFrame of [null, 0, 2]) {
      const setup = setUpCamera(steps, options, file ? FILE : {}, BGR_SHAPE);
      const camera = fromFrame === null
        ? setup.camera
        : degradeCamera(setup.camera, [{ ...FOG, fromFrame }]);
      const events = pullAll({ camera, clock: setup.clock });
      const failure = await events.then(() => null, (error: FoveaError) => error.code);
      const after = tell(await camera.next());
      const list = failure === null ? await events : [failure];
      told.push({ list, after, dropped: camera.dropped, epoch: camera.epoch });
      await camera[Symbol.asyncDispose]();
      assertEquals([setup.arena.usedBytes, setup.sources[0]!.disposed], [0, 1]);
    }
    assertGreater(told[0]!.list.length, 0);
    assertEquals(told[1], told[0]);
    assertEquals(told[2], told[0]);
  }
});

Deno.test("degradations act in the order given, each from its own frame on", async () => {
  const cast: Degradation = { kind: "cast", severity: 3, fromFrame: 1 };
  const orders = [[FOG, cast], [cast, FOG]];
  for (const degradations of orders) {
    await using camera = degradeCamera(
      cameraOf((seq, arena) => bgrFrame(arena, seq)),
      degradations,
    );
    using first = await nextFrame(camera);
    using second = await nextFrame(camera);
    assertEquals(first.planeBytes(0), expected(8, 6, [FOG]));
    assertEquals(second.planeBytes(0), expected(8, 6, degradations));
  }
  assertNotEquals(expected(8, 6, orders[0]!), expected(8, 6, orders[1]!));
});

Deno.test("facts and state of a frame stay with its degraded picture", async () => {
  const camera: ScriptedCamera = new ScriptedCamera(() => ({
    kind: "frame",
    frame: makeFrame({
      format: "bgr24",
      width: 8,
      height: 6,
      arena: camera.arena,
      seq: 7,
      epoch: 2,
      ptsMs: 12.5,
    }),
    state: "frozen",
    reason: "30 equal pictures",
  }));
  await using foggy = degradeCamera(camera, [FOG]);
  const event = await foggy.next();
  assert(event.kind === "frame");
  using frame = event.frame;
  const { seq, epoch, ptsMs, capturedMs, decodeMs } = frame;
  assertEquals([seq, epoch, ptsMs, capturedMs, decodeMs], [7, 2, 12.5, 0, 0]);
  assertEquals([event.state, event.reason], ["frozen", "30 equal pictures"]);
});

Deno.test("pictures may change their size and format at any frame", async () => {
  const shapes: (readonly [PixelFormat, number, number])[] = [
    ...[["i420", 16, 12], ["bgr24", 40, 30], ["rgb24", 61, 31]] as const,
    ...[["i420", 8, 2], ["gray8", 1, 1], ["nv12", 200, 7]] as const,
  ];
  await using camera = degradeCamera(
    cameraOf((seq, arena) => {
      const [format, width, height] = shapes[seq]!;
      return makeFrame({ format, width, height, paint, arena });
    }),
    [{ kind: "blur", severity: 1 }, { kind: "geom", severity: 2 }, { kind: "jpeg", severity: 4 }],
  );
  for (const [, width, height] of shapes) {
    using frame = await nextFrame(camera);
    assertEquals([frame.picture.width, frame.picture.height], [width, height]);
    assertEquals(frame.planeBytes(0).length, 3 * width * height);
  }
});

Deno.test("rows of BGR may have padding", async () => {
  await using camera = degradeCamera(cameraOf((_, arena) => bgrFrame(arena, 0, 13)), [FOG]);
  using frame = await nextFrame(camera);
  assertEquals(frame.planeBytes(0), expected(8, 6, [FOG]));
});

Deno.test("a file waits for a lease; an aborted pull loses no frame", async () => {
  const source = cameraOf((seq, arena) => bgrFrame(arena, seq));
  await using camera = degradeCamera(source, [FOG], { poolFrames: 2 });
  const first = await nextFrame(camera);
  using second = await nextFrame(camera);
  const abort = new AbortController();
  const pulling = camera.next(abort.signal);
  abort.abort();
  assertEquals([(await pulling).kind, source.asked, camera.dropped], ["end", 2, 0]);
  const third = camera.next();
  await assertRejects(() => camera.next(), TypeError, "twice at once");
  first[Symbol.dispose]();
  const event = await third;
  assert(event.kind === "frame");
  using frame = event.frame;
  assertEquals([frame.seq, second.seq, camera.dropped], [2, 1, 0]);
});

Deno.test("a source in real time drops and counts while all leases are out", async () => {
  let held: Frame | null = null;
  const source = cameraOf((seq, arena) => {
    // The lease comes back while the camera is at its fourth frame.
    if (seq === 4) held![Symbol.dispose]();
    return bgrFrame(arena, seq);
  }, true);
  source.dropped = 10;
  await using camera = degradeCamera(source, [FOG], { poolFrames: 1 });
  held = await nextFrame(camera);
  using frame = await nextFrame(camera);
  assertEquals([held.disposed, frame.seq, camera.dropped], [true, 4, 13]);
});

Deno.test("the same seed gives the same noise, another seed another one", async () => {
  async function noise(options: DegradeOptions): Promise<[Uint8Array, Uint8Array]> {
    await using camera = degradeCamera(
      cameraOf((seq, arena) => bgrFrame(arena, seq)),
      [{ kind: "noise", severity: 2 }, { kind: "dark", severity: 1 }],
      options,
    );
    using first = await nextFrame(camera);
    using second = await nextFrame(camera);
    return [first.planeBytes(0), second.planeBytes(0)];
  }
  const [first, second] = await noise({});
  assertEquals(await noise({ seed: 0 }), [first, second]);
  assertNotEquals(first, second);
  assertNotEquals((await noise({ seed: 1 }))[0], first);
});

Deno.test("everything is given back, also when it closes while the kernel loads", async () => {
  let frameBytes = 0;
  const source = cameraOf((_, arena) => {
    const frame = makeFrame({ format: "nv12", width: 32, height: 24, paint, arena });
    frameBytes = arena.usedBytes;
    return frame;
  });
  const camera = degradeCamera(source, [FOG]);
  const pulling = camera.next();
  // Reserving memory comes before reading the kernel's file, which takes more than promises.
  while (source.asked === 0 || source.arena.usedBytes === frameBytes) await Promise.resolve();
  await camera[Symbol.asyncDispose]();
  await camera[Symbol.asyncDispose]();
  assertEquals([(await pulling).kind, (await camera.next()).kind], ["end", "end"]);
  assertEquals(source.arena.usedBytes, 0);
});

Deno.test("degradeCamera() refuses what it does not know and leaves the camera open", async () => {
  await using source = new ScriptedCamera(1);
  const wrong: [Degradation[], DegradeOptions][] = [
    [[{ kind: "rain" as "fog", severity: 1 }], {}],
    [[{ kind: "fog", severity: 5 as 4 }], {}],
    [[{ kind: "fog", severity: 1, fromFrame: -1 }], {}],
    [[FOG], { poolFrames: 0 }],
    [[FOG], { poolFrames: 65 }],
    [[FOG], { seed: 0.5 }],
    [[FOG], { seed: 2 ** 32 }],
    [[FOG], { frames: 3 } as DegradeOptions],
  ];
  for (const [degradations, options] of wrong) {
    const error = assertThrows(() => degradeCamera(source, degradations, options));
    assertInstanceOf(error, FoveaError);
    assertEquals(error.code, "USAGE");
    assertNotEquals(error.hint, null);
  }
  const event = await source.next();
  assert(event.kind === "frame");
  event.frame[Symbol.dispose]();
});
