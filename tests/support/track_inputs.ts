import { assert, assertEquals, assertGreater, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import type { Detections } from "../../src/core/detections.ts";
import type { PictureMoment, Track } from "../../src/core/track.ts";
import { type SceneOptions, toDetections } from "./moving_scene.ts";

/** Corners `x1 y1 x2 y2` in pixels. */
export type Quad = readonly [number, number, number, number];

/** One frame at 25 per second of a 640 × 384 stream. */
export function momentOf(seq: number, facts: Partial<PictureMoment> = {}): PictureMoment {
  return { seq, ptsMs: 40 * seq, epoch: 0, width: 640, height: 384, ...facts };
}

/** Detections of these boxes, all of one score and class. */
export function detect(boxes: readonly Quad[], score = 0.8, classIndex = 0): Detections {
  return toDetections(boxes.map((box) => ({ box, score, classIndex })));
}

/** The id of the track that was found at a detection's row; `undefined` for none. */
export function idAt(tracks: readonly Track[], row: number): number | undefined {
  return tracks.find(({ detectionRow }) => detectionRow === row)?.trackId;
}

/** These rows of detections, in this order. */
export function reorder(detections: Detections, order: readonly number[]): Detections {
  return {
    count: order.length,
    xyxyPx: Float32Array.from(
      order.flatMap((row) => [...detections.xyxyPx.subarray(4 * row, 4 * row + 4)]),
    ),
    score: Float32Array.from(order, (row) => detections.score[row]!),
    classIndex: Int32Array.from(order, (row) => detections.classIndex[row]!),
    anchorIndex: Int32Array.from(order, (row) => detections.anchorIndex[row]!),
  };
}

/** The numbers below `count`, mixed. */
export function shuffled(count: number, random: () => number): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor((i + 1) * random());
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** A street of any kind. */
export const anyScene: fc.Arbitrary<SceneOptions> = fc.record({
  seed: fc.nat(10_000),
  frames: fc.constantFrom(10, 60),
  fps: fc.constantFrom(5, 12, 30),
  entering: fc.constantFrom(0.5, 3),
  errors: fc.constantFrom(0, 1, 2),
});

/** Boxes of any kind, in no relation to the frame before. */
export const anyBoxes = fc.array(
  fc.record({
    x: fc.integer({ min: 0, max: 600 }),
    y: fc.integer({ min: 0, max: 340 }),
    width: fc.integer({ min: 0, max: 120 }),
    height: fc.integer({ min: 0, max: 120 }),
    score: fc.double({ min: 0, max: 1, noNaN: true }),
    classIndex: fc.nat(3),
  }),
  { maxLength: 12 },
).map((rows) =>
  toDetections(rows.map(({ x, y, width, height, score, classIndex }) => {
    return { box: [x, y, x + width, y + height], score, classIndex };
  }))
);

/**
 * Objects in lanes of their own, each with a constant speed; they move by less than half of their
 * width between two pictures.
 */
export const anyLanes = fc.record({
  fps: fc.constantFrom(8, 15, 25, 60),
  lanes: fc.array(
    fc.record({
      start: fc.integer({ min: 150, max: 350 }),
      speed: fc.integer({ min: -110, max: 110 }),
      side: fc.integer({ min: 30, max: 44 }),
    }),
    { minLength: 1, maxLength: 7 },
  ),
});

/** A square of the `row`-th lane after `s` seconds. */
export function laneBox(
  lane: { start: number; speed: number; side: number },
  row: number,
  s: number,
) {
  const x = lane.start + lane.speed * s;
  return [x, 50 * row, x + lane.side, 50 * row + lane.side] as const;
}

/** Asserts what must hold for the tracks of any picture of 640 × 384. */
export function checkTracks(tracks: readonly Track[], detections: Detections): void {
  const ids = tracks.map(({ trackId }) => trackId);
  assertEquals(new Set(ids).size, ids.length, "an id is given twice");
  const rows = tracks.map(({ detectionRow }) => detectionRow).filter((row) => row >= 0);
  assertEquals(new Set(rows).size, rows.length, "a detection has two tracks");
  for (const { trackId, xyxyPx: [x1, y1, x2, y2], missed, detectionRow, hits, score } of tracks) {
    assert(Number.isInteger(trackId) && trackId > 0);
    assert(x1 >= 0 && y1 >= 0 && x1 <= x2 && y1 <= y2 && x2 <= 640 && y2 <= 384);
    assertEquals(missed === 0, detectionRow >= 0);
    assertLessOrEqual(detectionRow, detections.count - 1);
    if (detectionRow >= 0) assertEquals(score, detections.score[detectionRow]!);
    assertGreater(hits, 0);
  }
  const byKind = [...tracks].sort((a, b) => {
    return Number(a.missed > 0) - Number(b.missed > 0) || a.trackId - b.trackId;
  });
  assertEquals([...tracks], byKind, "found ones come first, by id");
}
