import { assertEquals, assertLessOrEqual, assertRejects } from "@std/assert";
import { ManualLane, QuickLane } from "../../tests/support/manual_lane.ts";
import { ScriptedCamera } from "../../tests/support/scripted_camera.ts";
import { ManualClock } from "../core/clock.ts";
import { FoveaError } from "../core/errors.ts";
import type { Sink } from "../core/ports.ts";
import type { FrameResult } from "../core/result.ts";
import type { Lane } from "./lane.ts";
import { LoadedDetector } from "./loaded_detector.ts";
import { perceive } from "./perceive.ts";
import type { LoadReply } from "./protocol.ts";

function detectorOf(...lanes: Lane[]): LoadedDetector {
  const reply = {
    spec: { classNames: ["thing"] },
    engine: "test",
    provider: "cpu",
    candidatesMax: 1,
    inputCopies: 0,
    outputDims: {},
    arenaOutputs: [],
    tap: null,
  } as unknown as LoadReply;
  return new LoadedDetector(lanes, reply, { name: "test", sha256: "", bytes: 0 }, 0, 0.25);
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
