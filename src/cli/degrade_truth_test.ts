import { assertAlmostEquals, assertEquals } from "@std/assert";
import { degradeBoxes } from "../degrade/degrade_boxes.ts";
import { parseAnnotations } from "../evaluate/mod.ts";
import { degradeTruth } from "./degrade_truth.ts";

const SIZE = { width: 200, height: 100 };
const TRUTH = parseAnnotations({
  images: [{ id: 3 }, { id: 8 }],
  categories: [{ id: 1, name: "car" }],
  annotations: [
    { id: 1, image_id: 3, category_id: 1, bbox: [80.1, 40, 40, 20], area: 400 },
    { id: 2, image_id: 8, category_id: 1, bbox: [80.1, 40, 40, 20], area: 400 },
    { id: 3, image_id: 8, category_id: 1, bbox: [0, 0, 4, 4], area: 16 },
  ],
});
/** Picture 8 came first. */
const SIZES = new Map([[8, SIZE], [3, SIZE]]);

Deno.test("degradeTruth() leaves everything as it is where nothing turns pictures", () => {
  const fog = [{ kind: "fog", severity: 4 }] as const;
  assertEquals(degradeTruth(TRUTH, fog, SIZES), TRUTH);
  const later = [{ kind: "geom", severity: 1, fromFrame: 2 }] as const;
  assertEquals(degradeTruth(TRUTH, later, SIZES), TRUTH);
});

Deno.test("degradeTruth() moves boxes with their pictures, from the frame on that it begins", () => {
  const geom = [{ kind: "geom", severity: 2, fromFrame: 1 }] as const;
  const { boxes, images } = degradeTruth(TRUTH, geom, SIZES);
  assertEquals([images.length, boxes.count], [2, 3]);
  assertEquals([...boxes.xywhPx.subarray(4)], [...TRUTH.boxes.xywhPx.subarray(4)]);
  const [x1, y1, x2, y2] = degradeBoxes(geom, [80.1, 40, 120.1, 60], 200, 100);
  assertEquals([...boxes.xywhPx.subarray(0, 4)], [x1!, y1!, x2! - x1!, y2! - y1!]);
  const grown = (x2! - x1!) * (y2! - y1!) / 800;
  assertAlmostEquals(boxes.areaPx2[0]!, 400 * grown, 1e-9);
});

Deno.test("degradeTruth() leaves out what has left the picture", () => {
  const { boxes } = degradeTruth(TRUTH, [{ kind: "geom", severity: 4 }], SIZES);
  assertEquals([...boxes.imageIndex], [0, 1]);
});
