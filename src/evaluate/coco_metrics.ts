import type { ClassMatches } from "./class_matches.ts";
import {
  AREA,
  IOU_50,
  IOU_75,
  IOU_THRESHOLDS,
  MAX_DETECTIONS,
  RECALL_POINTS,
} from "./coco_rules.ts";

/**
 * COCO's twelve figures, each 0–1; `null` where there is no object to find.
 *
 * `AP` is average precision: precision made monotone, read off at 101 recalls, averaged over the
 * IoU thresholds 0.5, 0.55, … 0.95, and over classes. `AR` is average recall: the largest recall
 * with so many detections a picture and class, averaged over the same.
 *
 * Source: https://cocodataset.org/#detection-eval.
 */
export interface CocoMetrics {
  /** Average precision over all thresholds. */
  readonly AP: number | null;
  /** At IoU 0.5. */
  readonly AP50: number | null;
  /** At IoU 0.75. */
  readonly AP75: number | null;
  /** Of objects up to 32² square pixels. */
  readonly APs: number | null;
  /** Of objects from 32² to 96² square pixels. */
  readonly APm: number | null;
  /** Of objects from 96² square pixels. */
  readonly APl: number | null;
  /** Average recall with one detection. */
  readonly AR1: number | null;
  /** With ten. */
  readonly AR10: number | null;
  /** With a hundred. */
  readonly AR100: number | null;
  /** Of objects up to 32² square pixels, with a hundred. */
  readonly ARs: number | null;
  /** Of objects from 32² to 96² square pixels, with a hundred. */
  readonly ARm: number | null;
  /** Of objects from 96² square pixels, with a hundred. */
  readonly ARl: number | null;
}

/** Names of COCO's figures, in the order in which they are told. */
export const METRIC_NAMES: readonly (keyof CocoMetrics)[] = [
  "AP",
  "AP50",
  "AP75",
  "APs",
  "APm",
  "APl",
  "AR1",
  "AR10",
  "AR100",
  "ARs",
  "ARm",
  "ARl",
];

const CURVES = IOU_THRESHOLDS.length * RECALL_POINTS.length;

/** Figures of one class. */
export interface ClassCurves {
  /** COCO's figures of this class alone. */
  readonly metrics: CocoMetrics;
  /**
   * Precision over all areas, `[10, 101]`: at each IoU threshold, at the recalls 0, 0.01, … 1.
   * `null` where there is no object to find.
   */
  readonly precision: Float64Array | null;
}

/** Reads a class's figures off its matches; the memory is used again for every class. */
export class CurveReader {
  /** Precision at the n-th true positive. */
  readonly #precisionAt: Float64Array;
  readonly #curves = new Float64Array(CURVES);

  /** Allocates for the largest class, of `detectionsMax` detections. */
  constructor(detectionsMax: number) {
    this.#precisionAt = new Float64Array(detectionsMax);
  }

  /**
   * Reads the figures of one class.
   *
   * @param order Its detections by falling score, as indices into the columns of `matches`.
   */
  read(matches: ClassMatches, order: Int32Array): ClassCurves {
    const [one, ten, hundred] = MAX_DETECTIONS;
    const small = this.#average(matches, order, AREA.small, hundred);
    const medium = this.#average(matches, order, AREA.medium, hundred);
    const large = this.#average(matches, order, AREA.large, hundred);
    const AR1 = this.#average(matches, order, AREA.all, one).recall;
    const AR10 = this.#average(matches, order, AREA.all, ten).recall;
    const all = this.#average(matches, order, AREA.all, hundred);
    const precision = all.recall === null ? null : this.#curves.slice();
    return {
      precision,
      metrics: {
        AP: all.precision,
        AP50: precision === null ? null : mean(rowOf(precision, IOU_50)),
        AP75: precision === null ? null : mean(rowOf(precision, IOU_75)),
        APs: small.precision,
        APm: medium.precision,
        APl: large.precision,
        AR1,
        AR10,
        AR100: all.recall,
        ARs: small.recall,
        ARm: medium.recall,
        ARl: large.recall,
      },
    };
  }

  /** Precision and recall averaged over all thresholds; leaves the curves in `#curves`. */
  #average(
    matches: ClassMatches,
    order: Int32Array,
    area: number,
    maxDetections: number,
  ): { precision: number | null; recall: number | null } {
    const positives = matches.positives[area]!;
    if (positives === 0) return { precision: null, recall: null };
    let recalls = 0;
    for (let t = 0; t < IOU_THRESHOLDS.length; t++) {
      const hits = this.#countHits(matches, order, area, t, maxDetections);
      this.#sample(hits, positives, rowOf(this.#curves, t));
      recalls += hits / positives;
    }
    return { precision: mean(this.#curves), recall: recalls / IOU_THRESHOLDS.length };
  }

  /** Fills the precision at every true positive; returns how many there are. */
  #countHits(
    { taken, ignored, rank }: ClassMatches,
    order: Int32Array,
    area: number,
    threshold: number,
    maxDetections: number,
  ): number {
    const [isTaken, isIgnored] = [taken[area]!, ignored[area]!];
    const bit = 1 << threshold;
    let [hits, counted] = [0, 0];
    for (let i = 0; i < order.length; i++) {
      const at = order[i]!;
      if ((isIgnored[at]! & bit) !== 0 || rank[at]! >= maxDetections) continue;
      counted++;
      if ((isTaken[at]! & bit) === 0) continue;
      hits++;
      this.#precisionAt[hits - 1] = hits / counted;
    }
    return hits;
  }

  /** Reads off, at each recall, the best precision at that recall or a higher one. */
  #sample(hits: number, positives: number, out: Float64Array): void {
    const precisionAt = this.#precisionAt;
    for (let i = hits - 1; i > 0; i--) {
      if (precisionAt[i]! > precisionAt[i - 1]!) precisionAt[i - 1] = precisionAt[i]!;
    }
    out.fill(0);
    let needed = 1;
    for (let r = 0; r < RECALL_POINTS.length; r++) {
      while (needed <= hits && needed / positives < RECALL_POINTS[r]!) needed++;
      if (needed > hits) return;
      out[r] = precisionAt[needed - 1]!;
    }
  }
}

/** Averages the figures of classes; those without an object to find do not count. */
export function averageMetrics(perClass: readonly CocoMetrics[]): CocoMetrics {
  const averages = METRIC_NAMES.map((name) => {
    const known = perClass.map((metrics) => metrics[name]).filter((value) => value !== null);
    return [name, known.length === 0 ? null : mean(known)];
  });
  return Object.fromEntries(averages) as unknown as CocoMetrics;
}

/** The curve at threshold `t`, `[101]`. */
function rowOf(curves: Float64Array, t: number): Float64Array {
  return curves.subarray(t * RECALL_POINTS.length, (t + 1) * RECALL_POINTS.length);
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}
