import { AssignmentSolver } from "../core/assignment.ts";
import { boxArea, sharedArea } from "../core/box_overlap.ts";
import type { Detections } from "../core/detections.ts";
import type { TrackRecord } from "./track_record.ts";

/** Which pairs of tracks and detections may be made, and which are better. */
export interface AssociationRule {
  /** Overlap that a pair must exceed, 0–1. */
  readonly iouMin: number;
  /** The same where the classes differ; 1 forbids such pairs. */
  readonly otherClassIouMin: number;
  /** Factor on what such a pair is worth, 0–1. */
  readonly otherClassFactor: number;
}

/**
 * Pairs tracks with detections so that the sum of what pairs are worth is greatest: by how much the
 * IoU of the predicted and the detected box exceeds what it must, times a factor where the classes
 * differ.
 */
export class Association {
  readonly #solver = new AssignmentSolver();
  #costs = new Float64Array(0);
  readonly #box = new Float64Array(4);
  #rowOfTrack = new Int32Array(0);

  /**
   * Tells `onPair` which track goes with which of the `rows`, in the order of the tracks; removes
   * both from their lists, whose order stays.
   */
  pair(
    tracks: TrackRecord[],
    rows: number[],
    detections: Detections,
    rule: AssociationRule,
    onPair: (track: TrackRecord, row: number) => void,
  ): void {
    if (tracks.length === 0 || rows.length === 0) return;
    this.#makeRoom(tracks.length, rows.length);
    for (const [index, track] of tracks.entries()) {
      this.#box[0] = track.filter.x1;
      this.#box[1] = track.filter.y1;
      this.#box[2] = track.filter.x2;
      this.#box[3] = track.filter.y2;
      this.#price(index * rows.length, track.classIndex, rows, detections, rule);
    }
    const chosen = this.#rowOfTrack;
    this.#solver.solve(this.#costs, tracks.length, rows.length, 0, chosen);
    let left = 0;
    for (const [index, track] of tracks.entries()) {
      const column = chosen[index]!;
      if (column < 0) {
        tracks[left++] = track;
        continue;
      }
      onPair(track, rows[column]!);
      rows[column] = -1;
    }
    tracks.length = left;
    removeTaken(rows);
  }

  /** Writes what each of the `rows` costs the track whose box was put down. */
  #price(
    at: number,
    classIndex: number,
    rows: readonly number[],
    detections: Detections,
    rule: AssociationRule,
  ): void {
    const { xyxyPx } = detections;
    const area = boxArea(this.#box, 0);
    for (let column = 0; column < rows.length; column++) {
      const row = rows[column]!;
      const shared = sharedArea(this.#box, 0, xyxyPx, 4 * row);
      let worth = 0;
      if (shared > 0) {
        const iou = shared / (area + boxArea(xyxyPx, 4 * row) - shared);
        worth = detections.classIndex[row] === classIndex
          ? iou - rule.iouMin
          : (iou - rule.otherClassIouMin) * rule.otherClassFactor;
      }
      this.#costs[at + column] = -worth;
    }
  }

  #makeRoom(tracks: number, rows: number): void {
    if (this.#costs.length < tracks * rows) {
      this.#costs = new Float64Array(2 ** Math.ceil(Math.log2(tracks * rows)));
    }
    if (this.#rowOfTrack.length < tracks) {
      this.#rowOfTrack = new Int32Array(2 ** Math.ceil(Math.log2(tracks)));
    }
  }
}

function removeTaken(rows: number[]): void {
  let left = 0;
  for (const row of rows) if (row >= 0) rows[left++] = row;
  rows.length = left;
}
