import { CocoFile, type CocoFileOptions, type CocoSource, isRecord } from "./coco_file.ts";
import type { GroundTruth } from "./ground_truth.ts";

/** Largest score: a probability, with room for the rounding of a softmax in float32. */
const SCORE_MAX = 1.00001;

/** Detections of a set of pictures as columns, in the order they came. */
export interface ScoredBoxes {
  /** Number of detections. */
  readonly count: number;
  /** Which picture, `[count]`, index into {@linkcode GroundTruth.images}. */
  readonly imageIndex: Int32Array;
  /** Which class, `[count]`, index into {@linkcode GroundTruth.categories}. */
  readonly categoryIndex: Int32Array;
  /** Left, top, width, height, `[count, 4]`, in pixels of the picture. */
  readonly xywhPx: Float64Array;
  /** Score, `[count]`, a probability in 0–1. */
  readonly score: Float64Array;
  /** Which object over time (`track_id`), `[count]`; `NaN` where none is stated. */
  readonly trackId: Float64Array;
  /** Detections left out because their category is none of the ground truth's. */
  readonly outsideCategories: number;
}

/** One detection as it stands in a file of COCO results. */
export interface CocoDetection {
  /** `id` of the picture. */
  readonly image_id: number;
  /** `id` of the class. */
  readonly category_id: number;
  /** Left, top, width, height in pixels of the picture. */
  readonly bbox: readonly [number, number, number, number];
  /** Probability in 0–1. */
  readonly score: number;
  /** Which object over time, where a tracker ran: a whole number. */
  readonly track_id?: number;
}

/**
 * Reads detections in COCO's results format: a list of `{image_id, category_id, bbox, score}`, or
 * an object with that list as `detections`.
 *
 * Every detection must belong to an image of the ground truth. Those of categories that the ground
 * truth does not have are left out, as they are by other tools, and counted in
 * `outsideCategories`. Ids of detections, where a file has them, mean nothing and are not looked
 * at; a `track_id` is kept. The order of equal scores decides which detection is matched first, so
 * the order is kept.
 *
 * Source: https://cocodataset.org/#format-results, "Object Detection".
 *
 * @param source The text of the file, or what `JSON.parse` made of it.
 * @throws {FoveaError} `DETECTIONS_INVALID` with the place of the fault.
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { parseAnnotations, parseDetections } from "@fovea/fovea/evaluate";
 *
 * const truth = parseAnnotations({
 *   images: [{ id: 7 }],
 *   categories: [{ id: 3, name: "car" }],
 *   annotations: [],
 * });
 * const found = { image_id: 7, category_id: 3, bbox: [1, 2, 3, 4], score: 0.5 };
 * assertEquals(parseDetections([found], truth).count, 1);
 * assertThrows(() => parseDetections([{ ...found, image_id: 8 }], truth), Error, "[0].image_id");
 * assertThrows(() => parseDetections([{ ...found, score: NaN }], truth), Error, "[0].score");
 * ```
 */
export function parseDetections(
  source: CocoSource,
  truth: GroundTruth,
  options: CocoFileOptions = {},
): ScoredBoxes {
  const file = new CocoFile("DETECTIONS_INVALID", options.label ?? "the detections");
  const content = file.parse(source);
  if (Array.isArray(content)) return readRecords(file, content, "", truth);
  if (!isRecord(content) || !("detections" in content)) {
    throw file.wrong("", "a list, or an object with a list as detections", content);
  }
  return readRecords(file, file.list(content, "detections"), "detections", truth);
}

function readRecords(
  file: CocoFile,
  records: readonly unknown[],
  list: string,
  truth: GroundTruth,
): ScoredBoxes {
  const imageOf = new Map(truth.images.map(({ id }, i) => [id, i]));
  const categoryOf = new Map(truth.categories.map(({ id }, i) => [id, i]));
  const imageIndex = new Int32Array(records.length);
  const categoryIndex = new Int32Array(records.length);
  const xywhPx = new Float64Array(4 * records.length);
  const score = new Float64Array(records.length);
  const trackId = new Float64Array(records.length);
  let count = 0;
  for (const [i, value] of records.entries()) {
    const record = file.record(value, list, i);
    const imageId = file.id(record, list, i, "image_id");
    const image = imageOf.get(imageId);
    if (image === undefined) {
      throw file.error(
        `${list}[${i}].image_id: ${imageId} is no image of the annotations`,
        "Give the annotations that these detections were made for",
      );
    }
    const category = categoryOf.get(file.id(record, list, i, "category_id"));
    file.readBox(record, list, i, xywhPx, 4 * count);
    if (!isScore(record.score)) {
      throw file.wrong(`${list}[${i}].score`, "a number from 0 to 1", record.score);
    }
    if (category === undefined) continue;
    imageIndex[count] = image;
    categoryIndex[count] = category;
    score[count] = record.score;
    trackId[count] = file.trackId(record);
    count++;
  }
  return {
    count,
    imageIndex: imageIndex.subarray(0, count),
    categoryIndex: categoryIndex.subarray(0, count),
    xywhPx: xywhPx.subarray(0, 4 * count),
    score: score.subarray(0, count),
    trackId: trackId.subarray(0, count),
    outsideCategories: records.length - count,
  };
}

function isScore(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= SCORE_MAX;
}
