import { AssignmentSolver } from "../core/assignment.ts";
import { boxArea, boxIou, sharedArea } from "../core/box_overlap.ts";
import { IdentityMatches } from "./identity_matches.ts";
import type { TrackCounts } from "./track_scores.ts";

/** A box with a name that lasts over the frames of a sequence. */
export interface NamedBox {
  /** Names the object; a whole number. */
  readonly trackId: number;
  /** Corners `[x1, y1, x2, y2]` in pixels. */
  readonly xyxyPx: readonly [number, number, number, number];
}

/** What is remembered of an object of the truth. */
interface TruthState {
  /** Frames it was in, and frames it was found in. */
  frames: number;
  found: number;
  /** The id it was found under last, and when; -1 for never. */
  lastTrackId: number;
  lastFoundFrame: number;
  /** Whether it was found in the last frame it was in. */
  isFound: boolean;
}

/** Share of its area from which a box without a match counts as inside an ignored region. */
const IGNORED_SHARE = 0.5;

/**
 * Compares the tracks of one class with the truth, frame by frame.
 *
 * Source: K. Bernardin and R. Stiefelhagen, "Evaluating multiple object tracking performance: the
 * CLEAR MOT metrics", 2008. An object keeps the id it was last found under as long as that id
 * overlaps it enough; all others are matched so that as many as possible are found, and then with
 * the greatest overlap. Mostly tracked, mostly lost, fragmentations: Y. Li, C. Huang and R. Nevatia,
 * "Learning to associate: hybridboosted multi-target tracker for crowded scene", CVPR 2009.
 */
export class ClassTracks {
  readonly #iouMin: number;
  readonly #solver = new AssignmentSolver();
  readonly #identity = new IdentityMatches();
  readonly #truth = new Map<number, TruthState>();
  readonly #trackIds = new Set<number>();
  #frame = 0;
  #truthBoxes = 0;
  #trackedBoxes = 0;
  #matches = 0;
  #iouSum = 0;
  #idSwitches = 0;
  #fragmentations = 0;

  /** Boxes stand for each other from an IoU of `iouMin` on. */
  constructor(iouMin: number) {
    this.#iouMin = iouMin;
  }

  /** Takes the boxes of one frame; ids are unique in `truth` and in `tracked`. */
  addFrame(
    truth: readonly NamedBox[],
    tracked: readonly NamedBox[],
    ignored: readonly NamedBox[],
  ): void {
    this.#frame++;
    const ious = truth.map((box) => {
      return tracked.map(({ xyxyPx }) => boxIou(box.xyxyPx, 0, xyxyPx, 0));
    });
    const columnOfRow = this.#match(truth, tracked, ious);
    const matched = new Set(columnOfRow);
    const counted = tracked.map((box, column) => matched.has(column) || !isInside(box, ignored));
    for (const [column, { trackId }] of tracked.entries()) {
      if (!counted[column]) continue;
      this.#trackedBoxes++;
      this.#trackIds.add(trackId);
    }
    for (const [row, { trackId: truthId }] of truth.entries()) {
      for (const [column, { trackId }] of tracked.entries()) {
        if (counted[column] && ious[row]![column]! >= this.#iouMin) {
          this.#identity.add(truthId, trackId);
        }
      }
      const column = columnOfRow[row]!;
      this.#note(truthId, column < 0 ? null : tracked[column]!.trackId);
      if (column >= 0) this.#iouSum += ious[row]![column]!;
    }
  }

  /** Everything counted so far. */
  counts(): TrackCounts {
    const shares = [...this.#truth.values()].map(({ found, frames }) => found / frames);
    const mostlyTracked = shares.filter((share) => share > 0.8).length;
    const mostlyLost = shares.filter((share) => share < 0.2).length;
    return {
      truthBoxes: this.#truthBoxes,
      trackedBoxes: this.#trackedBoxes,
      truthTracks: shares.length,
      tracks: this.#trackIds.size,
      matches: this.#matches,
      falsePositives: this.#trackedBoxes - this.#matches,
      falseNegatives: this.#truthBoxes - this.#matches,
      idSwitches: this.#idSwitches,
      fragmentations: this.#fragmentations,
      mostlyTracked,
      partlyTracked: shares.length - mostlyTracked - mostlyLost,
      mostlyLost,
      iouSum: this.#iouSum,
      identityMatches: this.#identity.most(),
    };
  }

  /** The tracked box of each truth box, -1 for none. */
  #match(
    truth: readonly NamedBox[],
    tracked: readonly NamedBox[],
    ious: readonly (readonly number[])[],
  ): number[] {
    const columnOfRow: number[] = truth.map(() => -1);
    const rowOfColumn: number[] = tracked.map(() => -1);
    const columnOfId = new Map(tracked.map(({ trackId }, column) => [trackId, column]));
    for (const [row, { trackId }] of truth.entries()) {
      const state = this.#truth.get(trackId);
      const column = state === undefined ? undefined : columnOfId.get(state.lastTrackId);
      if (column === undefined || !(ious[row]![column]! >= this.#iouMin)) continue;
      // Two objects may have had the same id at different times; the later one keeps it.
      const rival = rowOfColumn[column]!;
      if (rival >= 0) {
        const rivalState = this.#truth.get(truth[rival]!.trackId)!;
        if (rivalState.lastFoundFrame > state!.lastFoundFrame) continue;
        columnOfRow[rival] = -1;
      }
      columnOfRow[row] = column;
      rowOfColumn[column] = row;
    }
    this.#matchRest(columnOfRow, rowOfColumn, ious);
    return columnOfRow;
  }

  #matchRest(
    columnOfRow: number[],
    rowOfColumn: readonly number[],
    ious: readonly (readonly number[])[],
  ): void {
    const rows = [...columnOfRow.keys()].filter((row) => columnOfRow[row]! < 0);
    const columns = [...rowOfColumn.keys()].filter((column) => rowOfColumn[column]! < 0);
    const costs = Float64Array.from(
      rows.flatMap((row) =>
        columns.map((column) => {
          const iou = ious[row]![column]!;
          return iou >= this.#iouMin ? 1 - iou : Infinity;
        })
      ),
    );
    const chosen = new Int32Array(rows.length);
    this.#solver.solve(costs, rows.length, columns.length, Infinity, chosen);
    for (const [i, row] of rows.entries()) {
      if (chosen[i]! >= 0) columnOfRow[row] = columns[chosen[i]!]!;
    }
  }

  /** Notes whether, and under which id, an object was found in this frame. */
  #note(truthId: number, trackId: number | null): void {
    let state = this.#truth.get(truthId);
    if (state === undefined) {
      state = { frames: 0, found: 0, lastTrackId: -1, lastFoundFrame: -1, isFound: false };
      this.#truth.set(truthId, state);
    }
    this.#truthBoxes++;
    state.frames++;
    if (trackId !== null) {
      this.#matches++;
      if (state.found > 0 && state.lastTrackId !== trackId) this.#idSwitches++;
      if (state.found > 0 && !state.isFound) this.#fragmentations++;
      state.found++;
      state.lastTrackId = trackId;
      state.lastFoundFrame = this.#frame;
    }
    state.isFound = trackId !== null;
  }
}

function isInside({ xyxyPx }: NamedBox, regions: readonly NamedBox[]): boolean {
  const area = boxArea(xyxyPx, 0);
  return regions.some((region) => {
    return sharedArea(xyxyPx, 0, region.xyxyPx, 0) >= IGNORED_SHARE * area && area > 0;
  });
}
