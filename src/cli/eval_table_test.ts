import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  type CocoDetection,
  evaluateDetections,
  evaluateTracks,
  type Evaluation,
  parseAnnotations,
  parseDetections,
  type TrackEvaluation,
} from "../evaluate/mod.ts";
import { describeLeftOut, type EvalFacts, evalReport, type LeftOut } from "./eval_outcome.ts";
import { formatEvaluation } from "./eval_table.ts";

const LEFT_OUT: LeftOut = {
  picturesWithoutAnnotations: null,
  annotatedPicturesMissing: 0,
  classesWithoutCategory: [],
  categoriesWithoutClass: [],
  detectionsOfOtherCategories: 0,
  areasFromBoxes: 0,
  nonFinite: 0,
};
const FACTS: EvalFacts = {
  annotations: "truth.json",
  pictures: null,
  detections: "found.json",
  model: null,
  degrade: [],
  images: 1,
  crowds: 0,
  detectionCount: 2,
  leftOut: LEFT_OUT,
};

/** An evaluation of two classes, one taken for the other. */
function evaluate(names: readonly [string, string]): Evaluation {
  const truth = parseAnnotations({
    images: [{ id: 0 }],
    categories: [{ id: 0, name: names[0] }, { id: 1, name: names[1] }, { id: 2, name: "silent" }],
    annotations: [
      { id: 1, image_id: 0, category_id: 0, bbox: [0, 0, 40, 40] },
      { id: 2, image_id: 0, category_id: 1, bbox: [100, 0, 40, 40] },
    ],
  });
  const found: CocoDetection[] = [
    { image_id: 0, category_id: 0, bbox: [0, 0, 40, 40], score: 0.9 },
    { image_id: 0, category_id: 0, bbox: [100, 0, 40, 40], score: 0.8 },
  ];
  return evaluateDetections(truth, parseDetections(found, truth), { score: 0.3 });
}

/** Two frames of two cars; the tracker takes one for a new one in the second frame. */
function evaluateTwoTracks(name: string): TrackEvaluation {
  const truth = parseAnnotations({
    images: [{ id: 0 }, { id: 1 }],
    categories: [{ id: 0, name }],
    annotations: [0, 1, 2, 3].map((id) => ({
      id,
      image_id: id >> 1,
      category_id: 0,
      bbox: [100 * (id & 1), 0, 40, 40],
      track_id: 7 + (id & 1),
    })),
  });
  const found = [[0, 0, 1], [0, 100, 2], [1, 0, 1], [1, 100, 3]].map((
    [image_id, x, track_id],
  ): CocoDetection => ({
    image_id: image_id!,
    category_id: 0,
    bbox: [x!, 0, 40, 40],
    score: 0.9,
    track_id: track_id!,
  }));
  return evaluateTracks(truth, parseDetections(found, truth));
}

Deno.test("formatEvaluation() tells about tracks in every width", () => {
  const evaluation = evaluate(["car", "van"]);
  const tracks = evaluateTwoTracks("\x1bcar");
  for (const columns of [200, 80, 60, 40, 30, 20]) {
    const text = formatEvaluation(evaluation, tracks, FACTS, columns);
    for (const line of text.split("\n")) assert(line.length <= columns, `${columns}: ${line}`);
    for (const word of ["Tracks:", "IDF1", "0.750"]) assertStringIncludes(text, word);
    assert(!text.includes("\x1b"));
  }
  const wide = formatEvaluation(evaluation, tracks, FACTS, 120);
  assertStringIncludes(wide, "MOTA 0.750, MOTP 1.000, 1 id switch; 2 of 2 objects mostly tracked.");
  assertStringIncludes(wide, "?car       0.750   0.750       2       1       0       2       0");
});

Deno.test("evalReport() names scores of tracks as the field does", () => {
  const report = evalReport(evaluate(["car", "van"]), evaluateTwoTracks("car"), FACTS);
  const { tracks } = JSON.parse(JSON.stringify(report));
  assertEquals([tracks.MOTA, tracks.IDF1, tracks.idSwitches], [0.75, 0.75, 1]);
  assertEquals(Object.keys(tracks.perClass), ["car"]);
  assertEquals(tracks.perClass.car.MOTP, 1);
});

Deno.test("formatEvaluation() fits every width and keeps what matters most", () => {
  const evaluation = evaluate(["car", "a class with a very long name indeed"]);
  for (const columns of [200, 80, 60, 40, 30, 20]) {
    const text = formatEvaluation(evaluation, null, FACTS, columns);
    for (const line of text.split("\n")) assert(line.length <= columns, `${columns}: ${line}`);
    for (const word of ["AP50", "car", "Taken for another"]) assertStringIncludes(text, word);
  }
  const wide = formatEvaluation(evaluation, null, FACTS, 80);
  assertStringIncludes(wide, "AP    0.500  AP50  0.500");
  assertStringIncludes(
    wide,
    "precision 0.500, recall 0.500, F1 0.500 (1 found, 1 false, 1",
  );
  assertStringIncludes(wide, "1 more class without objects");
  assertStringIncludes(wide, "1 image, 2 objects, 2 detections");
});

Deno.test("formatEvaluation() takes the sting out of names from a file", () => {
  const text = formatEvaluation(evaluate(["\x1b[31mred\x07", "b"]), null, FACTS, 80);
  assert(!text.includes("\x1b") && !text.includes("\x07"));
  assertStringIncludes(text, "?[31mred?");
});

Deno.test("evalReport() is JSON that keeps names of any kind as keys", () => {
  const report = JSON.stringify(evalReport(evaluate(["__proto__", "constructor"]), null, FACTS));
  const parsed = JSON.parse(report);
  assertEquals(Object.keys(parsed.perClass), ["__proto__", "constructor", "silent"]);
  assertEquals(parsed.perClass.silent.AP, null);
  assertEquals(parsed.confusion, [
    { truth: "__proto__", detected: "__proto__", count: 1 },
    { truth: "constructor", detected: "__proto__", count: 1 },
  ]);
  assertEquals(Object.keys(parsed).slice(0, 3), ["metrics", "perClass", "f1"]);
});

Deno.test("describeLeftOut() says nothing where nothing was left out", () => {
  assertEquals(describeLeftOut(LEFT_OUT), []);
  const all = describeLeftOut({
    picturesWithoutAnnotations: 1,
    annotatedPicturesMissing: 2,
    classesWithoutCategory: Array.from({ length: 10 }, (_, i) => `c${i}`),
    categoriesWithoutClass: ["forklift"],
    detectionsOfOtherCategories: 3,
    areasFromBoxes: 1,
    nonFinite: 4,
  });
  assertEquals(all.length, 7);
  assertStringIncludes(all[0]!, "1 picture is not annotated");
  assertStringIncludes(all.find((text) => text.includes("c0"))!, "c7 and 2 more");
});
