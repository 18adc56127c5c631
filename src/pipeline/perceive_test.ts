import { assertEquals, assertLessOrEqual, assertRejects } from "@std/assert";
import { ManualClock } from "../core/clock.ts";
import { FoveaError } from "../core/errors.ts";
import type { Arena, Frame } from "../core/frame.ts";
import type { Camera, CameraEvent, Sink } from "../core/ports.ts";
import type { FrameResult } from "../core/result.ts";
import { SharedArena } from "../native/arena.ts";
import type { Lane } from "./lane.ts";
import { LoadedDetector } from "./loaded_detector.ts";
import { perceive } from "./perceive.ts";
import type { InferReply, LoadReply } from "./protocol.ts";

/** Counts leases, so that a test can prove that all of them came back. */
class Leases {
  out = 0;
}

function makeFrame(arena: Arena, leases: Leases, seq: number): Frame {
  leases.out++;
  let disposed = false;
  return {
    seq,
    epoch: 0,
    capturedMs: seq * 10,
    ptsMs: seq * 10,
    decodeMs: 1,
    arena,
    picture: {
      format: "gray8",
      width: 4,
      height: 2,
      colorRange: "full",
      colorMatrix: "bt601",
      planes: [{ byteOffset: 0, strideBytes: 4 }],
    },
    get disposed() {
      return disposed;
    },
    retain: () => makeFrame(arena, leases, seq),
    planeBytes: () => new Uint8Array(8),
    [Symbol.dispose]() {
      if (!disposed) leases.out--;
      disposed = true;
    },
  };
}

type Script = (seq: number) => CameraEvent | Error | Promise<CameraEvent>;

class ScriptedCamera implements Camera {
  readonly arena = new SharedArena();
  readonly leases = new Leases();
  readonly info: Camera["info"];
  readonly epoch = 0;
  dropped = 0;
  asked = 0;
  readonly #script: Script;

  constructor(script: Script | number, realtime = false) {
    const base = { uri: "test:", width: 4, height: 2, fps: null, frameCount: null };
    this.info = { ...base, kind: realtime ? "live" : "file", realtime };
    this.#script = typeof script === "number"
      ? (seq) => seq < script ? this.frame(seq) : { kind: "end" }
      : script;
  }

  frame(seq: number): CameraEvent {
    const frame = makeFrame(this.arena, this.leases, seq);
    return { kind: "frame", frame, state: "live", reason: null };
  }

