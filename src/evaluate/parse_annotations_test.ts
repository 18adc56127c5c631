import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { FoveaError } from "../core/errors.ts";
import { parseAnnotations } from "./parse_annotations.ts";

interface Content {
  images: unknown;
  categories: unknown;
  annotations: unknown;
}

function content(changes: Partial<Content> = {}): Content {
  return {
    images: [{ id: 9, file_name: "nine.jpg", width: 64, height: 48 }, { id: 2 }],
    categories: [{ id: 5, name: "bus" }, { id: 3, name: " car " }],
    annotations: [annotation()],
    ...changes,
  };
}

function annotation(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return { id: 1, image_id: 9, category_id: 3, bbox: [1, 2, 3, 4], ...changes };
}

/** The message about a source that is refused. */
function refusal(source: string | object): string {
  const error = assertThrows(() => parseAnnotations(source, { label: "t.json" }), FoveaError);
  assertEquals(error.code, "ANNOTATIONS_INVALID");
  assertStringIncludes(error.message, "Cannot read t.json: ");
  return error.message.slice("Cannot read t.json: ".length);
}

Deno.test("parseAnnotations() sorts images and categories by id and keeps the order of boxes", () => {
  const boxes = [annotation({ id: 4, image_id: 2 }), annotation({ iscrowd: 1, area: 5 })];
  const truth = parseAnnotations(content({ annotations: boxes }));
  assertEquals(truth.images, [
    { id: 2, fileName: null, width: null, height: null },
    { id: 9, fileName: "nine.jpg", width: 64, height: 48 },
  ]);
  assertEquals(truth.categories, [{ id: 3, name: "car" }, { id: 5, name: "bus" }]);
  assertEquals([...truth.boxes.imageIndex], [0, 1]);
  assertEquals([...truth.boxes.isCrowd], [0, 1]);
  assertEquals([...truth.boxes.areaPx2], [12, 5]);
  assertEquals(truth.withoutArea, 1);
});

Deno.test("parseAnnotations() takes text as well as what was parsed from it", () => {
  assertEquals(parseAnnotations(JSON.stringify(content())), parseAnnotations(content()));
});

Deno.test("parseAnnotations() bears pictures without boxes and boxes without an area", () => {
  assertEquals(parseAnnotations(content({ annotations: [] })).boxes.count, 0);
  const flat = annotation({ bbox: [-3, 5, 0, 4] });
  assertEquals(parseAnnotations(content({ annotations: [flat] })).boxes.areaPx2[0], 0);
});

Deno.test("parseAnnotations() names the annotation that is wrong", () => {
  const cases: [Record<string, unknown>, string][] = [
    [{ bbox: [1, 2, -3, 4] }, "annotations[1].bbox: expected [x, y, width, height]"],
    [{ bbox: [1, 2, 3] }, "annotations[1].bbox"],
    [{ bbox: [1, 2, 3, "4"] }, "annotations[1].bbox"],
    [{ bbox: [1, NaN, 3, 4] }, 'found [1,"NaN",3,4]'],
    [{ bbox: undefined }, "found nothing"],
    [{ image_id: 1 }, "annotations[1].image_id: 1 is no id in images"],
    [{ image_id: "9" }, 'annotations[1].image_id: expected a whole number, found "9"'],
    [{ category_id: 4 }, "annotations[1].category_id: 4 is no id in categories"],
    [{ id: 1 }, "annotations[1].id: 1 stands in annotations[0] too"],
    [{ id: 1.5 }, "annotations[1].id: expected a whole number, found 1.5"],
    [{ area: -1 }, "annotations[1].area"],
    [{ area: Infinity }, "annotations[1].area: expected square pixels, not below 0, found Inf"],
    [{ iscrowd: 2 }, "annotations[1].iscrowd: expected 0 or 1, found 2"],
  ];
  for (const [changes, expected] of cases) {
    const annotations = [annotation(), annotation({ id: 2, ...changes })];
    assertStringIncludes(refusal(content({ annotations })), expected);
  }
  assertEquals(
    refusal(content({ annotations: [7] })),
    "annotations[0]: expected an object, found 7",
  );
});

Deno.test("parseAnnotations() names the image or category that is wrong", () => {
  const cases: [Partial<Content>, string][] = [
    [{ images: [] }, "images is empty"],
    [{ images: [{ id: 1 }, { id: 1 }] }, "images[1].id: 1 stands in images[0] too"],
    [{ images: [{ id: 9, file_name: 5 }] }, "images[0].file_name: expected a file's name, found 5"],
    [{ images: [{ id: 9, width: -5 }] }, "images[0].width: expected a whole number of pixels"],
    [{ images: undefined }, "images: expected a list, found nothing"],
    [{ categories: [] }, "categories is empty"],
    [{ categories: [{ id: 3, name: "" }] }, "categories[0].name: expected a name"],
    [
      { categories: [{ id: 3, name: "car" }, { id: 4, name: "car" }] },
      `categories[1].name: "car" stands in categories[0] too`,
    ],
    [{ annotations: {} }, "annotations: expected a list, found {}"],
  ];
  for (const [changes, expected] of cases) {
    assertStringIncludes(refusal(content(changes)), expected);
  }
});

Deno.test("parseAnnotations() tells what is wrong with a file that is not annotations at all", () => {
  assertEquals(refusal(" \n"), "it is empty");
  assertStringIncludes(refusal("{"), "it is not JSON: the text ends too early (line 1");
  assertStringIncludes(refusal(`{"images": [{"id": 1`), "ends too early in images[0].id (line 1");
  assertStringIncludes(refusal(`{"annotations": [{"area": NaN}]}`), "in annotations[0].area");
  assertEquals(refusal("[]"), "expected an object, found []");
  assertStringIncludes(refusal(`{"info": {}}`), "images: expected a list, found nothing");
});
