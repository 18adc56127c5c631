import type { Rect } from "./canvas.ts";

/** Share of a label that may cover boxes of other objects where it usually stands. */
const COVER_SHARE_MAX = 0.15;
/** Boxes of this many times the area of their label have room for it inside. */
const ROOMY_FACTOR = 12;
/** Places in the order they are tried, as indices of `candidates`. */
const AROUND = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
const INSIDE_FIRST = [0, 1, 8, 9, 2, 3, 4, 5, 6, 7, 10, 11];

/** A place that was found. */
export interface LabelPlace {
  /** Where the label goes. */
  readonly rect: Rect;
  /** Which of the places at a box it is; the usual one is 0. */
  readonly side: number;
}

/**
 * Finds places for labels at the boxes of one picture so that no label covers another one, and
 * boxes are covered as little as possible.
 *
 * Places are tried from the usual one (above the box, left) to the unusual ones (below, beside; for
 * big boxes inside); the first that is free, inside the picture and hides hardly anything wins, else
 * the one that hides least. Places start at even pixels. Call it for the most important box first; a
 * label that fits nowhere is left out.
 */
export class LabelPlacer {
  readonly #bounds: Rect;
  readonly #boxes: readonly Rect[];
  readonly #taken: Rect[] = [];

  /** Places labels inside `bounds`; `boxes` should stay visible, the labelled ones among them. */
  constructor(bounds: Rect, boxes: readonly Rect[] = []) {
    this.#bounds = bounds;
    this.#boxes = boxes;
  }

  /** Keeps labels off a rectangle. */
  block(rect: Rect): void {
    this.#taken.push(rect);
  }

  /**
   * A free place for a `width` × `height` label at `box`, now taken; `null` if there is none.
   *
   * @param side Which place is tried first, so that labels do not jump from picture to picture.
   */
  place(box: Rect, width: number, height: number, side = 0): LabelPlace | null {
    const { x1: left, x2: right, y1: top, y2: bottom } = this.#bounds;
    if (width > right - left || height > bottom - top) return null;
    const places = candidates(box, width, height);
    const isRoomy = (box.x2 - box.x1) * (box.y2 - box.y1) >= ROOMY_FACTOR * width * height;
    const order = isRoomy ? INSIDE_FIRST : AROUND;
    let best: LabelPlace | null = null;
    let leastPx = Infinity;
    for (const index of [side, ...order]) {
      const [wantedX, wantedY] = places[index]!;
      const y = wantedY & ~1;
      if (y < top || y + height > bottom) continue;
      const x = Math.max(left, Math.min(right - width, wantedX)) & ~1;
      const rect = { x1: x, y1: y, x2: x + width, y2: y + height };
      if (this.#taken.some((other) => sharedPx(rect, other) > 0)) continue;
      const hiddenPx = this.#boxes.reduce(
        (sum, other) => other === box && isRoomy ? sum : sum + sharedPx(rect, other),
        0,
      );
      if (hiddenPx >= leastPx) continue;
      best = { rect, side: index };
      leastPx = hiddenPx;
      if (hiddenPx <= COVER_SHARE_MAX * width * height) break;
    }
    if (best !== null) this.#taken.push(best.rect);
    return best;
  }
}

/** Corners of a label at a box, best first. */
function candidates(box: Rect, width: number, height: number): [x: number, y: number][] {
  const right = box.x2 - width;
  const above = box.y1 - height;
  const insideBottom = box.y2 - height;
  return [
    [box.x1, above],
    [right, above],
    [box.x1, box.y2],
    [right, box.y2],
    [box.x2, box.y1],
    [box.x1 - width, box.y1],
    [box.x2, insideBottom],
    [box.x1 - width, insideBottom],
    [box.x1, box.y1],
    [right, box.y1],
    [box.x1, insideBottom],
    [right, insideBottom],
  ];
}

/** Pixels that two rectangles share. */
function sharedPx(a: Rect, b: Rect): number {
  const width = Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1);
  const height = Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1);
  return width > 0 && height > 0 ? width * height : 0;
}
