import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { type TrackedBox, TrackEvaluator, type TrackTruth } from "./track_metrics.ts";
import { combineTrackCounts } from "./track_scores.ts";

function box(trackId: number, x1: number, classIndex = 0): TrackedBox {
  return { trackId, classIndex, xyxyPx: [x1, 0, x1 + 10, 10] };
}

/** Plays a sequence; each frame is `[truth, tracked]`. */
function play(frames: readonly (readonly [TrackTruth[], TrackedBox[]])[], ignoreClasses = false) {
  const evaluator = new TrackEvaluator({ ignoreClasses });
  for (const [truth, tracked] of frames) evaluator.addFrame(truth, tracked);
  return evaluator.summary();
}

Deno.test("TrackEvaluator gives a perfect tracker full marks", () => {
  const frames = Array.from({ length: 5 }, (_, t) => {
    const truth = [box(1, t), box(2, 100 - t, 1)];
    return [truth, truth.map((b) => ({ ...b, trackId: b.trackId + 40 }))] as const;
  });
  const { overall, perClass } = play(frames.map(([a, b]) => [a, b]));
  assertEquals([overall.mota, overall.motp, overall.idf1], [1, 1, 1]);
  assertEquals([overall.truthTracks, overall.mostlyTracked, overall.tracks], [2, 2, 2]);
  assertEquals(perClass.map(({ classIndex, matches }) => [classIndex, matches]), [[0, 5], [1, 5]]);
});

Deno.test("TrackEvaluator keeps an object with the id it had, even where another lies closer", () => {
  const { overall } = play([
    [[box(1, 0)], [box(5, 3)]],
    [[box(1, 0)], [box(5, 3), box(6, 0)]],
  ]);
  assertEquals([overall.idSwitches, overall.falsePositives, overall.matches], [0, 1, 2]);
  assertAlmostEquals(overall.motp!, 7 / 13, 1e-12);
});

Deno.test("TrackEvaluator keeps the id an object had before it was not found", () => {
  const { overall } = play([
    [[box(1, 0)], [box(5, 0)]],
    [[box(1, 0)], []],
    [[box(1, 0)], [box(5, 3), box(6, 0)]],
  ]);
  assertEquals([overall.idSwitches, overall.fragmentations, overall.falseNegatives], [0, 1, 1]);
});

Deno.test("TrackEvaluator counts an id that goes over to another object", () => {
  const { overall } = play([
    [[box(1, 0), box(2, 50)], [box(5, 0), box(6, 50)]],
    [[box(1, 0), box(2, 50)], [box(6, 0), box(5, 50)]],
    [[box(1, 0), box(2, 50)], [box(6, 0), box(5, 50)]],
  ]);
  assertEquals([overall.idSwitches, overall.matches], [2, 6]);
  assertAlmostEquals(overall.mota!, 1 - 2 / 6, 1e-12);
  assertEquals([overall.identityMatches, overall.idf1], [4, 4 / 6]);
});

Deno.test("TrackEvaluator gives an id to the object that had it last", () => {
  const { overall } = play([
    [[box(1, 0)], [box(5, 0)]],
    [[box(2, 3)], [box(5, 3)]],
    [[box(1, 2), box(2, 3)], [box(5, 2), box(6, 3)]],
  ]);
  assertEquals(overall.idSwitches, 1);
});

Deno.test("TrackEvaluator does not count what the truth leaves out as a fragmentation", () => {
  const { overall } = play([
    [[box(1, 0)], [box(5, 0)]],
    [[], [box(5, 0)]],
    [[box(1, 0)], [box(5, 0)]],
  ]);
  assertEquals([overall.fragmentations, overall.falsePositives], [0, 1]);
});

Deno.test("TrackEvaluator matches as many objects as it can", () => {
  const { overall } = play([[[box(1, 0), box(2, 3)], [box(5, 3), box(6, 5.5)]]]);
  assertEquals([overall.matches, overall.falseNegatives], [2, 0]);
});

Deno.test("TrackEvaluator matches within classes unless they are left out of account", () => {
  const frames = [[[box(1, 0, 3)], [box(5, 0, 4)]]] as const;
  const apart = play(frames.map(([a, b]) => [[...a], [...b]]));
  assertEquals([apart.overall.matches, apart.overall.falsePositives], [0, 1]);
  assertEquals(apart.perClass.map(({ classIndex, mota }) => [classIndex, mota]), [[3, 0], [
    4,
    null,
  ]]);
  const together = play(frames.map(([a, b]) => [[...a], [...b]]), true);
  assertEquals([together.overall.matches, together.perClass], [1, []]);
});

