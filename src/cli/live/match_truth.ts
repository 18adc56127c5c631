import { boxIou } from "../../core/box_overlap.ts";
import type { Detection } from "../../core/detections.ts";
import type { FrameTruth } from "../../core/frame_truth.ts";
import { isHardlyVisible } from "../../world/mod.ts";

/** Overlap from which a detection stands for an object. */
const IOU_MIN = 0.5;

/** How the detections of one frame compare with what is there. */
export interface FrameScore {
  /** Objects of each class that a detector can be asked for. */
  readonly there: ReadonlyMap<string, number>;
  /** How many of them were found. */
  readonly found: ReadonlyMap<string, number>;
  /** Detections where there is nothing of their class, not even hardly visible. */
  readonly falseAlarms: number;
}

/**
 * Compares detections with the truth: the best first, each takes the object of its class that it
 * overlaps most, from an IoU of 0.5 on. Objects that can hardly be seen are neither asked for nor
 * false alarms.
 *
 * @param detections Best score first.
 */
export function matchTruth(detections: readonly Detection[], truth: FrameTruth): FrameScore {
  const there = new Map<string, number>();
  for (const object of truth.objects) {
    if (!isHardlyVisible(object)) count(there, object.className);
  }
  const found = new Map<string, number>();
  const taken = new Set<number>();
  let falseAlarms = 0;
  for (const { className, xyxyPx } of detections) {
    let best = -1;
    let bestIou = IOU_MIN;
    for (const [index, object] of truth.objects.entries()) {
      if (object.className !== className || taken.has(index)) continue;
      const iou = boxIou(xyxyPx, 0, object.xyxyPx, 0);
      if (iou >= bestIou) [best, bestIou] = [index, iou];
    }
    const object = truth.objects[best];
    if (object === undefined) {
      falseAlarms++;
      continue;
    }
    taken.add(best);
    if (!isHardlyVisible(object)) count(found, className);
  }
  return { there, found, falseAlarms };
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
