import { boxIou } from "../core/box_overlap.ts";
import type { Detections } from "../core/detections.ts";

/** How far the detections of two detectors, or of two builds of one, agree on the same pictures. */
export interface Agreement {
  /** Pictures that were compared. */
  readonly pictures: number;
  /** Firm detections of the reference. */
  readonly referenceCount: number;
  /** Firm detections of the candidate. */
  readonly candidateCount: number;
  /** Pairs of which at least one is firm. */
  readonly matchedCount: number;
  /** Share of the reference's firm detections without a partner, 0–1; 0 where there are none. */
  readonly lostShare: number;
  /** Share of the candidate's firm detections without a partner, 0–1; 0 where there are none. */
  readonly newShare: number;
  /** Mean absolute difference of the scores of a pair, 0–1; 0 where there are no pairs. */
  readonly scoreDifference: number;
  /** Mean intersection over union of a pair, 0–1; 1 where there are no pairs. */
  readonly meanIou: number;
}

/** What counts as a pair, and as firm. */
export interface AgreementRule {
  /** Least intersection over union of a pair, 0–1. */
  readonly iouMin: number;
  /**
   * Score from which a detection must have a partner, 0–1. Detections below it are partners only, so
   * that a score that wavers about the lowest one that is reported counts as a small difference.
   */
  readonly firmScore: number;
}

/**
 * Compares the detections of two detectors, picture by picture.
 *
 * Detections of one class are paired greedily, those that overlap most first, at an IoU of at least
 * `iouMin`. A pair counts where one of the two is firm.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { AgreementTally } from "@fovea/fovea/evaluate";
 *
 * const one = (score: number) => ({
 *   count: 1,
 *   xyxyPx: new Float32Array([0, 0, 10, 10]),
 *   score: new Float32Array([score]),
 *   classIndex: new Int32Array([2]),
 *   anchorIndex: new Int32Array([0]),
 * });
 * const tally = new AgreementTally({ iouMin: 0.5, firmScore: 0.35 });
 * tally.add(one(0.75), one(0.25));
 * assertEquals(tally.agreement, {
 *   pictures: 1,
 *   referenceCount: 1,
 *   candidateCount: 0,
 *   matchedCount: 1,
 *   lostShare: 0,
 *   newShare: 0,
 *   scoreDifference: 0.5,
 *   meanIou: 1,
 * });
 * ```
 */
export class AgreementTally {
  readonly #rule: AgreementRule;
  #pictures = 0;
  #reference = 0;
  #candidate = 0;
  #matched = 0;
  #lost = 0;
  #new = 0;
  #scoreDifferences = 0;
  #ious = 0;

  /**
   * Begins with nothing.
   *
   * @throws {RangeError} If a figure of the rule is not in 0–1.
   */
  constructor(rule: AgreementRule) {
    for (const [name, value] of Object.entries(rule)) {
      if (value >= 0 && value <= 1) continue;
      throw new RangeError(`Cannot compare detections with ${name} ${value}: 0 to 1 is needed`);
    }
    this.#rule = rule;
  }

  /** The figures so far. */
  get agreement(): Agreement {
    return {
      pictures: this.#pictures,
      referenceCount: this.#reference,
      candidateCount: this.#candidate,
      matchedCount: this.#matched,
      lostShare: this.#lost / Math.max(1, this.#reference),
      newShare: this.#new / Math.max(1, this.#candidate),
      scoreDifference: this.#scoreDifferences / Math.max(1, this.#matched),
      meanIou: this.#matched === 0 ? 1 : this.#ious / this.#matched,
    };
  }

  /** Adds what both found in one picture. */
  add(reference: Detections, candidate: Detections): void {
    this.#pictures++;
    const pairs = this.#pair(reference, candidate);
    const [inReference, inCandidate] = [new Set<number>(), new Set<number>()];
    for (const { i, j, iou } of pairs) {
      inReference.add(i);
      inCandidate.add(j);
      if (!this.#isFirm(reference, i) && !this.#isFirm(candidate, j)) continue;
      this.#matched++;
      this.#ious += iou;
      this.#scoreDifferences += Math.abs(reference.score[i]! - candidate.score[j]!);
    }
    for (let i = 0; i < reference.count; i++) {
      if (!this.#isFirm(reference, i)) continue;
      this.#reference++;
      if (!inReference.has(i)) this.#lost++;
    }
    for (let j = 0; j < candidate.count; j++) {
      if (!this.#isFirm(candidate, j)) continue;
      this.#candidate++;
      if (!inCandidate.has(j)) this.#new++;
    }
  }

  #isFirm({ score }: Detections, index: number): boolean {
    return score[index]! >= this.#rule.firmScore;
  }

  /** Pairs, none of which shares a detection with another. */
  #pair(
    reference: Detections,
    candidate: Detections,
  ): readonly { readonly i: number; readonly j: number; readonly iou: number }[] {
    const near: { i: number; j: number; iou: number }[] = [];
    for (let i = 0; i < reference.count; i++) {
      for (let j = 0; j < candidate.count; j++) {
        if (reference.classIndex[i] !== candidate.classIndex[j]) continue;
        const iou = boxIou(reference.xyxyPx, 4 * i, candidate.xyxyPx, 4 * j);
        if (iou >= this.#rule.iouMin && iou > 0) near.push({ i, j, iou });
      }
    }
    near.sort((a, b) => b.iou - a.iou || a.i - b.i || a.j - b.j);
    const [takenI, takenJ] = [new Set<number>(), new Set<number>()];
    return near.filter(({ i, j }) => {
      if (takenI.has(i) || takenJ.has(j)) return false;
      takenI.add(i);
      takenJ.add(j);
      return true;
    });
  }
}
