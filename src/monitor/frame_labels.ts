import { FoveaError } from "../core/errors.ts";
import type { Xyxy } from "../core/xyxy.ts";
import type { GroundTruth } from "../evaluate/ground_truth.ts";
import type { FrameTargets, TargetBox } from "./target_box.ts";

/** Labels of frames, ready for a monitor. */
export interface FrameLabels {
  /** What each labelled frame holds, by `seq`; frames without boxes are labelled as empty. */
  readonly frames: ReadonlyMap<number, FrameTargets>;
  /** Classes that are labelled and that the detector does not know; their boxes are ignored. */
  readonly unknownClasses: readonly string[];
}

/**
 * Labels of a video's frames from annotations whose image ids are frame numbers. Crowds, and boxes
 * of classes that the detector does not know, are places about which nothing is claimed.
 *
 * @param classNames Class names of the detector, in the model's order; matched by name.
 * @throws {FoveaError} `ANNOTATIONS_INVALID` if no class has a name that the detector knows.
 *
 * @example A video of which two frames are labelled
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseAnnotations } from "@fovea/fovea/evaluate";
 * import { labelFrames } from "@fovea/fovea/monitor";
 *
 * const truth = parseAnnotations({
 *   images: [{ id: 30 }, { id: 60 }],
 *   categories: [{ id: 3, name: "car" }],
 *   annotations: [{ id: 1, image_id: 30, category_id: 3, bbox: [10, 20, 30, 40] }],
 * });
 * const { frames } = labelFrames(truth, ["person", "car"]);
 * assertEquals(frames.get(30)!.targets, [{ classIndex: 1, xyxyPx: [10, 20, 40, 60] }]);
 * assertEquals(frames.get(60)!.targets, []);
 * ```
 */
export function labelFrames(truth: GroundTruth, classNames: readonly string[]): FrameLabels {
  const { images, categories, boxes } = truth;
  const classOf = categories.map(({ name }) => classNames.indexOf(name));
  if (classOf.every((classIndex) => classIndex < 0)) {
    const labelled = categories.map(({ name }) => name).slice(0, 8).join(", ");
    throw new FoveaError(
      "ANNOTATIONS_INVALID",
      `Cannot use the labels: the detector knows none of their classes (${labelled})`,
      { hint: `The detector knows ${classNames.slice(0, 8).join(", ")}` },
    );
  }
  const frames = new Map<number, { targets: TargetBox[]; ignored: Xyxy[] }>(
    images.map(({ id }) => [id, { targets: [], ignored: [] }]),
  );
  for (let box = 0; box < boxes.count; box++) {
    const frame = frames.get(images[boxes.imageIndex[box]!]!.id)!;
    const classIndex = classOf[boxes.categoryIndex[box]!]!;
    const [x, y, width, height] = boxes.xywhPx.subarray(4 * box, 4 * box + 4);
    const xyxyPx: Xyxy = [x!, y!, x! + width!, y! + height!];
    if (classIndex < 0 || boxes.isCrowd[box] === 1) frame.ignored.push(xyxyPx);
    else frame.targets.push({ classIndex, xyxyPx });
  }
  const unknownClasses = categories.filter((_, i) => classOf[i]! < 0).map(({ name }) => name);
  return { frames, unknownClasses };
}
