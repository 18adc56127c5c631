import { assertAlmostEquals, assertEquals, assertGreater, assertThrows } from "@std/assert";
import { makeScene, toDetections } from "../../tests/support/moving_scene.ts";
import { detect, idAt, momentOf, type Quad } from "../../tests/support/track_inputs.ts";
import { FoveaError } from "../core/errors.ts";
import type { Detections } from "../core/detections.ts";
import type { Track } from "../core/track.ts";
import { TrackEvaluator } from "../evaluate/track_metrics.ts";
import { combineTrackCounts, type TrackScores } from "../evaluate/track_scores.ts";
import { ByteTracker } from "./byte_tracker.ts";
import type { TrackerOptions } from "./tracker_options.ts";

const BOX: Quad = [100, 100, 160, 180];
const NOTHING = detect([]);

/** Shows a tracker detections frame by frame; the tracks of the last frame. */
function play(
  tracker: ByteTracker,
  frames: readonly Detections[],
  firstSeq = 0,
  periodMs = 40,
): readonly Track[] {
  let tracks: readonly Track[] = [];
  for (const [i, detections] of frames.entries()) {
    const seq = firstSeq + i;
    tracks = tracker.update(detections, momentOf(seq, { ptsMs: periodMs * seq }));
  }
  return tracks;
}

function times(count: number, detections: Detections): Detections[] {
  return Array.from({ length: count }, () => detections);
}

function shift([x1, y1, x2, y2]: Quad, dx: number, dy = 0): Quad {
  return [x1 + dx, y1 + dy, x2 + dx, y2 + dy];
}

Deno.test("ByteTracker gives an id after as many pictures in a row as it is told", () => {
  for (const confirmHits of [1, 2, 4]) {
    const tracker = new ByteTracker({ confirmHits });
    assertEquals(play(tracker, times(confirmHits - 1, detect([BOX]))), []);
    const tracks = play(tracker, [detect([BOX])], confirmHits - 1);
    assertEquals(tracks.map(({ trackId, hits }) => [trackId, hits]), [[1, confirmHits]]);
  }
});

Deno.test("ByteTracker gives no id to what flickers", () => {
  const tracker = new ByteTracker();
  const flicker = Array.from({ length: 20 }, (_, i) => i % 2 === 0 ? detect([BOX]) : NOTHING);
  assertEquals(play(tracker, flicker), []);
  const [track] = play(tracker, times(2, detect([BOX])), 20);
  assertEquals(track?.trackId, 1);
});

Deno.test("ByteTracker keeps an object that is only weakly seen, and begins none there", () => {
  const tracker = new ByteTracker();
  play(tracker, times(5, detect([BOX])));
  const weak = times(30, detect([BOX, shift(BOX, 300)], 0.15));
  const tracks = play(tracker, weak, 5);
  assertEquals(tracks.map(({ trackId, missed, hits }) => [trackId, missed, hits]), [[1, 0, 35]]);
});

Deno.test("ByteTracker does not take up a lost object by a weak detection", () => {
  const tracker = new ByteTracker();
  play(tracker, [...times(5, detect([BOX])), ...times(3, NOTHING)]);
  const [weak] = play(tracker, [detect([BOX], 0.3)], 8);
  assertEquals([weak?.trackId, weak?.missed], [1, 4]);
  const [strong] = play(tracker, [detect([BOX], 0.6)], 9);
  assertEquals([strong?.trackId, strong?.missed], [1, 0]);
});

Deno.test("ByteTracker goes on by a weak detection after a flicker", () => {
  const tracker = new ByteTracker();
  play(tracker, [...times(5, detect([BOX])), ...times(2, NOTHING)]);
  const [weak] = play(tracker, [detect([BOX], 0.3)], 7);
  assertEquals([weak?.trackId, weak?.missed], [1, 0]);
});

Deno.test("ByteTracker matches likely detections before weak ones", () => {
  const tracker = new ByteTracker();
  play(tracker, times(5, detect([BOX])));
  const both = toDetections([
    { box: shift(BOX, 20), score: 0.9, classIndex: 0 },
    { box: BOX, score: 0.2, classIndex: 0 },
  ]);
  assertEquals(idAt(play(tracker, [both], 5), 0), 1);
});

Deno.test("ByteTracker begins a track at a reported but weak detection, unless it lies on another", () => {
  const tracker = new ByteTracker();
  play(tracker, times(5, detect([BOX])));
  const part: Quad = [100, 150, 130, 190];
  const frame = toDetections([
    { box: BOX, score: 0.9, classIndex: 0 },
    { box: shift(BOX, 300), score: 0.3, classIndex: 0 },
    { box: part, score: 0.3, classIndex: 0 },
    { box: shift(BOX, 150), score: 0.24, classIndex: 0 },
  ]);
  const tracks = play(tracker, times(5, frame), 5);
  assertEquals(tracks.map(({ trackId, detectionRow }) => [trackId, detectionRow]), [[1, 0], [
    2,
    1,
  ]]);
});

