import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { FoveaError, type FoveaErrorCode } from "../core/errors.ts";
import { evaluateTracks } from "./evaluate_tracks.ts";
import { parseAnnotations } from "./parse_annotations.ts";
import { type CocoDetection, parseDetections } from "./parse_detections.ts";
import type { GroundTruth } from "./ground_truth.ts";

/** One annotated box of a picture. */
interface Row {
  readonly image: number;
  readonly x: number;
  readonly id?: number;
  readonly crowd?: boolean;
  readonly category?: number;
}

function truthOf(rows: readonly Row[]): GroundTruth {
  return parseAnnotations({
    images: [5, 1, 3].map((id) => ({ id })),
    categories: [{ id: 1, name: "car" }, { id: 2, name: "van" }],
    annotations: rows.map(({ image, x, id, crowd = false, category = 1 }, index) => ({
      id: index,
      image_id: image,
      category_id: category,
      bbox: [x, 0, 10, 10],
      iscrowd: crowd ? 1 : 0,
      ...(id === undefined ? {} : { track_id: id }),
    })),
  });
}

function trackedIn(truth: GroundTruth, rows: readonly Row[]) {
  const found = rows.map(({ image, x, id, category = 1 }): CocoDetection => ({
    image_id: image,
    category_id: category,
    bbox: [x, 0, 10, 10],
    score: 0.9,
    ...(id === undefined ? {} : { track_id: id }),
  }));
  return parseDetections(found, truth);
}

Deno.test("evaluateTracks() takes pictures in the order of their ids, whatever the order of rows", () => {
  const truth = truthOf([5, 1, 3].map((image) => ({ image, x: 0, id: 9 })));
  // In the order 1, 3, 5 the id changes once.
  const rows = [{ image: 3, x: 0, id: 2 }, { image: 5, x: 0, id: 2 }, { image: 1, x: 0, id: 1 }];
  const { overall } = evaluateTracks(truth, trackedIn(truth, rows));
  assertEquals([overall.truthTracks, overall.tracks, overall.idSwitches], [1, 2, 1]);
});

Deno.test("evaluateTracks() demands nothing of crowds, which need no track_id", () => {
  const truth = truthOf([{ image: 1, x: 0, id: 9 }, { image: 1, x: 50, crowd: true }]);
  const inCrowd = trackedIn(truth, [{ image: 1, x: 0, id: 1 }, { image: 1, x: 51, id: 2 }]);
  const { overall } = evaluateTracks(truth, inCrowd);
  assertEquals([overall.truthBoxes, overall.trackedBoxes, overall.mota], [1, 1, 1]);
  const outside = trackedIn(truth, [{ image: 1, x: 0, id: 1 }, { image: 1, x: 80, id: 2 }]);
  assertEquals(evaluateTracks(truth, outside).overall.falsePositives, 1);
});

Deno.test("evaluateTracks() leaves out detections that no tracker named", () => {
  const truth = truthOf([{ image: 1, x: 0, id: 9 }]);
  const { overall } = evaluateTracks(truth, trackedIn(truth, [{ image: 1, x: 0 }]));
  assertEquals([overall.trackedBoxes, overall.falseNegatives], [0, 1]);
});

Deno.test("evaluateTracks() counts classes apart and names them", () => {
  const truth = truthOf([{ image: 1, x: 0, id: 9 }, { image: 1, x: 50, id: 8, category: 2 }]);
  const rows = [{ image: 1, x: 0, id: 1, category: 2 }, { image: 1, x: 50, id: 2, category: 2 }];
  const { overall, perClass } = evaluateTracks(truth, trackedIn(truth, rows));
  assertEquals(overall.matches, 1);
  assertEquals(perClass.map(({ name, matches }) => [name, matches]), [["car", 0], ["van", 1]]);
  const boxesOnly = evaluateTracks(truth, trackedIn(truth, rows), { ignoreClasses: true });
  assertEquals([boxesOnly.overall.matches, boxesOnly.perClass], [2, []]);
});

Deno.test("evaluateTracks() refuses ids that are missing or stand twice in a picture", () => {
  const truth = truthOf([{ image: 1, x: 0, id: 9 }]);
  const none = trackedIn(truth, []);
  const cases: [() => unknown, FoveaErrorCode, string][] = [
    [
      () => evaluateTracks(truthOf([{ image: 3, x: 0 }]), none),
      "ANNOTATIONS_INVALID",
      "picture 3: a box has no track_id",
    ],
    [
      () => evaluateTracks(truthOf([{ image: 5, x: 0, id: 9 }, { image: 5, x: 20, id: 9 }]), none),
      "ANNOTATIONS_INVALID",
      "picture 5: two boxes have the track_id 9",
    ],
    [
      () => {
        const twice = [{ image: 1, x: 0, id: 4 }, { image: 1, x: 20, id: 4 }];
        return evaluateTracks(truth, trackedIn(truth, twice));
      },
      "DETECTIONS_INVALID",
      "picture 1: two boxes have the track_id 4",
    ],
  ];
  for (const [act, code, words] of cases) {
    const error = assertThrows(act, FoveaError, words);
    assertEquals(error.code, code);
    assertNotEquals(error.hint, null);
  }
});

Deno.test("evaluateTracks() refuses tracks of another ground truth", () => {
  const other = parseAnnotations({
    images: [{ id: 1 }, { id: 2 }, { id: 3 }, { id: 4 }],
    categories: [{ id: 1, name: "car" }],
    annotations: [],
  });
  const tracked = trackedIn(other, [{ image: 4, x: 0, id: 1 }]);
  assertThrows(() => evaluateTracks(truthOf([]), tracked), RangeError, "another ground truth");
});
