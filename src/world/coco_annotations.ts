import type { FrameTruth, TrueObject } from "../core/frame_truth.ts";

/** Objects with a smaller area, in square pixels, are too small to be judged by. */
const AREA_MIN_PX = 64;
/** So are those of which a smaller share can be seen. */
const SEEN_MIN = 0.25;

/** One object in the form of the COCO data set, with what fovea adds to it. */
export interface CocoAnnotation {
  /** Number of the annotation, from 1. */
  readonly id: number;
  /** Number of the frame. */
  readonly image_id: number;
  /** Number of the category: the index of the class plus 1. */
  readonly category_id: number;
  /** Left, top, width, height in pixels. */
  readonly bbox: readonly [number, number, number, number];
  /** Area of the box in square pixels. */
  readonly area: number;
  /** 1 where nobody is to be judged by it, see {@linkcode isHardlyVisible}; else 0. */
  readonly iscrowd: 0 | 1;
  /** The same for programs that read this name. */
  readonly ignore: 0 | 1;
  /** Identity over time. */
  readonly track_id: number;
  /** Share of its pixels inside the picture that nothing hides. */
  readonly visible: number;
  /** Share of its box that lies outside the picture. */
  readonly truncated: number;
}

/** A data set in the form of COCO. */
export interface CocoDataset {
  /** Where it came from. */
  readonly info: { readonly description: string };
  /** One entry a frame. */
  readonly images: readonly CocoImage[];
  /** All objects of all frames. */
  readonly annotations: readonly CocoAnnotation[];
  /** The classes. */
  readonly categories: readonly { readonly id: number; readonly name: string }[];
}

/** One frame of a {@linkcode CocoDataset}. */
export interface CocoImage {
  /** Number of the frame. */
  readonly id: number;
  /** File that holds it, or a name for it. */
  readonly file_name: string;
  /** Number of the frame again, for programs that number images anew. */
  readonly frame: number;
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
}

/**
 * Whether an object is too small or too hidden to ask a detector for it: under 8 × 8 pixels by
 * area, or less than a quarter of it to be seen, be it hidden or outside the picture.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { isHardlyVisible } from "@fovea/fovea/world";
 *
 * const xyxyPx = [10, 10, 50, 30] as const;
 * assertEquals(isHardlyVisible({ xyxyPx, visible: 1, truncated: 0 }), false);
 * assertEquals(isHardlyVisible({ xyxyPx, visible: 0.4, truncated: 0.5 }), true);
 * ```
 */
export function isHardlyVisible(
  { xyxyPx, visible, truncated }: Pick<TrueObject, "xyxyPx" | "visible" | "truncated">,
): boolean {
  const [x1, y1, x2, y2] = xyxyPx;
  return (x2 - x1) * (y2 - y1) < AREA_MIN_PX || visible * (1 - truncated) < SEEN_MIN;
}

/**
 * Collects the truth about frames as a COCO data set. `image_id` is the number of the frame;
 * objects that are hardly visible have `iscrowd` 1, so that finding them is neither right nor
 * wrong.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { CocoWriter, StreetWorld } from "@fovea/fovea/world";
 *
 * const world = new StreetWorld({ seed: 3, width: 160, height: 96 });
 * const writer = new CocoWriter(world.classNames, { width: 160, height: 96 });
 * writer.add(world.at(0), "000000.png");
 * const { images, categories } = writer.dataset("a street");
 * assertEquals(images[0]?.file_name, "000000.png");
 * assertEquals(categories[3], { id: 4, name: "pedestrian" });
 * ```
 */
export class CocoWriter {
  readonly #classNames: readonly string[];
  readonly #size: { readonly width: number; readonly height: number };
  readonly #images: CocoImage[] = [];
  readonly #annotations: CocoAnnotation[] = [];

  /** A data set without frames yet. */
  constructor(
    classNames: readonly string[],
    size: { readonly width: number; readonly height: number },
  ) {
    this.#classNames = classNames;
    this.#size = size;
  }

  /** Adds a frame; `fileName` says where its picture lies. */
  add({ seq, objects }: FrameTruth, fileName: string): void {
    const { width, height } = this.#size;
    this.#images.push({ id: seq, file_name: fileName, frame: seq, width, height });
    for (const object of objects) {
      const [x1, y1, x2, y2] = object.xyxyPx;
      const ignored = isHardlyVisible(object) ? 1 : 0;
      this.#annotations.push({
        id: this.#annotations.length + 1,
        image_id: seq,
        category_id: object.classIndex + 1,
        bbox: [x1, y1, x2 - x1, y2 - y1],
        area: (x2 - x1) * (y2 - y1),
        iscrowd: ignored,
        ignore: ignored,
        track_id: object.trackId,
        visible: thousandths(object.visible),
        truncated: thousandths(object.truncated),
      });
    }
  }

  /** Everything that was added. */
  dataset(description: string): CocoDataset {
    return {
      info: { description },
      images: this.#images,
      annotations: this.#annotations,
      categories: this.#classNames.map((name, index) => ({ id: index + 1, name })),
    };
  }
}

function thousandths(share: number): number {
  return Math.floor(share * 1000 + 0.5) / 1000;
}
