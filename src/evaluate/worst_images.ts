import type { Evaluation } from "./evaluate_detections.ts";
import type { GroundTruth, TruthImage } from "./ground_truth.ts";
import { OUTCOME } from "./outcomes.ts";
import type { ScoredBoxes } from "./parse_detections.ts";

/** Left, top, width, height in pixels of the picture. */
export type BoxPx = readonly [x: number, y: number, width: number, height: number];

/** A box of a picture and what became of it, from the reported score on at IoU 0.5. */
export type JudgedBox =
  | {
    /** A detection that found an object. */
    readonly kind: "hit";
    readonly className: string;
    readonly boxPx: BoxPx;
    readonly score: number;
    /** The box of the object. */
    readonly truthPx: BoxPx;
  }
  | {
    /** A detection that found nothing. */
    readonly kind: "false";
    readonly className: string;
    readonly boxPx: BoxPx;
    readonly score: number;
  }
  | {
    /** An object that was not found, or a region with many of them, which does not count. */
    readonly kind: "miss" | "crowd";
    readonly className: string;
    readonly boxPx: BoxPx;
  };

/** A picture with everything that was to be found and was found in it. */
export interface JudgedImage {
  /** The picture. */
  readonly image: TruthImage;
  /** Objects that were found. */
  readonly hits: number;
  /** Objects that were not. */
  readonly misses: number;
  /** Detections of nothing. */
  readonly falses: number;
  /** All of them, and the crowds. */
  readonly boxes: readonly JudgedBox[];
}

/**
 * The pictures with most mistakes, misses and false detections together, worst first; of equally
 * bad ones that with fewer hits, then the lower id. Pictures without a mistake are left out.
 *
 * @param evaluation Of these detections with this ground truth.
 * @param count How many at most.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import {
 *   evaluateDetections,
 *   findWorstImages,
 *   parseAnnotations,
 *   parseDetections,
 * } from "@fovea/fovea/evaluate";
 *
 * const truth = parseAnnotations({
 *   images: [{ id: 0 }, { id: 1 }],
 *   categories: [{ id: 3, name: "car" }],
 *   annotations: [{ id: 1, image_id: 1, category_id: 3, bbox: [0, 0, 9, 9] }],
 * });
 * const detections = parseDetections([], truth);
 * const evaluation = evaluateDetections(truth, detections, { score: 0.3 });
 * const [worst] = findWorstImages(truth, detections, evaluation, 5);
 * assertEquals([worst?.image.id, worst?.misses, worst?.boxes[0]?.kind], [1, 1, "miss"]);
 * ```
 */
export function findWorstImages(
  truth: GroundTruth,
  detections: ScoredBoxes,
  evaluation: Evaluation,
  count: number,
): JudgedImage[] {
  const { images } = truth;
  const judge = new Judge(truth, detections, evaluation);
  const [hits, misses, falses] = [images, images, images].map(() => new Uint32Array(images.length));
  judge.visit((kind, image) => {
    const counts = { hit: hits!, miss: misses!, false: falses!, crowd: null }[kind];
    if (counts !== null) counts[image]!++;
  });
  const mistakes = (image: number): number => misses![image]! + falses![image]!;
  const worst = images.map((_, image) => image)
    .filter((image) => mistakes(image) > 0)
    .sort((a, b) => mistakes(b) - mistakes(a) || hits![a]! - hits![b]! || a - b)
    .slice(0, count);
  const boxesOf = new Map(worst.map((image): [number, JudgedBox[]] => [image, []]));
  judge.visit((_, image, box) => boxesOf.get(image)?.push(box()));
  return worst.map((image) => ({
    image: images[image]!,
    hits: hits![image]!,
    misses: misses![image]!,
    falses: falses![image]!,
    boxes: boxesOf.get(image)!,
  }));
}

/** Goes through all boxes with what became of them. */
class Judge {
  readonly #truth: GroundTruth;
  readonly #detections: ScoredBoxes;
  readonly #evaluation: Evaluation;

  constructor(truth: GroundTruth, detections: ScoredBoxes, evaluation: Evaluation) {
    this.#truth = truth;
    this.#detections = detections;
    this.#evaluation = evaluation;
  }

  /** Calls `see` for every reported detection and every truth that none of them found. */
  visit(see: (kind: JudgedBox["kind"], image: number, box: () => JudgedBox) => void): void {
    const { boxes } = this.#truth;
    const found = new Uint8Array(boxes.count);
    const { score, imageIndex, count } = this.#detections;
    const { outcomes, f1 } = this.#evaluation;
    for (let i = 0; i < count; i++) {
      if (score[i]! < f1.score) continue;
      const image = imageIndex[i]!;
      if (outcomes.kind[i] === OUTCOME.hit) {
        found[outcomes.truthIndex[i]!] = 1;
        see("hit", image, () => ({
          ...this.#describe(i),
          kind: "hit",
          truthPx: boxAt(boxes.xywhPx, outcomes.truthIndex[i]!),
        }));
      } else if (outcomes.kind[i] === OUTCOME.false) {
        see("false", image, () => ({ ...this.#describe(i), kind: "false" }));
      }
    }
    for (let i = 0; i < boxes.count; i++) {
      if (found[i] === 1) continue;
      const kind = boxes.isCrowd[i] === 1 ? "crowd" : "miss";
      const className = this.#truth.categories[boxes.categoryIndex[i]!]!.name;
      see(kind, boxes.imageIndex[i]!, () => ({ kind, className, boxPx: boxAt(boxes.xywhPx, i) }));
    }
  }

  #describe(i: number): { className: string; boxPx: BoxPx; score: number } {
    const { xywhPx, categoryIndex, score } = this.#detections;
    const className = this.#truth.categories[categoryIndex[i]!]!.name;
    return { className, boxPx: boxAt(xywhPx, i), score: score[i]! };
  }
}

function boxAt(xywhPx: Float64Array, index: number): BoxPx {
  const [x, y, width, height] = xywhPx.subarray(4 * index, 4 * index + 4);
  return [x!, y!, width!, height!];
}
