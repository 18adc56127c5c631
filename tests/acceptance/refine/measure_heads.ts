import type { HeadWeights } from "../../../src/core/head_weights.ts";
import type { FrameTap } from "../../../src/core/tap.ts";
import { labelsWhenMeasured } from "../../../src/detector/every_label.ts";
import { evaluateDetections } from "../../../src/evaluate/evaluate_detections.ts";
import { parseAnnotations } from "../../../src/evaluate/parse_annotations.ts";
import { type CocoDetection, parseDetections } from "../../../src/evaluate/parse_detections.ts";
import type { FrameTargets } from "../../../src/monitor/target_box.ts";
import type { Detector } from "../../../src/pipeline/loaded_detector.ts";
import { type FrameSet, targetsOf } from "../../../src/pipeline/refining/frame_set.ts";
import { checkRefinable, walkFrames } from "../../../src/pipeline/refining/walk_frames.ts";
import { HeadScorer } from "../../../src/refine/head_scorer.ts";

/** How a head does on a set of frames, by COCO's rules, as `fovea eval` tells it. */
export interface HeadFigures {
  /** Average precision at IoU 0.5, the mean over classes with objects. */
  readonly ap50: number;
  /** F1 at a score of 0.3 and IoU 0.5, over all classes that were looked for. */
  readonly f1: number;
}

/** Measures heads on a set in one pass. */
export async function measureHeads(
  detector: Detector,
  set: FrameSet,
  heads: readonly HeadWeights[],
  iouThreshold = 0.65,
): Promise<HeadFigures[]> {
  const target = checkRefinable(detector);
  const scorer = new HeadScorer(detector.spec, target.layout, {
    confidence: 0.001,
    iouThreshold,
    labels: labelsWhenMeasured(detector.spec),
  });
  const found: CocoDetection[][] = heads.map(() => []);
  const truth = new TruthWriter(detector.spec.classNames);
  await walkFrames(target, set, undefined, (tap) => {
    const known = targetsOf(set, tap, []);
    if (known === undefined) return;
    truth.add(tap, known);
    for (const [i, head] of heads.entries()) {
      const { count, classIndex, xyxyPx, score } = scorer.detect(tap, target.served, head);
      for (let d = 0; d < count; d++) {
        if (set.judged !== null && !set.judged.has(classIndex[d]!)) continue;
        const [x1, y1, x2, y2] = xyxyPx.subarray(4 * d, 4 * d + 4);
        found[i]!.push({
          image_id: tap.seq,
          category_id: 1 + classIndex[d]!,
          bbox: [x1!, y1!, x2! - x1!, y2! - y1!],
          score: score[d]!,
        });
      }
    }
  });
  const annotations = truth.read();
  return found.map((detections): HeadFigures => {
    const { metrics, f1 } = evaluateDetections(
      annotations,
      parseDetections(detections, annotations),
      { score: 0.3 },
    );
    return { ap50: metrics.AP50 ?? 0, f1: f1.f1 ?? 0 };
  });
}

/** Collects targets as COCO annotations. */
class TruthWriter {
  readonly #categories: { id: number; name: string }[];
  readonly #images: { id: number; width: number; height: number }[] = [];
  readonly #annotations: Record<string, unknown>[] = [];

  constructor(classNames: readonly string[]) {
    this.#categories = classNames.map((name, i) => ({ id: i + 1, name }));
  }

  add({ seq, letterbox }: FrameTap, { targets, ignored }: FrameTargets): void {
    this.#images.push({ id: seq, width: letterbox.sourceWidth, height: letterbox.sourceHeight });
    for (const { classIndex, xyxyPx } of targets) this.#box(seq, classIndex, xyxyPx, 0);
    const classes = new Set(targets.map(({ classIndex }) => classIndex));
    // A place about which nothing is claimed is a crowd of every class that is looked for.
    for (const xyxyPx of ignored) {
      for (const { id } of this.#categories) {
        if (classes.size === 0 || classes.has(id - 1)) this.#box(seq, id - 1, xyxyPx, 1);
      }
    }
  }

  #box(seq: number, classIndex: number, box: readonly number[], iscrowd: number): void {
    const [x1, y1, x2, y2] = box;
    this.#annotations.push({
      id: this.#annotations.length + 1,
      image_id: seq,
      category_id: classIndex + 1,
      bbox: [x1, y1, x2! - x1!, y2! - y1!],
      iscrowd,
    });
  }

  read() {
    return parseAnnotations({
      images: this.#images,
      categories: this.#categories,
      annotations: this.#annotations,
    });
  }
}
