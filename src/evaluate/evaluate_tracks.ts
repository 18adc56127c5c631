import { FoveaError } from "../core/errors.ts";
import type { GroundTruth } from "./ground_truth.ts";
import type { ScoredBoxes } from "./parse_detections.ts";
import {
  type TrackedBox,
  TrackEvaluator,
  type TrackEvaluatorOptions,
  type TrackTruth,
} from "./track_metrics.ts";
import type { TrackScores } from "./track_scores.ts";

/** How well tracks agree with annotations; scores as {@linkcode TrackEvaluator} makes them. */
export interface TrackEvaluation {
  /** All classes together: the sums of what was counted in each. */
  readonly overall: TrackScores;
  /** Every class that occurred, by name; empty where classes are left out of account. */
  readonly perClass: readonly (TrackScores & { readonly name: string })[];
}

/** The columns that truth and tracks have in common. */
type NamedBoxes = Pick<
  ScoredBoxes,
  "count" | "imageIndex" | "categoryIndex" | "xywhPx" | "trackId"
>;

/**
 * Compares tracks with the annotations of one sequence: MOTA, IDF1, id switches and what else
 * {@linkcode TrackEvaluator} counts. Pictures are frames in the order of their ids; those that are
 * not annotated are not looked at.
 *
 * Boxes with `iscrowd` 1 are regions where nothing is demanded: what a tracker finds in them is
 * neither right nor wrong.
 *
 * @param truth From `parseAnnotations`, with a `track_id` for every box that is no crowd.
 * @param tracked From `parseDetections` with the same truth: boxes with a `track_id` are what a
 * tracker said, those without one are left out.
 * @throws {FoveaError} `ANNOTATIONS_INVALID` if a `track_id` is missing in the annotations or
 * stands twice in a picture, `DETECTIONS_INVALID` if one stands twice in what was tracked.
 * @throws {RangeError} If `iouMin` is out of range.
 *
 * @example A car that is taken for a new one after it was lost
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { evaluateTracks, parseAnnotations, parseDetections } from "@fovea/fovea/evaluate";
 *
 * const frames = [0, 1, 2, 3];
 * const car = { category_id: 3, bbox: [10, 10, 40, 20], score: 0.9 } as const;
 * const truth = parseAnnotations({
 *   images: frames.map((id) => ({ id })),
 *   categories: [{ id: 3, name: "car" }],
 *   annotations: frames.map((id) => ({ ...car, id, image_id: id, track_id: 7 })),
 * });
 * const tracked = frames.map((id) => ({ ...car, image_id: id, track_id: id < 3 ? 1 : 2 }));
 * const { overall, perClass } = evaluateTracks(truth, parseDetections(tracked, truth));
 * assertEquals([overall.idSwitches, overall.mota, overall.idf1], [1, 0.75, 0.75]);
 * assertEquals(perClass[0]?.name, "car");
 * ```
 */
export function evaluateTracks(
  truth: GroundTruth,
  tracked: ScoredBoxes,
  options: TrackEvaluatorOptions = {},
): TrackEvaluation {
  const { boxes, images, categories } = truth;
  const evaluator = new TrackEvaluator(options);
  const truthOf = groupByImage(boxes, images.length);
  const trackedOf = groupByImage(tracked, images.length);
  for (const [index, { id }] of images.entries()) {
    const here = truthOf[index]!.map((row): TrackTruth => {
      const ignore = boxes.isCrowd[row] === 1;
      return { ...boxAt(boxes, row), ignore, ...(ignore ? { trackId: 0 } : {}) };
    });
    const found = trackedOf[index]!
      .filter((row) => !Number.isNaN(tracked.trackId[row]!))
      .map((row) => boxAt(tracked, row));
    checkIds(here.filter(({ ignore }) => !ignore), id, "ANNOTATIONS_INVALID");
    checkIds(found, id, "DETECTIONS_INVALID");
    evaluator.addFrame(here, found);
  }
  const { overall, perClass } = evaluator.summary();
  return {
    overall,
    perClass: perClass.map(({ classIndex, ...scores }) => ({
      name: categories[classIndex]!.name,
      ...scores,
    })),
  };
}

/** Rows of each picture, in their order. */
function groupByImage({ count, imageIndex }: NamedBoxes, images: number): number[][] {
  const rows = Array.from({ length: images }, (): number[] => []);
  for (let row = 0; row < count; row++) {
    const group = rows[imageIndex[row]!];
    if (group === undefined) {
      throw new RangeError(`Cannot evaluate track ${row}: it is of another ground truth`);
    }
    group.push(row);
  }
  return rows;
}

function boxAt({ xywhPx, trackId, categoryIndex }: NamedBoxes, row: number): TrackedBox {
  const [x, y, width, height] = xywhPx.subarray(4 * row, 4 * row + 4);
  return {
    trackId: trackId[row]!,
    classIndex: categoryIndex[row]!,
    xyxyPx: [x!, y!, x! + width!, y! + height!],
  };
}

function checkIds(
  boxes: readonly TrackedBox[],
  imageId: number,
  code: "ANNOTATIONS_INVALID" | "DETECTIONS_INVALID",
): void {
  const seen = new Set<number>();
  for (const { trackId } of boxes) {
    const state = Number.isNaN(trackId)
      ? "a box has no track_id"
      : seen.has(trackId)
      ? `two boxes have the track_id ${trackId}`
      : null;
    if (state !== null) {
      throw new FoveaError(code, `Cannot compare tracks in picture ${imageId}: ${state}`, {
        hint: "Give every object one whole number as track_id, the same in all pictures",
      });
    }
    seen.add(trackId);
  }
}
