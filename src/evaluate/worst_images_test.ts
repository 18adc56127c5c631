import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { evaluateDetections } from "./evaluate_detections.ts";
import { parseAnnotations } from "./parse_annotations.ts";
import { type CocoDetection, parseDetections } from "./parse_detections.ts";
import { findWorstImages, type JudgedImage } from "./worst_images.ts";

const CATEGORIES = [{ id: 0, name: "car" }, { id: 1, name: "van" }];

interface Annotation {
  readonly id: number;
  readonly image_id: number;
  readonly category_id: number;
  readonly bbox: [number, number, number, number];
  readonly iscrowd?: number;
}

function worst(
  annotations: readonly Annotation[],
  found: readonly CocoDetection[],
  count = 10,
): { judged: JudgedImage[]; counts: number[] } {
  const images = [{ id: 4 }, { id: 5 }, { id: 6 }];
  const truth = parseAnnotations({ images, categories: CATEGORIES, annotations });
  const detections = parseDetections(found, truth);
  const evaluation = evaluateDetections(truth, detections, { score: 0.3 });
  const { hits, misses, falses } = evaluation;
  return {
    judged: findWorstImages(truth, detections, evaluation, count),
    counts: [hits, misses, falses],
  };
}

Deno.test("findWorstImages() puts most mistakes first and tells every box", () => {
  const { judged } = worst([
    { id: 1, image_id: 5, category_id: 0, bbox: [0, 0, 40, 40] },
    { id: 2, image_id: 5, category_id: 1, bbox: [100, 0, 40, 40] },
    { id: 3, image_id: 6, category_id: 0, bbox: [0, 0, 40, 40] },
    { id: 4, image_id: 4, category_id: 0, bbox: [0, 0, 90, 90], iscrowd: 1 },
  ], [
    { image_id: 5, category_id: 0, bbox: [2, 0, 40, 40], score: 0.9 },
    { image_id: 5, category_id: 0, bbox: [200, 0, 40, 40], score: 0.5 },
    { image_id: 5, category_id: 0, bbox: [300, 0, 40, 40], score: 0.1 },
    { image_id: 4, category_id: 0, bbox: [1, 1, 9, 9], score: 0.9 },
  ]);
  assertEquals(judged.map(({ image, hits, misses, falses }) => [image.id, hits, misses, falses]), [
    [5, 1, 1, 1],
    [6, 0, 1, 0],
  ]);
  assertEquals(judged[0]!.boxes, [
    {
      className: "car",
      boxPx: [2, 0, 40, 40],
      score: 0.9,
      kind: "hit",
      truthPx: [0, 0, 40, 40],
    },
    { className: "car", boxPx: [200, 0, 40, 40], score: 0.5, kind: "false" },
    { kind: "miss", className: "van", boxPx: [100, 0, 40, 40] },
  ]);
});

Deno.test("findWorstImages() shows crowds where there are mistakes too, and obeys the limit", () => {
  const annotations = [4, 5, 6].flatMap((image_id, i): Annotation[] => [
    { id: 2 * i, image_id, category_id: 0, bbox: [0, 0, 90, 90], iscrowd: 1 },
    { id: 2 * i + 1, image_id, category_id: 1, bbox: [0, 0, 9, 9] },
  ]);
  const { judged } = worst(annotations, [], 2);
  assertEquals(judged.map(({ image }) => image.id), [4, 5]);
  assertEquals(judged[0]!.boxes.map(({ kind }) => kind), ["crowd", "miss"]);
});

Deno.test("findWorstImages() counts what the evaluation counts", () => {
  const box = fc.tuple(fc.nat(20), fc.nat(20), fc.integer({ min: 1, max: 30 }), fc.nat(30));
  const place = { image_id: fc.integer({ min: 4, max: 6 }), category_id: fc.nat(1), bbox: box };
  const found = fc.array(fc.record({ ...place, score: fc.constantFrom(0.1, 0.3, 0.8) }));
  const there = fc.array(fc.record({ ...place, iscrowd: fc.constantFrom(0, 0, 1) }), {
    maxLength: 8,
  });
  fc.assert(
    fc.property(there, found, (annotations, detections) => {
      const numbered = annotations.map((one, id) => ({ ...one, id }));
      const { judged, counts } = worst(numbered, detections);
      const sum = (key: "hits" | "misses" | "falses"): number =>
        judged.reduce((total, one) => total + one[key], 0);
      // Pictures without mistakes are left out, so hits may be fewer.
      assertEquals([sum("misses"), sum("falses")], counts.slice(1));
      for (const { boxes, hits, misses, falses } of judged) {
        const of = (kind: string): number => boxes.filter((box) => box.kind === kind).length;
        assertEquals([of("hit"), of("miss"), of("false")], [hits, misses, falses]);
      }
    }),
    { seed: 8, numRuns: 200 },
  );
});
