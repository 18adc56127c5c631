import type { Rect } from "./canvas.ts";

/**
 * Finds places for labels at the boxes of one picture so that no label covers another one.
 *
 * Places are tried from the usual one (above the box, left) to the unusual ones (inside, below,
 * right); the first that is free and inside the picture wins. Places start at even pixels. Call it for the most important box
 * first; a label that fits nowhere is left out.
 */
export class LabelPlacer {
  readonly #bounds: Rect;
  readonly #taken: Rect[] = [];

  /** Places labels inside `bounds`. */
  constructor(bounds: Rect) {
    this.#bounds = bounds;
  }

  /** Keeps labels off a rectangle. */
  block(rect: Rect): void {
    this.#taken.push(rect);
  }

  /** A free place for a `width` × `height` label at `box`, now taken; `null` if there is none. */
  place(box: Rect, width: number, height: number): Rect | null {
    const { x1: left, x2: right, y1: top, y2: bottom } = this.#bounds;
    if (width > right - left || height > bottom - top) return null;
    for (const [wantedX, wantedY] of candidates(box, width, height)) {
      const y = wantedY & ~1;
      if (y < top || y + height > bottom) continue;
      const x = Math.max(left, Math.min(right - width, wantedX)) & ~1;
      const rect = { x1: x, y1: y, x2: x + width, y2: y + height };
      if (this.#taken.some((other) => overlaps(rect, other))) continue;
      this.#taken.push(rect);
      return rect;
    }
    return null;
  }
}

/** Corners of a label at a box, best first. */
function candidates(box: Rect, width: number, height: number): [x: number, y: number][] {
  const right = box.x2 - width;
  const above = box.y1 - height;
  const insideBottom = box.y2 - height;
  return [
    [box.x1, above],
    [box.x1, box.y1],
    [right, above],
    [box.x1, box.y2],
    [right, box.y1],
    [right, box.y2],
    [box.x1, insideBottom],
    [right, insideBottom],
  ];
}

function overlaps(a: Rect, b: Rect): boolean {
  return a.x1 < b.x2 && b.x1 < a.x2 && a.y1 < b.y2 && b.y1 < a.y2;
}
