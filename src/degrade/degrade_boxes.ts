import type { Degradation } from "./degradation.ts";
import { type AffineMap, geomMap } from "./rotation.ts";

/** Points around the outline that stands for an object. */
const OUTLINE_POINTS = 40;

/**
 * Where the boxes of a picture are after it was degraded: `geom` moves them, everything else leaves
 * them where they are.
 *
 * An object does not reach into the corners of its box, so what is turned is a superellipse of the
 * fourth degree inside the box (40 points of it), and the new box is the smallest one around that.
 * It is clipped to the picture; an object that left the picture has a box without area.
 *
 * @param degradations What was done, in order.
 * @param xyxyPx Corners, `[count, 4]`, `x1 y1 x2 y2` in pixels; left as they are.
 * @param width Width of the picture in pixels.
 * @param height Height of the picture in pixels.
 * @param index Which frame it is, counted from 0 in what is delivered: what begins later is left
 * out. By default everything has begun.
 * @returns New corners, `[count, 4]` float32.
 * @throws {RangeError} If the number of corners is not a multiple of 4.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { degradeBoxes } from "@fovea/fovea/degrade";
 *
 * const boxes = [30, 20, 70, 40];
 * const fog = degradeBoxes([{ kind: "fog", severity: 4 }], boxes, 100, 60);
 * assertEquals([...fog], boxes);
 * // Turned by 8 degrees about the middle of the picture, which is the middle of the box.
 * const turned = degradeBoxes([{ kind: "geom", severity: 1 }], boxes, 100, 60);
 * assertEquals([...turned].map(Math.round), [30, 19, 70, 41]);
 * ```
 */
export function degradeBoxes(
  degradations: readonly Degradation[],
  xyxyPx: ArrayLike<number>,
  width: number,
  height: number,
  index = Infinity,
): Float32Array {
  if (xyxyPx.length % 4 !== 0) {
    throw new RangeError(`Cannot read boxes from ${xyxyPx.length} numbers: four make one`);
  }
  const boxes = Float32Array.from(xyxyPx);
  for (const { kind, severity, fromFrame = 0 } of degradations) {
    if (kind !== "geom" || index < fromFrame) continue;
    const map = geomMap(severity, width, height);
    for (let at = 0; at < boxes.length; at += 4) moveBox(boxes, at, map, width, height);
  }
  return boxes;
}

/** Replaces one box by that of its moved outline. */
function moveBox(
  boxes: Float32Array,
  at: number,
  [a, b, c, d, e, f]: AffineMap,
  width: number,
  height: number,
): void {
  const [x1, y1, x2, y2] = [boxes[at]!, boxes[at + 1]!, boxes[at + 2]!, boxes[at + 3]!];
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < OUTLINE_POINTS; i++) {
    // The last point is the first one again: the outline is closed.
    const angle = 2 * Math.PI * i / (OUTLINE_POINTS - 1);
    const x = (x1 + x2) / 2 + (x2 - x1) / 2 * signedRoot(Math.cos(angle));
    const y = (y1 + y2) / 2 + (y2 - y1) / 2 * signedRoot(Math.sin(angle));
    const movedX = a * x + b * y + c;
    const movedY = d * x + e * y + f;
    left = Math.min(left, movedX);
    top = Math.min(top, movedY);
    right = Math.max(right, movedX);
    bottom = Math.max(bottom, movedY);
  }
  boxes[at] = clamp(left, width);
  boxes[at + 1] = clamp(top, height);
  boxes[at + 2] = clamp(right, width);
  boxes[at + 3] = clamp(bottom, height);
}

function signedRoot(value: number): number {
  return Math.sign(value) * Math.sqrt(Math.abs(value));
}

function clamp(value: number, max: number): number {
  return Math.min(Math.max(value, 0), max);
}