  async next(signal?: AbortSignal): Promise<CameraEvent> {
    await Promise.resolve();
    if (signal?.aborted) return { kind: "end" };
    const event = await this.#script(this.asked++);
    if (event instanceof Error) throw event;
    return event;
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

const REPLY: InferReply = {
  detections: {
    count: 1,
    xyxyPx: new Float32Array([0, 0, 2, 2]),
    score: new Float32Array([0.5]),
    classIndex: new Int32Array([0]),
    anchorIndex: new Int32Array([0]),
  },
  nonFinite: 0,
  timingsMs: { preprocess: 1, infer: 2, decodeOutputs: 3, nms: 4, total: 10 },
};

/** A lane whose answers the test gives. */
class ManualLane implements Lane {
  readonly waiting: { seq: number; finish: (error?: Error) => void }[] = [];
  detached = 0;
  highest = 0;

  get inFlight(): number {
    return this.waiting.length;
  }

  infer(frame: Frame): Promise<InferReply> {
    return new Promise((resolve, reject) => {
      const entry = {
        seq: frame.seq,
        finish: (error?: Error) => {
          this.waiting.splice(this.waiting.indexOf(entry), 1);
          frame[Symbol.dispose]();
          if (error === undefined) resolve(REPLY);
          else reject(error);
        },
      };
      this.waiting.push(entry);
      this.highest = Math.max(this.highest, this.waiting.length);
    });
  }

  measure(): Promise<number[]> {
    return Promise.resolve([1]);
  }

  detach(): Promise<void> {
    this.detached++;
    return Promise.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** A lane that answers at once. */
class QuickLane extends ManualLane {
  override infer(frame: Frame): Promise<InferReply> {
    const reply = super.infer(frame);
    this.waiting[0]!.finish();
    return reply;
  }
}

function detectorOf(...lanes: Lane[]): LoadedDetector {
  const reply = {
    spec: { classNames: ["thing"] },
    engine: "test",
    provider: "cpu",
    inputCopies: 0,
    outputDims: {},
  } as unknown as LoadReply;
  return new LoadedDetector(lanes, reply, { name: "test", sha256: "", bytes: 0 }, 0);
}

async function turn(): Promise<void> {
  for (let i = 0; i < 50; i++) await Promise.resolve();
}

Deno.test("perceive() yields results in the order of capture, whatever lane is faster", async () => {
  const camera = new ScriptedCamera(6);
  const lanes = [new ManualLane(), new ManualLane()];
  const seqs: number[] = [];
  const reading = (async () => {
    for await (const result of perceive(camera, detectorOf(...lanes))) seqs.push(result.seq);
  })();
  for (let i = 0; i < 20; i++) {
    await turn();
    // The second lane is always first, and each lane finishes its newest picture first.
    const lane = lanes[1]!.inFlight > 0 ? lanes[1]! : lanes[0]!;
    lane.waiting.at(-1)?.finish();
  }
  await reading;
  assertEquals(seqs, [0, 1, 2, 3, 4, 5]);
  assertEquals(camera.leases.out, 0);
  assertEquals(lanes.map((lane) => lane.detached), [1, 1]);
});

Deno.test("perceive() begins a bounded number of pictures ahead of a slow reader", async () => {
  const camera = new ScriptedCamera(1000);
  const lane = new QuickLane();
  const results = perceive(camera, detectorOf(lane));
  await results.next();
  await turn();
  assertLessOrEqual(camera.asked, 5);
  await results.return();
  assertEquals(camera.leases.out, 0);
});

Deno.test("perceive() asks a live source only when the reader asks", async () => {
  let newest = 0;
  const camera: ScriptedCamera = new ScriptedCamera(() => camera.frame(newest++), true);
  const results = perceive(camera, detectorOf(new QuickLane()));
  assertEquals((await results.next()).value?.seq, 0);
  await turn();
  newest = 50;
  assertEquals((await results.next()).value?.seq, 50);
  await results.return();
  assertEquals(camera.leases.out, 0);
});

Deno.test("perceive() leaves nothing behind when the reader leaves early", async () => {
  const camera = new ScriptedCamera(1000);
  const kept: Sink = {
    label: "keeps frames",
    needsFrame: true,
    write: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
  for await (const _ of perceive(camera, detectorOf(new QuickLane()), { sinks: [kept] })) break;
  assertEquals(camera.leases.out, 0);
});

Deno.test("perceive() tells an error of the camera after the results before it", async () => {
  const camera: ScriptedCamera = new ScriptedCamera((seq) =>
    seq < 2 ? camera.frame(seq) : new FoveaError("CAMERA_LOST", "Cannot read: cable cut")
  );
  const seqs: number[] = [];
  const error = await assertRejects(async () => {
    for await (const result of perceive(camera, detectorOf(new QuickLane()))) seqs.push(result.seq);
  }, FoveaError);
  assertEquals([error.code, seqs], ["CAMERA_LOST", [0, 1]]);
  assertEquals(camera.leases.out, 0);
});

Deno.test("perceive() tells an error of the detector at its picture", async () => {
  const camera = new ScriptedCamera(10);
  const lane = new ManualLane();
  const seqs: number[] = [];
  const reading = (async () => {
    for await (const result of perceive(camera, detectorOf(lane))) seqs.push(result.seq);
  })();
  await turn();
  lane.waiting[0]!.finish();
  lane.waiting[0]!.finish(new FoveaError("OUTPUT_NOT_FINITE", "Cannot decode"));
  const rejected = assertRejects(() => reading, FoveaError, "Cannot decode");
  while (lane.inFlight > 0) {
    lane.waiting[0]!.finish();
    await turn();
  }
  await rejected;
  assertEquals(seqs, [0]);
  assertEquals(camera.leases.out, 0);
});

Deno.test("perceive() gives sinks every result in order, with the frame only if they need it", async () => {
  const camera = new ScriptedCamera(3);
  const seen: string[] = [];
  const sinks: Sink[] = [true, false].map((needsFrame) => ({
    label: "test",
    needsFrame,
    write: (result, frame) => {
      seen.push(`${result.seq} ${frame?.seq ?? "-"} ${frame?.disposed ?? "-"}`);
      return Promise.resolve();
    },
    [Symbol.asyncDispose]: async () => {},
  }));
  for await (const _ of perceive(camera, detectorOf(new QuickLane()), { sinks })) { /* drain */ }
  assertEquals(seen, ["0 0 false", "0 - -", "1 1 false", "1 - -", "2 2 false", "2 - -"]);
  assertEquals(camera.leases.out, 0);
});

Deno.test("perceive() stops with the error of a sink that throws", async () => {
  const camera = new ScriptedCamera(100);
  const sink: Sink = {
    label: "test",
    needsFrame: true,
    write: () => Promise.reject(new FoveaError("SINK_WRITE", "Cannot write: disk full")),
    [Symbol.asyncDispose]: async () => {},
  };
  const results = perceive(camera, detectorOf(new QuickLane()), { sinks: [sink] });
  assertEquals((await assertRejects(() => results.next(), FoveaError)).code, "SINK_WRITE");
  assertEquals(camera.leases.out, 0);
});

Deno.test("perceive() ends after maxFrames, durationMs or an abort", async () => {
  const counts: number[] = [];
  const clock = new ManualClock();
  const controller = new AbortController();
  for (
    const options of [
      { maxFrames: 3 },
      { durationMs: 50, clock },
      { signal: controller.signal },
    ]
  ) {
    const camera: ScriptedCamera = new ScriptedCamera((seq) => camera.frame(seq));
    let count = 0;
    for await (const _ of perceive(camera, detectorOf(new QuickLane()), options)) {
      count++;
      await clock.advance(10);
      if ("signal" in options && count === 7) controller.abort();
    }
    counts.push(count);
    assertEquals(camera.leases.out, 0);
  }
  assertEquals(counts[0], 3);
  // Pictures that were begun before the end are finished.
  assertEquals([counts[1]! >= 5 && counts[1]! <= 8, counts[2]! >= 7 && counts[2]! <= 10], [
    true,
    true,
  ]);
});

Deno.test("perceive() tells a lost stream as a state, without detections or a picture", async () => {
  const camera: ScriptedCamera = new ScriptedCamera((step) => {
    if (step === 1) return { kind: "state", state: "blind", reason: "connection lost" };
    return step < 3 ? camera.frame(step) : { kind: "end" };
  });
  const results: FrameResult[] = [];
  const clock = new ManualClock(1000);
  for await (const result of perceive(camera, detectorOf(new QuickLane()), { clock })) {
    results.push(result);
  }
  assertEquals(results.map((r) => [r.kind, r.seq, r.state, r.detections.length, r.ageMs]), [
    ["frame", 0, "live", 1, 1000],
    ["state", 0, "blind", 0, 1000],
    ["frame", 2, "live", 1, 980],
  ]);
  assertEquals(results[1]!.stateReason, "connection lost");
});

Deno.test("perceive() refuses unknown or senseless options", async () => {
  for (const options of [{ maxFrames: 0 }, { durationMs: -1 }, { maxFrame: 1 }]) {
    const camera = new ScriptedCamera(1);
    const results = perceive(camera, detectorOf(new QuickLane()), options as { maxFrames: number });
    assertEquals((await assertRejects(() => results.next(), FoveaError)).code, "USAGE");
  }
});
