import {
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { ManualLane, QuickLane } from "../../tests/support/manual_lane.ts";
import { toDetections } from "../../tests/support/moving_scene.ts";
import { ScriptedCamera } from "../../tests/support/scripted_camera.ts";
import { detect, momentOf } from "../../tests/support/track_inputs.ts";
import type { Detections } from "../core/detections.ts";
import { FoveaError } from "../core/errors.ts";
import type { Tracker } from "../core/ports.ts";
import type { FrameResult } from "../core/result.ts";
import type { PictureMoment } from "../core/track.ts";
import { ByteTracker } from "../track/byte_tracker.ts";
import { LoadedDetector } from "./loaded_detector.ts";
import type { Lane } from "./lane.ts";
import { perceive, type PerceiveOptions } from "./perceive.ts";
import type { LoadReply } from "./protocol.ts";
import { chooseTracker, TrackStage } from "./track_stage.ts";

function detectorOf(confidence: number, ...lanes: Lane[]): LoadedDetector {
  const spec = { classNames: ["thing", "other"] };
  const reply = { spec, tap: null } as unknown as LoadReply;
  const model = { name: "test", sha256: "", bytes: 0 };
  return new LoadedDetector(lanes, reply, model, 0, confidence);
}

/** One object at the left that gets weak, and one at the right that stays. */
function findTwo(seq: number): Detections {
  return toDetections([
    { box: [2, 0, 4, 2], score: 0.9, classIndex: 1 },
    { box: [0, 0, 1.5, 2], score: seq < 4 ? 0.6 : 0.2, classIndex: 0 },
  ]);
}

function run(
  camera: ScriptedCamera,
  lanes: Lane[],
  options: PerceiveOptions,
  confidence = 0.4,
): Promise<FrameResult[]> {
  return Array.fromAsync(perceive(camera, detectorOf(confidence, ...lanes), options));
}

/** A tracker that notes what it is told and gives each detection its row plus one. */
class NotingTracker implements Tracker {
  readonly moments: PictureMoment[] = [];
  readonly counts: number[] = [];

  constructor(readonly scoreMin: number) {}

  update({ count, score }: Detections, moment: PictureMoment) {
    this.moments.push(moment);
    this.counts.push(count);
    return Array.from({ length: count }, (_, row) => {
      const xyxyPx = [0, 0, 1, 1] as const;
      const rest = { classIndex: 0, score: score[row]!, xyxyPx, hits: 1, missed: 0, ageMs: 0 };
      return { trackId: row + 1, detectionRow: row, ...rest };
    });
  }

  reset(): void {}
}

Deno.test("perceive() tracks by detections that are too weak to be reported", async () => {
  const asked = new Set<number>();
  const lane = new QuickLane((seq, confidence) => {
    asked.add(confidence);
    return findTwo(seq);
  });
  const results = await run(new ScriptedCamera(8), [lane], { track: true });
  assertEquals([...asked], [0.4 * 0.4]);
  assertEquals(
    results.map(({ detections }) => detections.map(({ trackId }) => trackId ?? 0)),
    [[0, 0], [1, 2], [1, 2], [1, 2], [1], [1], [1], [1]],
  );
  const last = results.at(-1)!;
  assertEquals(last.tracks.map(({ trackId, className, hits }) => [trackId, className, hits]), [
    [1, "other", 8],
    [2, "thing", 8],
  ]);
  assertEquals(last.tracks.map(({ score }) => score.toFixed(1)), ["0.9", "0.2"]);
  assertGreater(results.reduce((sum, { timingsMs }) => sum + timingsMs.track, 0), 0);
  assertEquals(last.timingsMs.total, 10);
});

Deno.test("perceive() reports the same detections with and without tracking", async () => {
  const [plain, tracked] = await Promise.all(
    [false, true].map((track) => {
      const lane = new QuickLane((seq, confidence) => {
        const all = findTwo(seq);
        const count = [...all.score].filter((score) => score >= confidence).length;
        return { ...all, count };
      });
      return run(new ScriptedCamera(8), [lane], { track });
    }),
  );
  const bare = tracked!.map(({ detections }) => detections.map(({ trackId: _, ...rest }) => rest));
  assertEquals(bare, plain!.map(({ detections }) => [...detections]));
  assertEquals(
    plain!.every(({ tracks, timingsMs }) => tracks.length + timingsMs.track === 0),
    true,
  );
});

Deno.test("perceive() shows a tracker pictures in order, whatever lane is faster", async () => {
  const camera = new ScriptedCamera(6);
  const lanes = [new ManualLane(findTwo), new ManualLane(findTwo)];
  const tracker = new NotingTracker(0.3);
  const reading = run(camera, lanes, { track: tracker });
  for (let i = 0; i < 20; i++) {
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
    const lane = lanes[1]!.inFlight > 0 ? lanes[1]! : lanes[0]!;
    lane.waiting.at(-1)?.finish();
  }
  await reading;
  assertEquals(
    tracker.moments.map(({ seq, ptsMs, epoch, width, height }) => {
      return [seq, ptsMs, epoch, width, height];
    }),
    [0, 1, 2, 3, 4, 5].map((seq) => [seq, 10 * seq, 0, 4, 2]),
  );
});

Deno.test("perceive() forgets tracks at a reconnection and ages them over a pause", async () => {
  // Pictures 0 to 3, a pause of two pictures that is told as a state, and another epoch from 10 on.
  const camera: ScriptedCamera = new ScriptedCamera((step) => {
    if (step === 4) return { kind: "state", state: "stale", reason: "no new picture" };
    if (step > 14) return { kind: "end" };
    return step < 4 ? camera.frame(step) : camera.frame(step + 2, step < 10 ? 0 : 1);
  });
  const results = await run(camera, [new QuickLane(findTwo)], { track: true });
  const ids = results.map(({ tracks }) => tracks.map(({ trackId }) => trackId));
  assertEquals(ids, [
    [],
    ...Array(3).fill([1, 2]),
    [],
    ...Array(5).fill([1, 2]),
    [],
    // What was weak throughout this epoch begins no track.
    ...Array(4).fill([3]),
  ]);
  assertEquals(results[4]?.kind, "state");
  assertEquals(results[5]?.tracks[0]?.ageMs, 70);
});

Deno.test("perceive() goes on with a tracker that it is given", async () => {
  const camera: ScriptedCamera = new ScriptedCamera((step) => camera.frame(step));
  const tracker = new ByteTracker();
  const lanes = [new QuickLane(() => detect([[0, 0, 3, 2]]))];
  await run(camera, lanes, { track: tracker, maxFrames: 3 });
  const later = await run(camera, lanes, { track: tracker, maxFrames: 3 });
  assertEquals(later.map(({ tracks }) => tracks[0]?.trackId), [1, 1, 1]);
  const again = run(new ScriptedCamera(2), lanes, { track: tracker });
  await assertRejects(() => again, RangeError, "call reset() for another stream");
});

Deno.test("perceive() begins tracks at what is reported, but not below 0.25", () => {
  for (
    const [confidence, score, count] of [[0.05, 0.24, 0], [0.05, 0.26, 1], [0.6, 0.5, 0]] as const
  ) {
    const tracker = chooseTracker(true, confidence)!;
    tracker.update(detect([[0, 0, 9, 9]], score), momentOf(0));
    assertEquals(tracker.update(detect([[0, 0, 9, 9]], score), momentOf(1)).length, count);
  }
  for (const [confidence, lowest] of [[0.001, 0.1], [0.25, 0.1], [0.5, 0.2]] as const) {
    assertAlmostEquals(chooseTracker(true, confidence)!.scoreMin, lowest);
  }
  assertEquals(chooseTracker({ lowScore: 0.05 }, 0.6)!.scoreMin, 0.05);
  assertEquals(chooseTracker({ highScore: 0.15 }, 0.6)!.scoreMin, 0.15);
  const own = chooseTracker({ newTrackScore: 0.15 }, 0.6)!;
  own.update(detect([[0, 0, 9, 9]], 0.2), momentOf(0));
  assertEquals(own.update(detect([[0, 0, 9, 9]], 0.2), momentOf(1)).length, 1);
});

Deno.test("perceive() refuses to track with what is no tracker", async () => {
  const lanes = [new QuickLane()];
  const usage = await assertRejects(
    () => run(new ScriptedCamera(1), lanes, { track: { highScore: 2 } }),
    FoveaError,
  );
  assertEquals(usage.code, "USAGE");
  for (const track of [5, "bytetrack", null]) {
    const options = { track } as unknown as PerceiveOptions;
    await assertRejects(() => run(new ScriptedCamera(1), lanes, options), TypeError, "tracker");
  }
  assertThrows(() => new TrackStage(new NotingTracker(NaN), 0.5), RangeError, "score");
});

Deno.test("TrackStage asks for what is reported where a tracker needs no more", () => {
  assertEquals(new TrackStage(null, 0.3).confidence, 0.3);
  assertEquals(new TrackStage(new NotingTracker(0.5), 0.3).confidence, 0.3);
  assertEquals(new TrackStage(new NotingTracker(0.2), 0.3).confidence, 0.2);
});
