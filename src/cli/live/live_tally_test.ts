import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import type { TruthSource } from "../../core/frame_truth.ts";
import type { FrameResult } from "../../core/result.ts";
import { makeDetection, makeResult } from "../../../tests/support/fake_result.ts";
import { LiveTally } from "./live_tally.ts";
import { ScenePlan } from "./scene_plan.ts";

const BOX = [0, 0, 40, 20] as const;

/** A frame with so many cars side by side. */
function frame(seq: number, cars: number, facts: Partial<FrameResult> = {}): FrameResult {
  const detections = Array.from(
    { length: cars },
    (_, i) => makeDetection([100 * i, 0, 100 * i + 40, 20], { className: "car", classIndex: 2 }),
  );
  return makeResult({ seq, detections, ...facts });
}

/** Two cars in every frame, where {@linkcode frame} finds the first ones. */
const TWO_CARS: TruthSource = {
  classNames: ["van", "car"],
  at: (seq) => ({
    seq,
    objects: [0, 1].map((i) => ({
      trackId: i,
      classIndex: 1,
      className: "car",
      xyxyPx: [100 * i, 0, 100 * i + 40, 20] as const,
      visible: 1,
      truncated: 0,
      speedMps: 0,
    })),
  }),
};

Deno.test("LiveTally counts by class, and starts anew where the scene changes", () => {
  const plan = new ScenePlan("synthetic:street?weather=fog:3@2", []);
  const tally = new LiveTally(plan, TWO_CARS, 0);
  const scenes = [2, 2, 1, 0].map((cars, seq) => tally.add(frame(seq, cars), 40 * (seq + 1)));
  assertEquals(scenes.map((scene) => scene?.name ?? null), ["clear", null, "fog:3", null]);
  const { classes, all, scenes: told, position } = tally.snapshot(160);
  assertEquals(position, 4);
  assertEquals(classes, [
    { name: "van", now: 0, there: 0, mean: 0, foundShare: null },
    { name: "car", now: 0, there: 2, mean: 0.5, foundShare: 0.25 },
  ]);
  assertEquals(all, { now: 0, there: 2, mean: 0.5, foundShare: 0.25 });
  assertEquals(
    told.map(({ fromSeq, toSeq, detections, truth }) => [
      fromSeq,
      toSeq,
      detections,
      truth,
    ]),
    [
      [0, 1, 2, { objects: 2, foundShare: 1, falseAlarms: 0 }],
      [2, 3, 0.5, { objects: 2, foundShare: 0.25, falseAlarms: 0 }],
    ],
  );
});

Deno.test("LiveTally knows no truth where nobody tells it", () => {
  const tally = new LiveTally(new ScenePlan("clip.mp4", []), null, 0);
  tally.add(frame(0, 3), 10);
  const { classes, all, scenes } = tally.snapshot(20);
  assertEquals(classes, [{ name: "car", now: 3, there: null, mean: 3, foundShare: null }]);
  assertEquals([all.there, scenes[0]!.truth], [null, null]);
});

Deno.test("LiveTally measures the rate of the last results and keeps the last seconds", () => {
  const tally = new LiveTally(new ScenePlan("clip.mp4", []), null, 0);
  assertEquals(tally.snapshot(0).fps, null);
  for (let seq = 0; seq < 300; seq++) {
    // Ten a second at first, then fifty.
    tally.add(frame(seq, seq < 150 ? 4 : 1), seq < 200 ? 100 * seq : 20_000 + 20 * (seq - 200));
  }
  const { fps, history } = tally.snapshot(22_000);
  assertAlmostEquals(fps!, 50, 1e-9);
  assertEquals(history, [...Array(6).fill(4), ...Array(6).fill(1)]);
  for (let seq = 300; seq < 10_000; seq++) tally.add(frame(seq, 2), 22_000 + seq);
  assert(tally.snapshot(40_000).history.length <= 121);
});

Deno.test("LiveTally takes changes of state for what they are", () => {
  const tally = new LiveTally(new ScenePlan("clip.mp4", []), null, 0);
  tally.add(frame(4, 2), 10);
  tally.add(makeResult({ kind: "state", seq: 4, state: "stale", stateReason: "silence" }), 90);
  const { last, summary, classes, position } = tally.snapshot(100);
  assertEquals([last!.state, summary.frames, summary.stateChanges], ["stale", 1, 1]);
  assertEquals([classes[0]!.now, position], [2, 5]);
});

Deno.test("LiveTally counts a class by its name, wherever its index comes from", () => {
  const tally = new LiveTally(new ScenePlan("clip.mp4", []), TWO_CARS, 0);
  const dog = makeDetection(BOX, { className: "dog", classIndex: 0 });
  tally.add(makeResult({ detections: [dog] }), 10);
  const { classes, scenes } = tally.snapshot(20);
  assertEquals(classes.map(({ name, now, there }) => [name, now, there]), [
    ["van", 0, 0],
    ["dog", 1, 0],
    ["car", 0, 2],
  ]);
  assertEquals(scenes[0]!.truth!.falseAlarms, 1);
});
