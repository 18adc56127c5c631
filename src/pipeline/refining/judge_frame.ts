import { boxIou } from "../../core/box_overlap.ts";
import type { Detections } from "../../core/detections.ts";
import type { Xyxy } from "../../core/xyxy.ts";
import { matchObjects, objectTermLoss } from "../../monitor/object_loss.ts";
import {
  type FrameTargets,
  overlapsAny,
  type ScoredBox,
  type TargetBox,
} from "../../monitor/target_box.ts";
import type { ClassOutcome, FrameOutcome } from "../../refine/frame_outcome.ts";

/** Focusing of the object-level loss, as the monitor has it. */
const GAMMA = 2;
/** Score from which a detection is reported, for F1. */
const REPORTED_SCORE = 0.3;
/** IoU from which a detection is the one of a target. */
const MATCH_IOU = 0.5;
/** IoU above which an ignored place excuses a detection. */
const EXCUSED_IOU = 0.4;

/** Detections as objects. */
export function listBoxes({ count, xyxyPx, score, classIndex }: Detections): ScoredBox[] {
  return Array.from({ length: count }, (_, i) => {
    const [x1, y1, x2, y2] = xyxyPx.subarray(4 * i, 4 * i + 4);
    return { classIndex: classIndex[i]!, score: score[i]!, xyxyPx: [x1!, y1!, x2!, y2!] };
  });
}

/**
 * What became of a frame: losses and hits of each class.
 *
 * Detections of classes that nobody looked for while labelling are judged only where they lie on a
 * target, because there they are known to be wrong.
 *
 * @param frame Text that is the same for the same picture.
 * @param found Detections down to weak scores (0.05).
 * @param judged Classes that were looked for while labelling; `null` for all.
 */
export function judgeFrame(
  frame: string,
  found: readonly ScoredBox[],
  targets: FrameTargets,
  judged: ReadonlySet<number> | null,
): FrameOutcome {
  const known = judged === null
    ? found
    : found.filter((box) => judged.has(box.classIndex) || liesOnTarget(box, targets.targets));
  const sums = new Map<number, Mutable<ClassOutcome>>();
  const of = (classIndex: number): Mutable<ClassOutcome> => {
    const one = sums.get(classIndex) ?? { classIndex, targets: 0, lossSum: 0, hits: 0, falses: 0 };
    sums.set(classIndex, one);
    return one;
  };
  for (const term of matchObjects(known, targets).terms) {
    const one = of(term.box.classIndex);
    one.lossSum += objectTermLoss(term, GAMMA);
    if (term.kind !== "unmatched") one.targets++;
  }
  countHits(known, targets, of);
  return { frame, classes: [...sums.values()].sort((a, b) => a.classIndex - b.classIndex) };
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Whether a detection and a target are the same thing, whatever each calls it. */
export function liesOnTarget({ xyxyPx }: TargetBox, targets: readonly TargetBox[]): boolean {
  return targets.some((target) => boxIou(xyxyPx, 0, target.xyxyPx, 0) >= MATCH_IOU);
}

/** Hits and falses from the reported score on: detections by falling score take free targets. */
function countHits(
  found: readonly ScoredBox[],
  { targets, ignored }: FrameTargets,
  of: (classIndex: number) => Mutable<ClassOutcome>,
): void {
  const free = new Set(targets);
  const reported = found.filter(({ score }) => score >= REPORTED_SCORE)
    .toSorted((a, b) => b.score - a.score);
  for (const { classIndex, xyxyPx } of reported) {
    const target = bestFree(classIndex, xyxyPx, free);
    if (target !== null) {
      free.delete(target);
      of(classIndex).hits++;
    } else if (!overlapsAny(xyxyPx, ignored, EXCUSED_IOU)) of(classIndex).falses++;
  }
}

function bestFree(classIndex: number, box: Xyxy, free: ReadonlySet<TargetBox>): TargetBox | null {
  let best: TargetBox | null = null;
  let most = MATCH_IOU;
  for (const target of free) {
    if (target.classIndex !== classIndex) continue;
    const iou = boxIou(box, 0, target.xyxyPx, 0);
    if (iou >= most) [best, most] = [target, iou];
  }
  return best;
}
