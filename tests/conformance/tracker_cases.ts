// What every tracker must do, however it works.
import { assertEquals, assertGreater, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { Detections } from "../../src/core/detections.ts";
import type { Tracker } from "../../src/core/ports.ts";
import type { PictureMoment, Track } from "../../src/core/track.ts";
import { makeRandom, makeScene } from "../support/moving_scene.ts";
import {
  anyBoxes,
  anyLanes,
  anyScene,
  checkTracks,
  detect,
  idAt,
  laneBox,
  momentOf,
  type Quad,
  reorder,
  shuffled,
} from "../support/track_inputs.ts";

/** Registers the tests for one implementation; `make` makes a fresh tracker. */
export function runTrackerCases(name: string, make: () => Tracker): void {
  const property = { seed: 2022, numRuns: 40 };

  Deno.test(`${name}: an id is given once in a picture, and tracks are well formed`, () => {
    fc.assert(
      fc.property(anyScene, fc.array(anyBoxes, { maxLength: 12 }), (scene, boxes) => {
        const tracker = make();
        const seen = [...makeScene(scene)].map(({ detections }) => detections);
        for (const [seq, detections] of [...seen, ...boxes].entries()) {
          checkTracks(tracker.update(detections, momentOf(seq)), detections);
        }
      }),
      property,
    );
  });

  Deno.test(`${name}: a new id is greater than all before`, () => {
    fc.assert(
      fc.property(anyScene, (scene) => {
        const tracker = make();
        let greatest = 0;
        const known = new Set<number>();
        for (const { detections, moment } of makeScene({ ...scene, frames: 60 })) {
          // Two scenes and a reset: ids go on.
          if (moment.seq === 40) tracker.reset();
          const epoch = moment.seq < 20 ? 0 : 1;
          const fresh = tracker.update(detections, { ...moment, epoch })
            .map(({ trackId }) => trackId).filter((id) => !known.has(id));
          for (const id of fresh) {
            assertGreater(id, greatest);
            known.add(id);
          }
          greatest = Math.max(greatest, ...fresh);
        }
      }),
      property,
    );
  });

  Deno.test(`${name}: an object in steady motion keeps its id at any frame rate`, () => {
    fc.assert(
      fc.property(anyLanes, ({ fps, lanes }) => {
        const tracker = make();
        const idsOfLane = lanes.map(() => new Set<number>());
        for (let seq = 0; seq < fps; seq++) {
          const boxes = lanes.map((lane, row) => laneBox(lane, row, seq / fps));
          const moment = momentOf(seq, { ptsMs: 1000 * seq / fps });
          const tracks = tracker.update(detect(boxes), moment);
          for (const [row, ids] of idsOfLane.entries()) {
            const id = idAt(tracks, row);
            if (id !== undefined) ids.add(id);
          }
        }
        assertEquals(idsOfLane.map((ids) => ids.size), lanes.map(() => 1));
        assertEquals(new Set(idsOfLane.flatMap((ids) => [...ids])).size, lanes.length);
      }),
      property,
    );
  });

  for (const hidden of [5, 10]) {
    Deno.test(`${name}: an object keeps its id while it is hidden for ${hidden} frames`, () => {
      for (const [speed, fps] of [[0, 30], [60, 30], [-150, 25], [200, 15], [20, 8]] as const) {
        const tracker = make();
        const ids = new Set<number | undefined>();
        for (let seq = 0; seq < 30 + hidden; seq++) {
          const isHidden = seq >= 15 && seq < 15 + hidden;
          const box = laneBox({ start: 320, speed, side: 60 }, 1, seq / fps);
          const moment = momentOf(seq, { ptsMs: 1000 * seq / fps });
          const tracks = tracker.update(detect(isHidden ? [] : [box]), moment);
          if (seq >= 5 && !isHidden) ids.add(idAt(tracks, 0));
        }
        assertEquals([...ids].map((id) => typeof id), ["number"], `${speed} px/s at ${fps}`);
      }
    });
  }

  Deno.test(`${name}: objects that cross keep their ids, also where one hides the other`, () => {
    for (const gap of [0, 6]) {
      const tracker = make();
      const pairs = new Set<string>();
      for (let seq = 0; seq < 60; seq++) {
        const near = laneBox({ start: 100, speed: 150, side: 60 }, 2, seq / 25);
        const far = laneBox({ start: 463, speed: -150, side: 60 }, 2, seq / 25);
        const isHidden = Math.abs(seq - 30) < gap;
        const tracks = tracker.update(detect(isHidden ? [near] : [near, far]), momentOf(seq));
        if (seq >= 5 && !isHidden) pairs.add(`${idAt(tracks, 0)} ${idAt(tracks, 1)}`);
      }
      assertEquals([...pairs], ["1 2"]);
    }
  });

  Deno.test(`${name}: detections in any order give the same tracks`, () => {
    fc.assert(
      fc.property(anyScene, fc.nat(), (scene, seed) => {
        const random = makeRandom(seed);
        const [plain, mixed] = [make(), make()];
        for (const { detections, moment } of makeScene(scene)) {
          const order = shuffled(detections.count, random);
          const expected = plain.update(detections, moment);
          const actual = mixed.update(reorder(detections, order), moment)
            .map((track) => ({ ...track, detectionRow: order[track.detectionRow] ?? -1 }));
          assertEquals(actual, [...expected]);
        }
      }),
      property,
    );
  });

  Deno.test(`${name}: detections below its lowest score make no difference`, () => {
    fc.assert(
      fc.property(anyScene, (scene) => {
        const [all, useful] = [make(), make()];
        for (const { detections, moment } of makeScene(scene)) {
          const rows = [...detections.score.keys()]
            .filter((row) => detections.score[row]! >= useful.scoreMin);
          const expected = useful.update(reorder(detections, rows), moment)
            .map((track) => ({ ...track, detectionRow: rows[track.detectionRow] ?? -1 }));
          assertEquals([...all.update(detections, moment)], expected);
        }
      }),
      property,
    );
  });

  Deno.test(`${name}: pictures that were not looked at are made up for`, () => {
    for (const stride of [2, 3, 5]) {
      const tracker = make();
      const ids = new Set<number | undefined>();
      for (let seq = 0; seq < 60; seq += seq < 20 ? 1 : stride) {
        const box = laneBox({ start: 50, speed: 180, side: 60 }, 1, seq / 25);
        const tracks = tracker.update(detect([box]), momentOf(seq));
        if (seq >= 5) ids.add(idAt(tracks, 0));
      }
      assertEquals(ids.size, 1, `every ${stride}`);
    }
  });

  Deno.test(`${name}: another epoch or another size of the picture is another scene`, () => {
    for (const change of [{ epoch: 1 }, { width: 1280 }, { height: 720 }]) {
      const tracker = make();
      const box = [100, 100, 160, 160] as const;
      for (let seq = 0; seq < 10; seq++) tracker.update(detect([box]), momentOf(seq));
      assertEquals(tracker.update(detect([]), momentOf(10, change)), []);
      let after: readonly Track[] = [];
      for (let seq = 11; seq < 20; seq++) {
        after = tracker.update(detect([box]), momentOf(seq, change));
      }
      assertEquals(after.map(({ trackId }) => trackId), [2]);
    }
  });

  Deno.test(`${name}: reset() lets another stream begin at any number`, () => {
    const tracker = make();
    for (let seq = 0; seq < 10; seq++) {
      tracker.update(detect([[100, 100, 160, 160]]), momentOf(100 + seq));
    }
    tracker.reset();
    let tracks: readonly Track[] = [];
    for (let seq = 0; seq < 10; seq++) {
      tracks = tracker.update(detect([[100, 100, 160, 160]]), momentOf(seq));
    }
    assertEquals(tracks.map(({ trackId }) => trackId), [2]);
  });

  Deno.test(`${name}: an object that does not come back is given up`, () => {
    const tracker = make();
    for (let seq = 0; seq < 10; seq++) {
      tracker.update(detect([[100, 100, 160, 160]]), momentOf(seq));
    }
    const [lost] = tracker.update(detect([]), momentOf(10));
    assertEquals([lost?.trackId, lost?.missed, lost?.detectionRow], [1, 1, -1]);
    let tracks: readonly Track[] = [];
    for (let seq = 11; seq < 2_000; seq++) tracks = tracker.update(detect([]), momentOf(seq));
    assertEquals(tracks, []);
  });

  Deno.test(`${name}: a new object has nothing of one that is over`, () => {
    const tracker = make();
    const [old, fresh] = [[100, 100, 160, 160], [400, 200, 430, 280]] as const;
    for (let seq = 0; seq < 20; seq++) tracker.update(detect([old], 0.9, 1), momentOf(seq));
    for (let seq = 20; seq < 120; seq++) tracker.update(detect([]), momentOf(seq));
    let tracks: readonly Track[] = [];
    for (let seq = 120; seq < 124; seq++) {
      tracks = tracker.update(detect([fresh], 0.8, 2), momentOf(seq));
    }
    assertEquals(
      tracks.map(({ trackId, classIndex, hits, ageMs }) => [trackId, classIndex, hits, ageMs]),
      [[2, 2, 4, 120]],
    );
  });

  Deno.test(`${name}: what it returned stays as it was`, () => {
    const tracker = make();
    const kept: { tracks: readonly Track[]; copy: Track[] }[] = [];
    for (const { detections, moment } of makeScene({ seed: 3, frames: 40 })) {
      const tracks = tracker.update(detections, moment);
      kept.push({ tracks, copy: structuredClone([...tracks]) });
      detections.xyxyPx.fill(0);
    }
    for (const { tracks, copy } of kept) assertEquals([...tracks], copy);
  });

  Deno.test(`${name}: nonsense is refused and leaves it as it was`, () => {
    const [tracker, twin] = [make(), make()];
    const box = [100, 100, 160, 160] as const;
    const bad: readonly [Detections, PictureMoment][] = [
      ...[NaN, Infinity, -Infinity].flatMap((value) =>
        [0, 1, 2, 3].map((corner): [Detections, PictureMoment] => {
          const broken: number[] = [...box];
          broken[corner] = value;
          return [detect([box, broken as unknown as Quad]), momentOf(4)];
        })
      ),
      [detect([[100, 100, 90, 160]]), momentOf(4)],
      [detect([[100, 100, 160, 90]]), momentOf(4)],
      [detect([box], NaN), momentOf(4)],
      [detect([box], 1.5), momentOf(4)],
      [detect([box], -0.1), momentOf(4)],
      [detect([box], 0.8, -1), momentOf(4)],
      [detect([box]), momentOf(3)],
      [detect([box]), momentOf(2)],
      [detect([box]), momentOf(4, { ptsMs: 120 })],
      [detect([box]), momentOf(4, { ptsMs: NaN })],
      [detect([box]), momentOf(4, { ptsMs: NaN, epoch: 1 })],
    ];
    for (let seq = 0; seq < 4; seq++) {
      for (const one of [tracker, twin]) one.update(detect([box]), momentOf(seq));
    }
    for (const [detections, moment] of bad) {
      assertThrows(() => tracker.update(detections, moment), RangeError, "Cannot track");
    }
    for (let seq = 4; seq < 8; seq++) {
      const detections = detect([box, [300, 100, 340, 160]]);
      assertEquals(
        tracker.update(detections, momentOf(seq)),
        twin.update(detections, momentOf(seq)),
      );
    }
  });

  Deno.test(`${name}: more objects than it can follow do no harm`, () => {
    const tracker = make();
    const boxes = Array.from({ length: 2_500 }, (_, i): Quad => {
      const [x, y] = [12 * (i % 50), 7 * Math.floor(i / 50)];
      return [x, y, x + 10, y + 6];
    });
    for (let seq = 0; seq < 3; seq++) {
      const detections = detect(boxes);
      checkTracks(tracker.update(detections, momentOf(seq)), detections);
    }
  });
}
