import { assertEquals } from "@std/assert";
import type { TrueObject } from "../core/frame_truth.ts";
import { CocoWriter, isHardlyVisible } from "./coco_annotations.ts";

const OBJECT: TrueObject = {
  trackId: 70,
  classIndex: 1,
  className: "van",
  xyxyPx: [10.5, 20, 50.5, 40],
  visible: 2 / 3,
  truncated: 0,
  speedMps: 3,
};

Deno.test("CocoWriter writes boxes as left, top, width, height; frames are images", () => {
  const writer = new CocoWriter(["car", "van"], { width: 64, height: 48 });
  writer.add({ seq: 4, objects: [OBJECT] }, "000004.png");
  writer.add({ seq: 5, objects: [] }, "000005.png");
  assertEquals(writer.dataset("a test"), {
    info: { description: "a test" },
    images: [
      { id: 4, file_name: "000004.png", frame: 4, width: 64, height: 48 },
      { id: 5, file_name: "000005.png", frame: 5, width: 64, height: 48 },
    ],
    annotations: [{
      id: 1,
      image_id: 4,
      category_id: 2,
      bbox: [10.5, 20, 40, 20],
      area: 800,
      iscrowd: 0,
      ignore: 0,
      track_id: 70,
      visible: 0.667,
      truncated: 0,
    }],
    categories: [{ id: 1, name: "car" }, { id: 2, name: "van" }],
  });
});

Deno.test("what can hardly be seen is a crowd: nobody is judged by it", () => {
  const cases: [Partial<TrueObject>, boolean][] = [
    [{}, false],
    [{ xyxyPx: [0, 0, 8, 8] }, false],
    [{ xyxyPx: [0, 0, 8, 7.9] }, true],
    [{ visible: 0.25 }, false],
    [{ visible: 0.24 }, true],
    [{ visible: 1, truncated: 0.8 }, true],
    [{ visible: 0.5, truncated: 0.4 }, false],
    [{ visible: 0 }, true],
  ];
  for (const [change, hardly] of cases) {
    assertEquals(isHardlyVisible({ ...OBJECT, ...change }), hardly, JSON.stringify(change));
    const writer = new CocoWriter(["car", "van"], { width: 64, height: 48 });
    writer.add({ seq: 0, objects: [{ ...OBJECT, ...change }] }, "a");
    assertEquals(writer.dataset("").annotations[0]!.iscrowd, hardly ? 1 : 0);
  }
});
