import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { FoveaError } from "../core/errors.ts";
import { parseAnnotations } from "./parse_annotations.ts";
import { parseDetections } from "./parse_detections.ts";

const TRUTH = parseAnnotations({
  images: [{ id: 9 }, { id: 2 }],
  categories: [{ id: 5, name: "bus" }, { id: 3, name: "car" }],
  annotations: [],
});

function detection(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return { image_id: 9, category_id: 3, bbox: [1, 2, 3, 4], score: 0.5, ...changes };
}

/** The error about a source that is refused. */
function refusal(source: string | object): FoveaError {
  const error = assertThrows(() => parseDetections(source, TRUTH, { label: "d.json" }), FoveaError);
  assertEquals(error.code, "DETECTIONS_INVALID");
  assertStringIncludes(error.message, "Cannot read d.json: ");
  return error;
}

Deno.test("parseDetections() takes a list and an object with one", () => {
  const rows = [detection(), detection({ image_id: 2, category_id: 5, score: 1 })];
  const columns = parseDetections(rows, TRUTH);
  assertEquals([...columns.imageIndex], [1, 0]);
  assertEquals([...columns.categoryIndex], [0, 1]);
  assertEquals([...columns.score], [0.5, 1]);
  assertEquals(parseDetections({ info: {}, detections: rows }, TRUTH), columns);
  assertEquals(parseDetections(JSON.stringify(rows), TRUTH), columns);
  assertEquals(parseDetections("[]", TRUTH).count, 0);
});

Deno.test("parseDetections() leaves out and counts what is of other categories", () => {
  const rows = [detection({ category_id: 77 }), detection({ score: 0.25 })];
  const columns = parseDetections(rows, TRUTH);
  assertEquals([columns.count, columns.outsideCategories], [1, 1]);
  assertEquals([...columns.score], [0.25]);
  // What is left out is checked all the same.
  refusal([detection({ category_id: 77, bbox: [0, 0, -1, 1] })]);
});

Deno.test("parseDetections() names the detection that is wrong", () => {
  const cases: [Record<string, unknown>, string][] = [
    [{ image_id: 8 }, "[1].image_id: 8 is no image of the annotations"],
    [{ image_id: undefined }, "[1].image_id: expected a whole number, found nothing"],
    [{ category_id: null }, "[1].category_id: expected a whole number, found null"],
    [{ bbox: [0, 0, 5, -1] }, "[1].bbox: expected"],
    [{ bbox: "0 0 5 5" }, `[1].bbox: expected`],
    [{ score: NaN }, "[1].score: expected a number from 0 to 1, found NaN"],
    [{ score: -0.1 }, "[1].score"],
    [{ score: 97 }, "[1].score: expected a number from 0 to 1, found 97"],
    [{ score: "0.5" }, `[1].score: expected a number from 0 to 1, found "0.5"`],
  ];
  for (const [changes, expected] of cases) {
    const rows = [detection(), detection(changes)];
    assertStringIncludes(refusal(rows).message, expected);
    assertStringIncludes(refusal({ detections: rows }).message, `detections${expected}`);
  }
  assertStringIncludes(refusal([null]).message, "[0]: expected an object, found null");
});

Deno.test("parseDetections() tells what is wrong with a file that is not detections at all", () => {
  assertStringIncludes(refusal("").message, "it is empty");
  assertStringIncludes(refusal("7").message, "expected a list, or an object with a list");
  assertStringIncludes(refusal(`{"images": []}`).message, "found an object with images");
  assertStringIncludes(refusal(`{"detections": {}}`).message, "detections: expected a list");
  const truncated = refusal(`[{"image_id": 9, "sco`);
  assertStringIncludes(truncated.message, "ends too early in [0]");
  assertStringIncludes(truncated.hint!, "not whole");
  const notNumber = refusal(`[{"image_id": 9, "score": NaN}]`);
  assertStringIncludes(notNumber.message, `"NaN" cannot stand there in [0].score`);
  assertStringIncludes(notNumber.hint!, "no such number");
});
