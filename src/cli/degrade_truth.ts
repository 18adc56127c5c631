import type { Degradation } from "../degrade/degradation.ts";
import { degradeBoxes } from "../degrade/degrade_boxes.ts";
import { type GroundTruth, moveTruth } from "../evaluate/ground_truth.ts";

/** Width and height of a picture in pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/**
 * What is to be found in pictures that were degraded: boxes follow the pictures that `geom` turns.
 *
 * @param sizes Sizes of all pictures of the truth by id, in the order in which they were delivered.
 */
export function degradeTruth(
  truth: GroundTruth,
  degradations: readonly Degradation[],
  sizes: ReadonlyMap<number, PictureSize>,
): GroundTruth {
  if (!degradations.some((one) => moves(one, Infinity))) return truth;
  const orderOf = new Map([...sizes.keys()].map((id, order) => [id, order]));
  const { boxes, images } = truth;
  const moved = boxes.xywhPx.slice();
  for (let i = 0; i < boxes.count; i++) {
    const { id } = images[boxes.imageIndex[i]!]!;
    const order = orderOf.get(id)!;
    // A box that nothing moves stays as it is, to the last digit.
    if (degradations.every((one) => !moves(one, order))) continue;
    const { width, height } = sizes.get(id)!;
    const [x, y, w, h] = moved.subarray(4 * i, 4 * i + 4);
    const corners = [x!, y!, x! + w!, y! + h!];
    const [x1, y1, x2, y2] = degradeBoxes(degradations, corners, width, height, order);
    moved.set([x1!, y1!, x2! - x1!, y2! - y1!], 4 * i);
  }
  return moveTruth(truth, moved);
}

function moves({ kind, fromFrame = 0 }: Degradation, order: number): boolean {
  return kind === "geom" && order >= fromFrame;
}
