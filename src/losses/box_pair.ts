/** Largest absolute coordinate: the fourth power of a diagonal still is a number. */
const COORDINATE_MAX = 1e70;

/** Four numbers, one for each corner coordinate `x1 y1 x2 y2`. */
export type PerCorner = [number, number, number, number];

/** The corners' places in a {@linkcode PerCorner}. */
export const CORNERS = [0, 1, 2, 3] as const;

/**
 * A predicted box beside its target, with what all losses of the IoU family are made of, each with
 * its derivatives by the predicted corners `x1 y1 x2 y2`. One object serves a whole array.
 *
 * Where two corners coincide, `min` and `max` have two one-sided derivatives; the mean of both is
 * taken, as PyTorch does. Boxes that only touch do not overlap.
 */
export class BoxPair {
  /** Width and height of the prediction. */
  width = 0;
  height = 0;
  /** Width and height of the target. */
  targetWidth = 0;
  targetHeight = 0;
  /** Area of the intersection. */
  intersection = 0;
  readonly intersectionSlope: PerCorner = [0, 0, 0, 0];
  /** Area of the union. */
  union = 0;
  readonly unionSlope: PerCorner = [0, 0, 0, 0];
  /** Width and height of the smallest box around both; each depends on two corners. */
  hullWidth = 0;
  hullHeight = 0;
  /** Derivatives of the hull's width by x1 and x2, and of its height by y1 and y2, as corners. */
  readonly hullSlope: PerCorner = [0, 0, 0, 0];
  /** Distance of the centres, prediction minus target. */
  offsetX = 0;
  offsetY = 0;

  /** Takes the boxes in row `row`, `[n, 4]` each. */
  load(predicted: ArrayLike<number>, target: ArrayLike<number>, row: number): void {
    const at = 4 * row;
    const x1 = predicted[at]!, y1 = predicted[at + 1]!;
    const x2 = predicted[at + 2]!, y2 = predicted[at + 3]!;
    const u1 = target[at]!, v1 = target[at + 1]!, u2 = target[at + 2]!, v2 = target[at + 3]!;
    this.width = x2 - x1;
    this.height = y2 - y1;
    this.targetWidth = u2 - u1;
    this.targetHeight = v2 - v1;
    this.offsetX = (x1 + x2 - u1 - u2) / 2;
    this.offsetY = (y1 + y2 - v1 - v2) / 2;
    // Share of the prediction's corner in the larger of both, 0, 0.5 or 1.
    const left = above(x1, u1), top = above(y1, v1);
    const right = above(x2, u2), bottom = above(y2, v2);
    this.hullWidth = Math.max(x2, u2) - Math.min(x1, u1);
    this.hullHeight = Math.max(y2, v2) - Math.min(y1, v1);
    setCorners(this.hullSlope, left - 1, top - 1, right, bottom);
    const overlapWidth = Math.min(x2, u2) - Math.max(x1, u1);
    const overlapHeight = Math.min(y2, v2) - Math.max(y1, v1);
    const overlaps = overlapWidth > 0 && overlapHeight > 0;
    const w = overlaps ? overlapWidth : 0;
    const h = overlaps ? overlapHeight : 0;
    this.intersection = w * h;
    setCorners(this.intersectionSlope, -left * h, -top * w, (1 - right) * h, (1 - bottom) * w);
    this.#setUnion();
  }

  #setUnion(): void {
    const { width, height, intersectionSlope: cut } = this;
    this.union = width * height + this.targetWidth * this.targetHeight - this.intersection;
    setCorners(
      this.unionSlope,
      -height - cut[0],
      -width - cut[1],
      height - cut[2],
      width - cut[3],
    );
  }

  /** Intersection over union with `epsilon` added to the union; 0 for boxes without extent. */
  iou(epsilon: number): number {
    const union = this.union + epsilon;
    return union > 0 ? this.intersection / union : 0;
  }

  /** The derivative of {@linkcode iou} by a corner. */
  iouSlope(corner: 0 | 1 | 2 | 3, epsilon: number): number {
    const union = this.union + epsilon;
    if (!(union > 0)) return 0;
    const iou = this.intersection / union;
    return (this.intersectionSlope[corner] - iou * this.unionSlope[corner]) / union;
  }
}

function above(a: number, b: number): number {
  return a > b ? 1 : a < b ? 0 : 0.5;
}

function setCorners(to: PerCorner, x1: number, y1: number, x2: number, y2: number): void {
  to[0] = x1;
  to[1] = y1;
  to[2] = x2;
  to[3] = y2;
}

/** @throws {RangeError} If a box is not finite, huge, or has its corners in the wrong order. */
export function checkBoxes(what: string, boxes: ArrayLike<number>): void {
  for (let row = 0; row < boxes.length / 4; row++) checkBox(what, boxes, row);
}

/** @throws {RangeError} If the box in row `row` is not finite, huge, or out of order. */
export function checkBox(what: string, boxes: ArrayLike<number>, row: number): void {
  const at = 4 * row;
  const x1 = boxes[at]!, y1 = boxes[at + 1]!, x2 = boxes[at + 2]!, y2 = boxes[at + 3]!;
  const ordered = x1 <= x2 && y1 <= y2 && x1 >= -COORDINATE_MAX && y1 >= -COORDINATE_MAX &&
    x2 <= COORDINATE_MAX && y2 <= COORDINATE_MAX;
  if (!ordered) {
    throw new RangeError(
      `Cannot compute the loss: ${what} ${row} is ${x1}, ${y1}, ${x2}, ${y2}, ` +
        `not x1 <= x2 and y1 <= y2 within ${COORDINATE_MAX}`,
    );
  }
}
