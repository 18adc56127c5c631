import type { LossShare } from "../core/monitor_report.ts";
import { boxArea } from "../core/box_overlap.ts";
import { objectLoss, type ObjectMatches, type ObjectTerm } from "./object_loss.ts";

/** Areas in square source pixels below which an object is small, and medium. As in COCO. */
const SMALL_AREA = 32 ** 2;
const MEDIUM_AREA = 96 ** 2;

/** Focal loss by class, in the order of the class indices; only classes that occur. */
export function lossByClass(
  matches: ObjectMatches,
  classNames: readonly string[],
  gamma: number,
): LossShare[] {
  return shares(matches, ({ box }) => box.classIndex, gamma)
    .sort(([a], [b]) => a - b)
    .map(([classIndex, loss]) => ({
      name: classNames[classIndex] ?? `class ${classIndex}`,
      ...loss,
    }));
}

/** Focal loss by size of the objects; only sizes that occur. */
export function lossBySize(matches: ObjectMatches, gamma: number): LossShare[] {
  return shares(matches, sizeOf, gamma)
    .sort(([a], [b]) => SIZES.indexOf(a) - SIZES.indexOf(b))
    .map(([name, loss]) => ({ name, ...loss }));
}

type Size = "small" | "medium" | "large";

const SIZES: readonly Size[] = ["small", "medium", "large"];

function sizeOf({ box }: ObjectTerm): Size {
  const area = boxArea(box.xyxyPx, 0);
  return area < SMALL_AREA ? "small" : area < MEDIUM_AREA ? "medium" : "large";
}

function shares<Key>(
  { terms }: ObjectMatches,
  keyOf: (term: ObjectTerm) => Key,
  gamma: number,
): [Key, Omit<LossShare, "name">][] {
  return [...Map.groupBy(terms, keyOf)].map(([key, part]) => {
    const targets = part.filter(({ kind }) => kind !== "unmatched").length;
    return [key, { focalLoss: objectLoss({ terms: part, targets }, gamma).value, targets }];
  });
}
