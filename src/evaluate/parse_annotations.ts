import { CocoFile, type CocoFileOptions, type CocoSource } from "./coco_file.ts";
import type { GroundTruth, TruthBoxes, TruthCategory, TruthImage } from "./ground_truth.ts";

/**
 * Reads annotations in COCO's object detection format: `images` (`id`, and where known `file_name`,
 * `width`, `height`), `categories` (`id`, `name`) and `annotations` (`id`, `image_id`,
 * `category_id`, `bbox` as `[x, y, width, height]` in pixels, `area`, `iscrowd`).
 *
 * Strict where a mistake would change the score: ids are whole numbers and stand once, names of
 * categories stand once, every annotation belongs to an image and a category of the file, widths
 * and heights are not below 0. Lenient where COCO files differ: a missing `area` is that of the box
 * and is counted in `withoutArea`, a missing `iscrowd` is 0, boxes may reach outside the picture,
 * `track_id` is kept where it is a whole number, other keys are not looked at.
 *
 * Source: https://cocodataset.org/#format-data, "Object Detection".
 *
 * @param source The text of the file, or what `JSON.parse` made of it.
 * @throws {FoveaError} `ANNOTATIONS_INVALID` with the place of the fault.
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { parseAnnotations } from "@fovea/fovea/evaluate";
 *
 * const file = {
 *   images: [{ id: 7, file_name: "seven.jpg", width: 640, height: 480 }],
 *   categories: [{ id: 3, name: "car" }],
 *   annotations: [{ id: 1, image_id: 7, category_id: 3, bbox: [10, 20, 30, 40] }],
 * };
 * const truth = parseAnnotations(JSON.stringify(file));
 * assertEquals(truth.boxes.count, 1);
 * assertEquals(truth.boxes.areaPx2[0], 1200);
 *
 * file.annotations[0]!.bbox[2] = -30;
 * assertThrows(() => parseAnnotations(file), Error, "annotations[0].bbox");
 * ```
 */
export function parseAnnotations(source: CocoSource, options: CocoFileOptions = {}): GroundTruth {
  const file = new CocoFile("ANNOTATIONS_INVALID", options.label ?? "the annotations");
  const content = file.parse(source);
  const images = readImages(file, file.list(content, "images"));
  const categories = readCategories(file, file.list(content, "categories"));
  const records = file.list(content, "annotations");
  return { images, categories, ...readBoxes(file, records, images, categories) };
}

function readImages(file: CocoFile, records: readonly unknown[]): TruthImage[] {
  if (records.length === 0) throw file.error("images is empty");
  const images = records.map((value, i): TruthImage => {
    const record = file.record(value, "images", i);
    const fileName = record.file_name ?? null;
    if (fileName !== null && (typeof fileName !== "string" || fileName === "")) {
      throw file.wrong(`images[${i}].file_name`, "a file's name", fileName);
    }
    return {
      id: file.id(record, "images", i, "id"),
      fileName,
      width: readSide(file, record, i, "width"),
      height: readSide(file, record, i, "height"),
    };
  });
  return sortById(file, "images", images);
}

/** A side of a picture; 0 is what some tools write where they do not know it. */
function readSide(
  file: CocoFile,
  record: Record<string, unknown>,
  index: number,
  key: "width" | "height",
): number | null {
  const value = record[key] ?? 0;
  if (!Number.isSafeInteger(value) || (value as number) < 0) {
    throw file.wrong(`images[${index}].${key}`, "a whole number of pixels", value);
  }
  return value === 0 ? null : value as number;
}

function readCategories(file: CocoFile, records: readonly unknown[]): TruthCategory[] {
  if (records.length === 0) throw file.error("categories is empty");
  const places = new Map<string, number>();
  const categories = records.map((value, i): TruthCategory => {
    const record = file.record(value, "categories", i);
    const { name } = record;
    if (typeof name !== "string" || name.trim() === "") {
      throw file.wrong(`categories[${i}].name`, "a name", name);
    }
    const before = places.get(name.trim());
    if (before !== undefined) {
      throw file.error(
        `categories[${i}].name: ${JSON.stringify(name)} stands in categories[${before}] too`,
        "Give every category a name of its own, or remove the one that nothing refers to",
      );
    }
    places.set(name.trim(), i);
    return { id: file.id(record, "categories", i, "id"), name: name.trim() };
  });
  return sortById(file, "categories", categories);
}

/** Sorts by rising id, as the reference implementation does, and refuses ids that stand twice. */
function sortById<Item extends { readonly id: number }>(
  file: CocoFile,
  list: string,
  items: Item[],
): Item[] {
  refuseTwins(file, list, items.map(({ id }) => id));
  return items.sort((a, b) => a.id - b.id);
}

function refuseTwins(file: CocoFile, list: string, ids: ArrayLike<number>): void {
  const places = new Map<number, number>();
  for (let i = 0; i < ids.length; i++) {
    const before = places.get(ids[i]!);
    if (before !== undefined) {
      throw file.error(`${list}[${i}].id: ${ids[i]} stands in ${list}[${before}] too`);
    }
    places.set(ids[i]!, i);
  }
}

function readBoxes(
  file: CocoFile,
  records: readonly unknown[],
  images: readonly TruthImage[],
  categories: readonly TruthCategory[],
): { boxes: TruthBoxes; withoutArea: number } {
  const list = "annotations";
  const count = records.length;
  const imageOf = new Map(images.map(({ id }, i) => [id, i]));
  const categoryOf = new Map(categories.map(({ id }, i) => [id, i]));
  const boxes = {
    count,
    imageIndex: new Int32Array(count),
    categoryIndex: new Int32Array(count),
    xywhPx: new Float64Array(4 * count),
    areaPx2: new Float64Array(count),
    isCrowd: new Uint8Array(count),
    trackId: new Float64Array(count),
  };
  const ids = new Float64Array(count);
  let withoutArea = 0;
  for (const [i, value] of records.entries()) {
    const record = file.record(value, list, i);
    ids[i] = file.id(record, list, i, "id");
    boxes.imageIndex[i] = findIndex(file, record, i, "image_id", imageOf, "images");
    boxes.categoryIndex[i] = findIndex(file, record, i, "category_id", categoryOf, "categories");
    file.readBox(record, list, i, boxes.xywhPx, 4 * i);
    const area = record.area ?? null;
    if (area === null) withoutArea++;
    else if (!Number.isFinite(area) || (area as number) < 0) {
      throw file.wrong(`${list}[${i}].area`, "square pixels, not below 0", area);
    }
    boxes.areaPx2[i] = area === null
      ? boxes.xywhPx[4 * i + 2]! * boxes.xywhPx[4 * i + 3]!
      : area as number;
    boxes.isCrowd[i] = readFlag(file, record, i);
    boxes.trackId[i] = file.trackId(record);
  }
  refuseTwins(file, list, ids);
  return { boxes, withoutArea };
}

function findIndex(
  file: CocoFile,
  record: Record<string, unknown>,
  index: number,
  key: string,
  indexOf: ReadonlyMap<number, number>,
  list: string,
): number {
  const id = file.id(record, "annotations", index, key);
  const found = indexOf.get(id);
  if (found === undefined) {
    throw file.error(`annotations[${index}].${key}: ${id} is no id in ${list}`);
  }
  return found;
}

function readFlag(file: CocoFile, record: Record<string, unknown>, index: number): number {
  const value = record.iscrowd ?? 0;
  if (value === 0 || value === 1 || typeof value === "boolean") return Number(value);
  throw file.wrong(`annotations[${index}].iscrowd`, "0 or 1", value);
}