Deno.test("ByteTracker begins only where the score is high enough", () => {
  const tracker = new ByteTracker({ newTrackScore: 0.7 });
  assertEquals(play(tracker, times(5, detect([BOX], 0.69))), []);
  assertEquals(play(tracker, times(5, detect([BOX], 0.71)), 5).length, 1);
});

Deno.test("ByteTracker keeps a lost track for a time and for a number of pictures", () => {
  // At 25 per second the time decides, at 2 per second the number does.
  for (const [periodMs, pictures] of [[40, 25], [500, 10]] as const) {
    for (const [missing, id] of [[pictures, 1], [pictures + 1, 2]] as const) {
      const tracker = new ByteTracker();
      const frames = [...times(5, detect([BOX])), ...times(missing, NOTHING)];
      play(tracker, frames, 0, periodMs);
      const tracks = play(tracker, times(2, detect([BOX])), frames.length, periodMs);
      assertEquals(tracks.map(({ trackId }) => trackId), [id], `${missing} of ${periodMs} ms`);
    }
  }
});

Deno.test("ByteTracker gives an object up that has left the picture", () => {
  const tracker = new ByteTracker();
  const leaving = Array.from({ length: 10 }, (_, i) => detect([[600 + 4 * i, 50, 640, 90]]));
  play(tracker, leaving);
  assertEquals(play(tracker, times(8, NOTHING), 10), []);
});

Deno.test("ByteTracker follows an object at a rate of frames that changes", () => {
  const tracker = new ByteTracker();
  const ids = new Set<number | undefined>();
  let [ptsMs, seq] = [0, 0];
  for (const periodMs of [...Array(30).fill(20), ...Array(20).fill(100), ...Array(30).fill(33)]) {
    ptsMs += periodMs;
    const box = shift([20, 100, 80, 160], 0.1 * ptsMs);
    const tracks = tracker.update(detect([box]), momentOf(seq++, { ptsMs }));
    if (seq > 3) ids.add(idAt(tracks, 0));
  }
  assertEquals([...ids], [1]);
});

Deno.test("ByteTracker decides on a class by the scores of all detections", () => {
  const tracker = new ByteTracker();
  const seen = [[1, 0.6], [2, 0.9], [1, 0.6], [1, 0.5], [2, 0.3], [2, 0.95]] as const;
  const classes = seen.map(([classIndex, score], i) =>
    play(tracker, [detect([BOX], score, classIndex)], i)[0]?.classIndex
  );
  // Sums of class 1 and 2: 0.6 0.9, 1.2 0.9, 1.7 0.9, 1.7 1.2, 1.7 2.15.
  assertEquals(classes, [undefined, 2, 1, 1, 1, 2]);
});

Deno.test("ByteTracker lets classes bear on matching as it is told", () => {
  const other = toDetections([
    { box: shift(BOX, 2), score: 0.9, classIndex: 1 },
    { box: shift(BOX, 12), score: 0.9, classIndex: 0 },
  ]);
  const rows = (["prefer", "require", "ignore"] as const).map((classes) => {
    const tracker = new ByteTracker({ classes });
    play(tracker, times(5, detect([BOX])));
    const [only] = play(tracker, [detect([BOX], 0.9, 1)], 5);
    play(tracker, [detect([BOX])], 6);
    return [only?.missed === 0, play(tracker, [other], 7)[0]?.detectionRow];
  });
  assertEquals(rows, [[true, 1], [false, 1], [true, 0]]);
});

Deno.test("ByteTracker keeps an object that is weakly seen as another class", () => {
  const tracker = new ByteTracker();
  play(tracker, times(5, detect([BOX])));
  const [track] = play(tracker, times(5, detect([BOX], 0.3, 1)), 5);
  assertEquals([track?.trackId, track?.missed, track?.classIndex], [1, 0, 0]);
});

Deno.test("ByteTracker leaves a track to its weak detection rather than to another class nearby", () => {
  const tracker = new ByteTracker();
  play(tracker, times(5, detect([BOX])));
  const handAndBottle = toDetections([
    { box: shift(BOX, 0, -35), score: 0.8, classIndex: 1 },
    { box: BOX, score: 0.4, classIndex: 0 },
  ]);
  const tracks = play(tracker, times(3, handAndBottle), 5);
  assertEquals(tracks.map(({ trackId, detectionRow }) => [trackId, detectionRow]), [[1, 1], [
    2,
    0,
  ]]);
});

Deno.test("ByteTracker takes two names in one place for one object", () => {
  const wavering = (first: number, second: number) =>
    toDetections([
      { box: BOX, score: 0.8, classIndex: first },
      { box: shift(BOX, 1), score: 0.7, classIndex: second },
    ]);
  const frames = [0, 1, 0, 0, 1, 0].map((first) => wavering(first, 1 - first));
  const tracks = play(new ByteTracker(), frames);
  assertEquals(
    tracks.map(({ trackId, detectionRow, classIndex }) => {
      return [trackId, detectionRow, classIndex];
    }),
    [[1, 0, 0]],
  );
  const apart = play(new ByteTracker({ classes: "require" }), frames);
  assertEquals(apart.map(({ classIndex, hits }) => [classIndex, hits]), [[0, 6], [1, 6]]);
});

