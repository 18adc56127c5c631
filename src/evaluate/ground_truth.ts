/** One picture of an annotation file. */
export interface TruthImage {
  /** The file's `id`; for a video, the number of the frame from 0. */
  readonly id: number;
  /** Path of the picture inside its folder; `null` where none is stated. */
  readonly fileName: string | null;
  /** Width in pixels; `null` where it is not stated. */
  readonly width: number | null;
  /** Height in pixels; `null` where it is not stated. */
  readonly height: number | null;
}

/** One class of an annotation file. */
export interface TruthCategory {
  /** The file's `id`, which need not be an index. */
  readonly id: number;
  /** Its name, unlike every other. */
  readonly name: string;
}

/** Annotated boxes as columns, in the order of the file. */
export interface TruthBoxes {
  /** Number of boxes, crowds included. */
  readonly count: number;
  /** Which picture, `[count]`, index into {@linkcode GroundTruth.images}. */
  readonly imageIndex: Int32Array;
  /** Which class, `[count]`, index into {@linkcode GroundTruth.categories}. */
  readonly categoryIndex: Int32Array;
  /** Left, top, width, height, `[count, 4]`, in pixels of the picture. */
  readonly xywhPx: Float64Array;
  /** Area of the object, `[count]`, in square pixels: what the area ranges go by. */
  readonly areaPx2: Float64Array;
  /** 1 for a region that holds many objects (`iscrowd`), else 0, `[count]`. */
  readonly isCrowd: Uint8Array;
  /** Which object over time (`track_id`), `[count]`; `NaN` where none is stated. */
  readonly trackId: Float64Array;
}

/** What is to be found in a set of pictures. Made by `parseAnnotations`. */
export interface GroundTruth {
  /** The pictures, by rising `id`. */
  readonly images: readonly TruthImage[];
  /** The classes, by rising `id`. */
  readonly categories: readonly TruthCategory[];
  /** The boxes. */
  readonly boxes: TruthBoxes;
  /** Boxes whose area is not stated; that of the box itself is taken. */
  readonly withoutArea: number;
}

/** Which part of a {@linkcode GroundTruth} to keep; everything where a set is left out. */
export interface TruthSelection {
  /** Pictures to keep, by `id`. */
  readonly imageIds?: ReadonlySet<number>;
  /** Classes to keep, by `id`. */
  readonly categoryIds?: ReadonlySet<number>;
}

/**
 * A part of a ground truth, as if the file held nothing else. Ids that do not occur change nothing.
 *
 * @example One frame of a video
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseAnnotations, selectTruth } from "@fovea/fovea/evaluate";
 *
 * const truth = parseAnnotations({
 *   images: [{ id: 0 }, { id: 1 }],
 *   categories: [{ id: 3, name: "car" }],
 *   annotations: [
 *     { id: 1, image_id: 0, category_id: 3, bbox: [0, 0, 9, 9] },
 *     { id: 2, image_id: 1, category_id: 3, bbox: [5, 5, 9, 9] },
 *   ],
 * });
 * const second = selectTruth(truth, { imageIds: new Set([1]) });
 * assertEquals(second.images.length, 1);
 * assertEquals([...second.boxes.xywhPx], [5, 5, 9, 9]);
 * ```
 */
export function selectTruth(truth: GroundTruth, selection: TruthSelection): GroundTruth {
  const images = keep(truth.images, selection.imageIds);
  const categories = keep(truth.categories, selection.categoryIds);
  const { boxes } = truth;
  const kept: number[] = [];
  for (let i = 0; i < boxes.count; i++) {
    const hasImage = images.newIndex[boxes.imageIndex[i]!]! >= 0;
    if (hasImage && categories.newIndex[boxes.categoryIndex[i]!]! >= 0) kept.push(i);
  }
  return {
    images: images.items,
    categories: categories.items,
    withoutArea: truth.withoutArea,
    boxes: {
      ...pickBoxes(boxes, kept),
      imageIndex: Int32Array.from(kept, (i) => images.newIndex[boxes.imageIndex[i]!]!),
      categoryIndex: Int32Array.from(kept, (i) => categories.newIndex[boxes.categoryIndex[i]!]!),
    },
  };
}

/**
 * A ground truth whose boxes are elsewhere, for pictures that were turned or zoomed. Areas grow and
 * shrink with their boxes; objects whose box has no area any more have left the picture and are
 * left out.
 *
 * @param xywhPx New boxes, `[count, 4]`, in the order of the old ones.
 * @throws {RangeError} If there are not as many.
 */
export function moveTruth(truth: GroundTruth, xywhPx: Float64Array): GroundTruth {
  const { boxes } = truth;
  if (xywhPx.length !== 4 * boxes.count) {
    throw new RangeError(`Cannot move ${boxes.count} boxes to ${xywhPx.length / 4} places`);
  }
  const areaAt = (columns: Float64Array, i: number): number =>
    columns[4 * i + 2]! * columns[4 * i + 3]!;
  const kept = Array.from({ length: boxes.count }, (_, i) => i)
    .filter((i) => areaAt(xywhPx, i) > 0);
  return {
    ...truth,
    boxes: {
      ...pickBoxes({ ...boxes, xywhPx }, kept),
      areaPx2: Float64Array.from(
        kept,
        (i) => boxes.areaPx2[i]! * areaAt(xywhPx, i) / (areaAt(boxes.xywhPx, i) || 1),
      ),
    },
  };
}

function pickBoxes(boxes: TruthBoxes, kept: readonly number[]): TruthBoxes {
  const xywhPx = new Float64Array(4 * kept.length);
  kept.forEach((from, to) => xywhPx.set(boxes.xywhPx.subarray(4 * from, 4 * from + 4), 4 * to));
  return {
    count: kept.length,
    imageIndex: Int32Array.from(kept, (i) => boxes.imageIndex[i]!),
    categoryIndex: Int32Array.from(kept, (i) => boxes.categoryIndex[i]!),
    xywhPx,
    areaPx2: Float64Array.from(kept, (i) => boxes.areaPx2[i]!),
    isCrowd: Uint8Array.from(kept, (i) => boxes.isCrowd[i]!),
    trackId: Float64Array.from(kept, (i) => boxes.trackId[i]!),
  };
}

/** The items to keep, and for each old index the new one or -1. */
function keep<Item extends { readonly id: number }>(
  all: readonly Item[],
  ids: ReadonlySet<number> | undefined,
): { items: Item[]; newIndex: Int32Array } {
  const items: Item[] = [];
  const newIndex = Int32Array.from(all, (item) => {
    if (ids !== undefined && !ids.has(item.id)) return -1;
    return items.push(item) - 1;
  });
  return { items, newIndex };
}
