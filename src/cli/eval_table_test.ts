import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  type CocoDetection,
  evaluateDetections,
  type Evaluation,
  parseAnnotations,
  parseDetections,
} from "../evaluate/mod.ts";
import { describeLeftOut, type EvalFacts, evalReport, type LeftOut } from "./eval_outcome.ts";
import { formatEvaluation, wrap } from "./eval_table.ts";

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

Deno.test("formatEvaluation() fits every width and keeps what matters most", () => {
  const evaluation = evaluate(["car", "a class with a very long name indeed"]);
  for (const columns of [200, 80, 60, 40, 30, 20]) {
    const text = formatEvaluation(evaluation, FACTS, columns);
    for (const line of text.split("\n")) assert(line.length <= columns, `${columns}: ${line}`);
    for (const word of ["AP50", "car", "Taken for another"]) assertStringIncludes(text, word);
  }
  const wide = formatEvaluation(evaluation, FACTS, 80);
  assertStringIncludes(wide, "AP    0.500  AP50  0.500");
  assertStringIncludes(
    wide,
    "precision 0.500, recall 0.500, F1 0.500 (1 found, 1 false, 1",
  );
  assertStringIncludes(wide, "1 more class without objects");
  assertStringIncludes(wide, "1 image, 2 objects, 2 detections");
});

Deno.test("formatEvaluation() takes the sting out of names from a file", () => {
  const text = formatEvaluation(evaluate(["\x1b[31mred\x07", "b"]), FACTS, 80);
  assert(!text.includes("\x1b") && !text.includes("\x07"));
  assertStringIncludes(text, "?[31mred?");
});

Deno.test("wrap() breaks between words, and inside a word that is too long", () => {
  assertEquals(wrap("one two three", 7), ["one two", "three"]);
  assertEquals(wrap("unbreakable it is", 5), ["unbre", "akabl", "e it", "is"]);
  assertEquals(wrap("", 5), [""]);
});

Deno.test("evalReport() is JSON that keeps names of any kind as keys", () => {
  const report = JSON.stringify(evalReport(evaluate(["__proto__", "constructor"]), FACTS));
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