Deno.test("ByteTracker makes room for new objects by giving up the one that was lost first", () => {
  const tracker = new ByteTracker({ bufferFrames: 1000, confirmHits: 1 });
  const crowd = Array.from({ length: 1023 }, (_, i): Quad => {
    const [x, y] = [18 * (i % 34), 12 * Math.floor(i / 34)];
    return [x, y, x + 14, y + 8];
  });
  const [first, second]: Quad[] = [[600, 370, 620, 380], [620, 340, 639, 360]];
  play(tracker, [detect([first!]), detect(crowd)]);
  const full = play(tracker, [detect([...crowd, second!])], 2);
  assertEquals(full.length, 1024);
  const ids = full.map(({ trackId }) => trackId);
  assertEquals([ids.includes(1), ids.includes(1025)], [false, true]);
  // Now all are found, and nothing makes room.
  const rows = [...crowd, second!].map((box) => ({ box, score: 0.8, classIndex: 0 }));
  const more = toDetections([...rows, { box: first!, score: 0.6, classIndex: 0 }]);
  const over = play(tracker, [more], 3);
  assertEquals(over.length, 1024);
  assertEquals(over.some(({ trackId }) => trackId > 1025), false);
});

Deno.test("ByteTracker tells where an object is, how often it was found and since when", () => {
  const tracker = new ByteTracker();
  const frames = Array.from({ length: 11 }, (_, i) => detect([shift(BOX, 5 * i)]));
  const [found] = play(tracker, frames);
  assertEquals([found?.hits, found?.missed, found?.ageMs, found?.score], [
    11,
    0,
    400,
    Math.fround(0.8),
  ]);
  assertEquals(found!.xyxyPx.map(Math.round), [150, 100, 210, 180]);
  const [lost] = play(tracker, times(2, NOTHING), 11);
  assertEquals([lost?.hits, lost?.missed, lost?.ageMs], [11, 2, 480]);
  for (const [corner, value] of [160, 100, 220, 180].entries()) {
    assertAlmostEquals(lost!.xyxyPx[corner]!, value, 1);
  }
});

/** Scores of the tracker on streets with traffic that hides itself, errors and all. */
function scoreOnStreets(fps: number, options: TrackerOptions = {}): TrackScores {
  return combineTrackCounts([1, 2, 3, 4, 5, 6].map((seed) => {
    const tracker = new ByteTracker(options);
    const evaluator = new TrackEvaluator();
    for (const frame of makeScene({ seed, fps, frames: 20 * fps, entering: 0.6 })) {
      const tracks = tracker.update(frame.detections, frame.moment);
      evaluator.addFrame(frame.truth, tracks.filter(({ missed }) => missed === 0));
    }
    return evaluator.summary().overall;
  }));
}

Deno.test("ByteTracker keeps ids in traffic that hides itself", () => {
  for (const fps of [30, 10]) {
    const { idf1, mota } = scoreOnStreets(fps);
    assertGreater(idf1!, 0.87);
    assertGreater(mota!, 0.88);
  }
});

Deno.test("ByteTracker is better for its weak detections", () => {
  const all = scoreOnStreets(30, { newTrackScore: 0.5 });
  const strong = scoreOnStreets(30, { newTrackScore: 0.5, lowScore: 0.5 });
  assertGreater(all.matches, strong.matches);
  assertGreater(all.idf1!, strong.idf1!);
});

Deno.test("ByteTracker refuses options that make no sense", () => {
  const bad: readonly [Record<string, unknown>, string][] = [
    [{ highscore: 0.5 }, "highscore"],
    [{ highScore: 1.1 }, "highScore"],
    [{ highScore: NaN }, "highScore"],
    [{ lowScore: 0.6 }, "lowScore"],
    [{ lowScore: -0.1 }, "lowScore"],
    [{ lowScore: 0.3, newTrackScore: 0.2 }, "lowScore"],
    [{ newTrackScore: 2 }, "newTrackScore"],
    [{ confirmHits: 0 }, "confirmHits"],
    [{ confirmHits: 1.5 }, "confirmHits"],
    [{ bufferMs: -1 }, "bufferMs"],
    [{ bufferFrames: 0.5 }, "bufferFrames"],
    [{ classes: "all" }, "classes"],
  ];
  for (const [options, name] of bad) {
    const error = assertThrows(() => new ByteTracker(options as TrackerOptions), FoveaError, name);
    assertEquals(error.code, "USAGE");
  }
  assertEquals(new ByteTracker({ highScore: 0.05 }).scoreMin, 0.05);
  assertEquals(new ByteTracker().scoreMin, 0.1);
});
