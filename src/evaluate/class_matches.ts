import { AREA, AREA_RANGES, IOU_50, IOU_THRESHOLDS, MAX_DETECTIONS } from "./coco_rules.ts";
import { endOfImage, sortByScore } from "./box_order.ts";
import type { TruthBoxes } from "./ground_truth.ts";
import type { ScoredBoxes } from "./parse_detections.ts";

/** Detections of a class in a picture that count at most. */
const RANKS = MAX_DETECTIONS[2];
const AREAS = AREA_RANGES.length;
const THRESHOLDS = IOU_THRESHOLDS.length;
const ALL_BITS = (1 << THRESHOLDS) - 1;
/** An overlap of 1 is reached also where rounding makes it a bit less. */
const IOU_MAX = 1 - 1e-10;

/**
 * Matches the detections of one class with its truths, picture by picture, by COCO's rules.
 *
 * In falling order of score, every detection takes the truth that it overlaps most and that is
 * still free, if the overlap reaches the threshold; of equal overlaps the later truth. Truths that
 * do not count (crowds, and those outside the area range) are only taken where no other one fits,
 * and the detection then does not count either. A crowd is never used up, and overlap with it is
 * the share of the detection that lies in it. A detection that takes nothing is false, or does not
 * count where its own area is outside the range.
 *
 * All ten thresholds stand side by side in the bits of a number; the memory is used again for
 * every class.
 */
export class ClassMatches {
  /** Detections of the class that count: at most 100 of a picture. */
  count = 0;
  /** Which detection, `[count]`: by picture, then by falling score. */
  readonly detection: Int32Array;
  /** Its place among those of its class in its picture, `[count]`, 0–99. */
  readonly rank: Uint8Array;
  /** For each area range, `[count]`: bit `t` says that a truth was taken at threshold `t`. */
  readonly taken: readonly Uint16Array[];
  /** For each area range, `[count]`: bit `t` says that it does not count at threshold `t`. */
  readonly ignored: readonly Uint16Array[];
  /** Index of the truth taken at IoU 0.5 over all areas, or -1, `[count]`. */
  readonly truth50: Int32Array;
  /** For each area range, the number of truths that count. */
  readonly positives = new Int32Array(AREAS);

  readonly #truths: TruthBoxes;
  readonly #detections: ScoredBoxes;
  #iou = new Float64Array(0);
  #bestIou = new Float64Array(0);
  /** Truths of the picture: those that count first, else in their order. */
  #order = new Int32Array(0);
  #isUsed = new Uint8Array(0);

  /** Allocates for the largest class, of `detectionsMax` detections. */
  constructor(truths: TruthBoxes, detections: ScoredBoxes, detectionsMax: number) {
    this.#truths = truths;
    this.#detections = detections;
    this.detection = new Int32Array(detectionsMax);
    this.rank = new Uint8Array(detectionsMax);
    this.truth50 = new Int32Array(detectionsMax);
    this.taken = AREA_RANGES.map(() => new Uint16Array(detectionsMax));
    this.ignored = AREA_RANGES.map(() => new Uint16Array(detectionsMax));
  }

  /**
   * Matches one class.
   *
   * @param truthOrder Its truths, by picture.
   * @param detectionOrder Its detections, by picture; sorted by score within each.
   */
  match(truthOrder: Int32Array, detectionOrder: Int32Array): void {
    const [truthImage, detectionImage] = [this.#truths.imageIndex, this.#detections.imageIndex];
    this.count = 0;
    this.#countPositives(truthOrder);
    let [truthAt, at] = [0, 0];
    while (at < detectionOrder.length) {
      const image = detectionImage[detectionOrder[at]!]!;
      while (
        truthAt < truthOrder.length && truthImage[truthOrder[truthAt]!]! < image
      ) truthAt++;
      let truthEnd = truthAt;
      while (truthEnd < truthOrder.length && truthImage[truthOrder[truthEnd]!] === image) {
        truthEnd++;
      }
      const end = endOfImage(detectionOrder, detectionImage, at, detectionOrder.length);
      const ofPicture = detectionOrder.subarray(at, end);
      sortByScore(ofPicture, this.#detections.score);
      this.#matchPicture(truthOrder.subarray(truthAt, truthEnd), ofPicture);
      [truthAt, at] = [truthEnd, end];
    }
  }

  #countPositives(truthOrder: Int32Array): void {
    const { areaPx2, isCrowd } = this.#truths;
    this.positives.fill(0);
    for (let i = 0; i < truthOrder.length; i++) {
      const truth = truthOrder[i]!;
      if (isCrowd[truth] === 1) continue;
      for (let a = 0; a < AREAS; a++) {
        if (isInRange(areaPx2[truth]!, a)) this.positives[a]!++;
      }
    }
  }

  #matchPicture(truths: Int32Array, detections: Int32Array): void {
    const first = this.count;
    const count = Math.min(detections.length, RANKS);
    for (let i = 0; i < count; i++) {
      this.detection[first + i] = detections[i]!;
      this.rank[first + i] = i;
      this.truth50[first + i] = -1;
    }
    for (const columns of [this.taken, this.ignored]) {
      for (const column of columns) column.fill(0, first, first + count);
    }
    this.count += count;
    if (truths.length > 0) {
      this.#reserve(count, truths.length);
      this.#measure(truths, detections, count);
      for (let a = 0; a < AREAS; a++) this.#matchArea(truths, first, count, a);
    }
    this.#ignoreOtherSizes(first, count);
  }