Deno.test("TrackEvaluator demands nothing inside ignored regions", () => {
  const region = { trackId: 9, classIndex: 0, xyxyPx: [0, 0, 50, 50], ignore: true } as const;
  const inside = box(5, 20);
  const { overall } = play([
    [[region, box(1, 0)], [box(4, 0), inside, box(6, 46), box(7, 200)]],
    [[region], []],
  ]);
  // The one inside is not counted; the one that only sticks in is, as is the one outside.
  assertEquals([overall.truthBoxes, overall.trackedBoxes, overall.tracks], [1, 3, 3]);
  assertEquals([overall.matches, overall.falsePositives, overall.idp], [1, 2, 1 / 3]);
});

Deno.test("TrackEvaluator tells mostly tracked, partly tracked and mostly lost objects apart", () => {
  // Object k is found in 2 * k of 10 frames.
  const { overall } = play(Array.from({ length: 10 }, (_, t) => {
    const truth = [0, 1, 2, 3, 4, 5].map((k) => box(k, 100 * k));
    return [truth, truth.filter(({ trackId }) => t < 2 * trackId)];
  }));
  assertEquals([overall.mostlyTracked, overall.partlyTracked, overall.mostlyLost], [1, 4, 1]);
});

Deno.test("TrackEvaluator has no figures where there is nothing to count", () => {
  const nothing = play([[[], []]]);
  assertEquals(nothing.perClass, []);
  const { mota, motp, idf1, idp, idr } = nothing.overall;
  assertEquals([mota, motp, idf1, idp, idr], [null, null, null, null, null]);
  const onlyTracked = play([[[], [box(1, 0)]]]).overall;
  assertEquals([onlyTracked.mota, onlyTracked.idf1, onlyTracked.idp], [null, 0, 0]);
});

Deno.test("TrackEvaluator does not care what the ids are", () => {
  const frame = fc.array(
    fc.record({ id: fc.nat(4), x: fc.integer({ min: 0, max: 40 }), other: fc.nat(4) }),
    { maxLength: 5 },
  );
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 12 }), (frames) => {
      const unique = (boxes: TrackedBox[]) => [
        ...new Map(boxes.map((b) => [b.trackId, b])).values(),
      ];
      const truth = frames.map((f) => unique(f.map(({ id, x }) => box(id, x))));
      const tracked = frames.map((f) => unique(f.map(({ other, x }) => box(other, x + 2))));
      const plain = play(truth.map((t, i) => [t, tracked[i]!])).overall;
      const renamed = play(truth.map((t, i) => [
        t.map((b) => ({ ...b, trackId: 1000 - 3 * b.trackId })),
        tracked[i]!.map((b) => ({ ...b, trackId: 7 * b.trackId + 1 })),
      ])).overall;
      assertEquals({ ...renamed, iouSum: 0, motp: 0 }, { ...plain, iouSum: 0, motp: 0 });
      assertEquals(plain.matches + plain.falseNegatives, plain.truthBoxes);
      assertEquals(plain.matches + plain.falsePositives, plain.trackedBoxes);
      assertEquals(plain.identityMatches <= Math.min(plain.truthBoxes, plain.trackedBoxes), true);
    }),
    { seed: 2008, numRuns: 300 },
  );
});

Deno.test("combineTrackCounts() weighs sequences by their boxes", () => {
  const good = play(Array.from({ length: 9 }, () => [[box(1, 0)], [box(1, 0)]])).overall;
  const bad = play([[[box(1, 0)], []]]).overall;
  const both = combineTrackCounts([good, bad]);
  assertEquals([both.truthBoxes, both.truthTracks, both.mota], [10, 2, 0.9]);
  assertEquals(combineTrackCounts([]).mota, null);
});

Deno.test("TrackEvaluator refuses a frame that makes no sense, and does not count it", () => {
  const evaluator = new TrackEvaluator();
  const bad: [TrackTruth[], TrackedBox[], string][] = [
    [[box(1, 0), box(1, 5)], [], "the truth has 1 twice"],
    [[], [box(2, 0), box(2, 5, 1)], "the tracker has 2 twice"],
    [[], [box(2, NaN)], "box"],
    [[{ ...box(2, 0), xyxyPx: [0, 0, -1, 3] }], [], "box"],
    [[], [{ ...box(2, 0), xyxyPx: [0, 0, Infinity, 3] }], "box"],
    [[box(0.5, 0)], [], "whole"],
    [[box(1, 0, NaN)], [], "whole"],
  ];
  for (const [truth, tracked, message] of bad) {
    assertThrows(() => evaluator.addFrame([box(8, 0), ...truth], tracked), RangeError, message);
  }
  assertEquals(evaluator.summary().overall.truthBoxes, 0);
  for (const iouMin of [0, -1, 1.5, NaN]) {
    assertThrows(() => new TrackEvaluator({ iouMin }), RangeError, "IoU");
  }
});
