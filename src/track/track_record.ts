import type { Detections } from "../core/detections.ts";
import type { PictureMoment, Track } from "../core/track.ts";
import { KalmanBoxFilter } from "./kalman_box_filter.ts";

/** A track as its tracker keeps it. Records are used again for new tracks. */
export class TrackRecord {
  readonly filter = new KalmanBoxFilter();
  /** Its id; 0 while it is not confirmed. */
  trackId = 0;
  /** Pictures it was found in. */
  hits = 0;
  /** Pictures since it was last found. */
  missed = 0;
  /** When it was last found, in milliseconds of the stream. */
  foundMs = 0;
  /** Row of its detection in this picture; -1 where it was not found. */
  detectionRow = -1;
  /** Class with the most votes. */
  classIndex = 0;
  #firstMs = 0;
  #score = 0;
  /** Sum of scores by class. */
  readonly #votes = new Map<number, number>();

  /** Begins a track at one detection. */
  begin(detections: Detections, row: number, nowMs: number): void {
    const { xyxyPx } = detections;
    const at = 4 * row;
    this.filter.start(xyxyPx[at]!, xyxyPx[at + 1]!, xyxyPx[at + 2]!, xyxyPx[at + 3]!);
    this.trackId = 0;
    this.hits = 0;
    this.#firstMs = nowMs;
    this.#votes.clear();
    this.#take(detections, row, nowMs);
  }

  /** Goes on with one detection. */
  follow(detections: Detections, row: number, nowMs: number): void {
    const { xyxyPx, score } = detections;
    const at = 4 * row;
    const [x1, y1] = [xyxyPx[at]!, xyxyPx[at + 1]!];
    this.filter.correct(x1, y1, xyxyPx[at + 2]!, xyxyPx[at + 3]!, score[row]!);
    this.#take(detections, row, nowMs);
  }

  /** Notes that it was not found in a picture. */
  miss(): void {
    if (this.missed === 0) this.filter.holdSize();
    this.missed++;
    this.detectionRow = -1;
  }

  /** What others may know of it, as a copy. */
  describe({ ptsMs, width, height }: PictureMoment): Track {
    const { x1, y1, x2, y2 } = this.filter;
    return {
      trackId: this.trackId,
      classIndex: this.classIndex,
      score: this.#score,
      xyxyPx: [clamp(x1, width), clamp(y1, height), clamp(x2, width), clamp(y2, height)],
      detectionRow: this.detectionRow,
      hits: this.hits,
      missed: this.missed,
      ageMs: ptsMs - this.#firstMs,
    };
  }

  #take(detections: Detections, row: number, nowMs: number): void {
    this.hits++;
    this.missed = 0;
    this.foundMs = nowMs;
    this.detectionRow = row;
    this.#score = detections.score[row]!;
    this.#vote(detections.classIndex[row]!, this.#score);
  }

  #vote(classIndex: number, score: number): void {
    const sum = (this.#votes.get(classIndex) ?? 0) + score;
    this.#votes.set(classIndex, sum);
    // All other sums are as they were, so only this class can have passed the first.
    if (this.hits === 1 || sum > this.#votes.get(this.classIndex)!) this.classIndex = classIndex;
  }
}

function clamp(value: number, most: number): number {
  return Math.max(0, Math.min(most, value));
}
