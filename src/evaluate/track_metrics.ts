import { ClassTracks, type NamedBox } from "./class_tracks.ts";
import { combineTrackCounts, type TrackScores } from "./track_scores.ts";

/** One object of the truth in one frame. */
export interface TrackTruth extends TrackedBox {
  /**
   * Whether this is a region where nothing is demanded: boxes of the tracker of the same class that
   * lie in it by at least half of their area and stand for nothing else are not counted. Its
   * `trackId` is not used.
   */
  readonly ignore?: boolean;
}

/** One box of a tracker in one frame; `Track` and `TrackedObject` are such boxes. */
export interface TrackedBox {
  /** Names the object over all frames of the sequence: a whole number. */
  readonly trackId: number;
  /** Index of its class. */
  readonly classIndex: number;
  /** Corners `[x1, y1, x2, y2]` in pixels. */
  readonly xyxyPx: readonly [number, number, number, number];
}

/** Settings of a {@linkcode TrackEvaluator}. */
export interface TrackEvaluatorOptions {
  /** IoU from which a box stands for an object, above 0 and at most 1; 0.5 by default. */
  readonly iouMin?: number;
  /** Whether classes are left out of account and everything is one class; false by default. */
  readonly ignoreClasses?: boolean;
}

/** How well tracks agree with the truth. */
export interface TrackSummary {
  /** All classes together: the sums of what was counted in each. */
  readonly overall: TrackScores;
  /** Every class that occurred, by index; empty where classes are left out of account. */
  readonly perClass: readonly (TrackScores & { readonly classIndex: number })[];
}

/**
 * Compares the tracks of one sequence with the truth, frame by frame: CLEAR MOT (Bernardin and
 * Stiefelhagen 2008) and identity figures (Ristani and others 2016).
 *
 * MOTA counts errors frame by frame and hardly minds which id an object has; IDF1 asks in how many
 * frames each object had the one id that stands for it. Boxes match within their class only. Memory
 * grows with the number of objects and ids, not with the number of frames.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { TrackEvaluator } from "@fovea/fovea/evaluate";
 *
 * const evaluator = new TrackEvaluator();
 * for (let frame = 0; frame < 10; frame++) {
 *   const car = { trackId: 7, classIndex: 2, xyxyPx: [frame, 0, frame + 20, 10] } as const;
 *   // The tracker loses the car once, and takes it for a new one afterwards.
 *   const tracked = frame === 6 ? [] : [{ ...car, trackId: frame < 6 ? 1 : 2 }];
 *   evaluator.addFrame([car], tracked);
 * }
 * const { overall } = evaluator.summary();
 * assertEquals([overall.falseNegatives, overall.idSwitches, overall.mota], [1, 1, 0.8]);
 * assertEquals([overall.identityMatches, overall.idf1], [6, 12 / 19]);
 * ```
 */
export class TrackEvaluator {
  readonly #iouMin: number;
  readonly #ignoreClasses: boolean;
  readonly #classes = new Map<number, ClassTracks>();

  /**
   * Begins a sequence.
   *
   * @throws {RangeError} If `iouMin` is not above 0 and at most 1.
   */
  constructor(options: TrackEvaluatorOptions = {}) {
    const { iouMin = 0.5, ignoreClasses = false } = options;
    if (!(iouMin > 0 && iouMin <= 1)) {
      throw new RangeError(`Cannot compare tracks from an IoU of ${iouMin}: use 0 to 1, not 0`);
    }
    this.#iouMin = iouMin;
    this.#ignoreClasses = ignoreClasses;
  }

  /**
   * Takes the next frame; frames without any box need not be given.
   *
   * @param truth What is there, ignored regions included.
   * @param tracked What the tracker says, in the same pixels.
   * @throws {RangeError} If an id occurs twice, or an id, class or corner is not what it must be;
   * the frame is not counted then.
   */
  addFrame(truth: readonly TrackTruth[], tracked: readonly TrackedBox[]): void {
    const wanted = truth.filter(({ ignore }) => ignore !== true);
    const ignored = truth.filter(({ ignore }) => ignore === true);
    for (const box of truth) checkBox(box);
    for (const box of tracked) checkBox(box);
    checkUnique(wanted, "the truth");
    checkUnique(tracked, "the tracker");
    const classes = new Set([...truth, ...tracked].map((box) => this.#classOf(box)));
    for (const classIndex of classes) {
      this.#tracksOf(classIndex).addFrame(
        this.#select(wanted, classIndex),
        this.#select(tracked, classIndex),
        this.#select(ignored, classIndex),
      );
    }
  }

  /** The figures of all frames so far. */
  summary(): TrackSummary {
    const counts = [...this.#classes].sort(([a], [b]) => a - b)
      .map(([classIndex, tracks]) => ({ classIndex, counts: tracks.counts() }));
    const perClass = counts.map(({ classIndex, counts }) => {
      return { classIndex, ...combineTrackCounts([counts]) };
    });
    return {
      overall: combineTrackCounts(counts.map(({ counts }) => counts)),
      perClass: this.#ignoreClasses ? [] : perClass,
    };
  }

  #classOf({ classIndex }: TrackedBox): number {
    return this.#ignoreClasses ? 0 : classIndex;
  }

  #tracksOf(classIndex: number): ClassTracks {
    let tracks = this.#classes.get(classIndex);
    if (tracks === undefined) {
      this.#classes.set(classIndex, tracks = new ClassTracks(this.#iouMin));
    }
    return tracks;
  }

  #select(boxes: readonly TrackedBox[], classIndex: number): NamedBox[] {
    return boxes.filter((box) => this.#classOf(box) === classIndex);
  }
}

function checkBox({ trackId, classIndex, xyxyPx: [x1, y1, x2, y2] }: TrackedBox): void {
  if (!Number.isSafeInteger(trackId) || !Number.isSafeInteger(classIndex)) {
    throw new RangeError(
      `Cannot compare track ${trackId} of class ${classIndex}: use whole numbers`,
    );
  }
  if (!(x2 >= x1 && y2 >= y1 && Number.isFinite(x2 - x1) && Number.isFinite(y2 - y1))) {
    throw new RangeError(
      `Cannot compare track ${trackId}: its box is [${x1}, ${y1}, ${x2}, ${y2}]`,
    );
  }
}

function checkUnique(boxes: readonly TrackedBox[], whose: string): void {
  const seen = new Set<number>();
  for (const { trackId } of boxes) {
    if (seen.has(trackId)) {
      throw new RangeError(`Cannot compare tracks: ${whose} has ${trackId} twice in one frame`);
    }
    seen.add(trackId);
  }
}