  #reserve(count: number, truths: number): void {
    if (this.#iou.length < count * truths) this.#iou = new Float64Array(2 * count * truths);
    if (this.#bestIou.length < count) this.#bestIou = new Float64Array(RANKS);
    if (this.#order.length < truths) {
      this.#order = new Int32Array(2 * truths);
      this.#isUsed = new Uint8Array(2 * truths);
    }
  }

  /** Overlap of every detection with every truth, `[count, truths]`. */
  #measure(truths: Int32Array, detections: Int32Array, count: number): void {
    const { isCrowd } = this.#truths;
    for (let d = 0; d < count; d++) {
      let best = 0;
      for (let g = 0; g < truths.length; g++) {
        const truth = truths[g]!;
        const iou = overlap(
          this.#detections.xywhPx,
          detections[d]!,
          this.#truths.xywhPx,
          truth,
          isCrowd[truth] === 1,
        );
        this.#iou[d * truths.length + g] = iou;
        if (iou > best) best = iou;
      }
      this.#bestIou[d] = best;
    }
  }

  #matchArea(truths: Int32Array, first: number, count: number, area: number): void {
    const counted = this.#orderTruths(truths, area);
    const [taken, ignored] = [this.taken[area]!, this.ignored[area]!];
    for (let t = 0; t < THRESHOLDS; t++) {
      const threshold = Math.min(IOU_THRESHOLDS[t]!, IOU_MAX);
      this.#isUsed.fill(0, 0, truths.length);
      for (let d = 0; d < count; d++) {
        if (this.#bestIou[d]! < threshold) continue;
        const row = d * truths.length;
        let g = this.#findBest(truths, row, 0, counted, threshold);
        if (g < 0) {
          g = this.#findBest(truths, row, counted, truths.length, threshold);
          if (g < 0) continue;
          ignored[first + d]! |= 1 << t;
        }
        taken[first + d]! |= 1 << t;
        this.#isUsed[g] = 1;
        if (area === AREA.all && t === IOU_50) this.truth50[first + d] = truths[g]!;
      }
    }
  }

  /** Puts the truths that count first; returns how many these are. */
  #orderTruths(truths: Int32Array, area: number): number {
    const { areaPx2, isCrowd } = this.#truths;
    let counted = 0;
    for (let g = 0; g < truths.length; g++) {
      const truth = truths[g]!;
      if (isCrowd[truth] === 0 && isInRange(areaPx2[truth]!, area)) this.#order[counted++] = g;
    }
    let at = counted;
    for (let g = 0; g < truths.length; g++) {
      const truth = truths[g]!;
      if (isCrowd[truth] === 1 || !isInRange(areaPx2[truth]!, area)) this.#order[at++] = g;
    }
    return counted;
  }

  /** The free truth with the largest overlap among places `from` to `to`; -1 if none reaches it. */
  #findBest(truths: Int32Array, row: number, from: number, to: number, threshold: number): number {
    const { isCrowd } = this.#truths;
    let best = -1;
    let bestIou = threshold;
    for (let at = from; at < to; at++) {
      const g = this.#order[at]!;
      if (this.#iou[row + g]! < bestIou) continue;
      if (this.#isUsed[g] === 1 && isCrowd[truths[g]!] === 0) continue;
      best = g;
      bestIou = this.#iou[row + g]!;
    }
    return best;
  }

  /** Detections that took nothing do not count for objects of another size than theirs. */
  #ignoreOtherSizes(first: number, count: number): void {
    const { xywhPx } = this.#detections;
    for (let i = first; i < first + count; i++) {
      const at = 4 * this.detection[i]!;
      const areaPx2 = xywhPx[at + 2]! * xywhPx[at + 3]!;
      for (let a = 0; a < AREAS; a++) {
        if (!isInRange(areaPx2, a)) this.ignored[a]![i]! |= ~this.taken[a]![i]! & ALL_BITS;
      }
    }
  }
}

function isInRange(areaPx2: number, area: number): boolean {
  const { min, max } = AREA_RANGES[area]!;
  return areaPx2 >= min && areaPx2 <= max;
}

/**
 * Intersection over union of two boxes, or over the first one alone where the second is a crowd.
 * `boxes` are `[x, y, width, height]`; boxes without an area overlap nothing.
 */
export function overlap(
  boxes: Float64Array,
  index: number,
  otherBoxes: Float64Array,
  otherIndex: number,
  isCrowd: boolean,
): number {
  const [i, j] = [4 * index, 4 * otherIndex];
  const [x, y, width, height] = [boxes[i]!, boxes[i + 1]!, boxes[i + 2]!, boxes[i + 3]!];
  const [x2, y2] = [otherBoxes[j]!, otherBoxes[j + 1]!];
  const [width2, height2] = [otherBoxes[j + 2]!, otherBoxes[j + 3]!];
  const shared = Math.min(x + width, x2 + width2) - Math.max(x, x2);
  if (shared <= 0) return 0;
  const sharedHeight = Math.min(y + height, y2 + height2) - Math.max(y, y2);
  if (sharedHeight <= 0) return 0;
  const intersection = shared * sharedHeight;
  const area = width * height;
  return intersection / (isCrowd ? area : area + width2 * height2 - intersection);
}
