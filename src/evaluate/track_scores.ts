/** What was counted while tracks were compared with the truth; sums over classes and sequences. */
export interface TrackCounts {
  /** Boxes of the truth, ignored ones aside. */
  readonly truthBoxes: number;
  /** Boxes of the tracker, those inside ignored regions aside. */
  readonly trackedBoxes: number;
  /** Objects in the truth. */
  readonly truthTracks: number;
  /** Ids the tracker gave. */
  readonly tracks: number;
  /** Pairs of a truth box and the tracked box that stands for it. */
  readonly matches: number;
  /** Tracked boxes that stand for nothing. */
  readonly falsePositives: number;
  /** Truth boxes that nothing stands for. */
  readonly falseNegatives: number;
  /** Times that an object was continued under another id than the one it had last. */
  readonly idSwitches: number;
  /** Times that an object was found again after it was there but not found. */
  readonly fragmentations: number;
  /** Objects found in more than 80 % of their frames. */
  readonly mostlyTracked: number;
  /** Objects found in 20 % to 80 % of their frames. */
  readonly partlyTracked: number;
  /** Objects found in less than 20 % of their frames. */
  readonly mostlyLost: number;
  /** Sum of the IoU of all matches. */
  readonly iouSum: number;
  /** Truth boxes found under the one id that stands for their object in the whole sequence. */
  readonly identityMatches: number;
}

/** {@linkcode TrackCounts} with the figures made of them; `null` where there was nothing to count. */
export interface TrackScores extends TrackCounts {
  /** `1 - (falseNegatives + falsePositives + idSwitches) / truthBoxes`; at most 1, may be below 0. */
  readonly mota: number | null;
  /** Mean IoU of all matches, 0–1. */
  readonly motp: number | null;
  /** `2 · identityMatches / (truthBoxes + trackedBoxes)`, 0–1. */
  readonly idf1: number | null;
  /** `identityMatches / trackedBoxes`, 0–1. */
  readonly idp: number | null;
  /** `identityMatches / truthBoxes`, 0–1. */
  readonly idr: number | null;
}

/** Names of everything that is counted. */
const COUNT_NAMES = [
  "truthBoxes",
  "trackedBoxes",
  "truthTracks",
  "tracks",
  "matches",
  "falsePositives",
  "falseNegatives",
  "idSwitches",
  "fragmentations",
  "mostlyTracked",
  "partlyTracked",
  "mostlyLost",
  "iouSum",
  "identityMatches",
] as const satisfies readonly (keyof TrackCounts)[];

/**
 * Adds up what was counted in several sequences or classes, and makes the figures of the sums: long
 * sequences and frequent classes weigh more.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { combineTrackCounts, TrackEvaluator } from "@fovea/fovea/evaluate";
 *
 * const box = { trackId: 1, classIndex: 0, xyxyPx: [0, 0, 10, 10] } as const;
 * const [morning, evening] = [new TrackEvaluator(), new TrackEvaluator()];
 * morning.addFrame([box], [box]);
 * evening.addFrame([box], []);
 * const both = combineTrackCounts([morning.summary().overall, evening.summary().overall]);
 * assertEquals([both.truthBoxes, both.mota, both.idp, both.idr], [2, 0.5, 1, 0.5]);
 * ```
 */
export function combineTrackCounts(parts: readonly TrackCounts[]): TrackScores {
  const sums = Object.fromEntries(
    COUNT_NAMES.map((name) => [name, parts.reduce((sum, part) => sum + part[name], 0)]),
  ) as unknown as TrackCounts;
  const { truthBoxes, trackedBoxes, matches, identityMatches } = sums;
  const errors = sums.falseNegatives + sums.falsePositives + sums.idSwitches;
  return {
    ...sums,
    mota: truthBoxes === 0 ? null : 1 - errors / truthBoxes,
    motp: share(sums.iouSum, matches),
    idf1: share(2 * identityMatches, truthBoxes + trackedBoxes),
    idp: share(identityMatches, trackedBoxes),
    idr: share(identityMatches, truthBoxes),
  };
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
