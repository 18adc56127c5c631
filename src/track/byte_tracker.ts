import { boxArea } from "../core/box_overlap.ts";
import type { Detections } from "../core/detections.ts";
import type { Tracker } from "../core/ports.ts";
import type { PictureMoment, Track } from "../core/track.ts";
import { Association, type AssociationRule } from "./association.ts";
import { checkDetections, dropDoubles, orderDetections } from "./detection_order.ts";
import { TrackRecord } from "./track_record.ts";
import {
  type CheckedTrackerOptions,
  checkTrackerOptions,
  type ClassRule,
  type TrackerOptions,
} from "./tracker_options.ts";

/** Most tracks at a time, and most detections of a picture that are looked at. */
const TRACKS_MAX = 1024;
const DETECTIONS_MAX = 1024;
/** Overlap with the prediction that a detection must exceed, by stage. */
const STRONG_IOU_MIN = 0.2;
const WEAK_IOU_MIN = 0.5;
const TENTATIVE_IOU_MIN = 0.3;
/**
 * Pictures that a track may have missed before weak detections count for nothing: the paper says
 * none, but detectors flicker, and on real clips a picture or two keeps many an id.
 */
const FLICKER_PICTURES = 2;
/**
 * An object that is taken for another class all at once must at least lie well where it was
 * expected, and a detection of its own class is better.
 */
const OTHER_CLASS_IOU_MIN = 0.5;
const OTHER_CLASS_FACTOR = 0.5;

/**
 * Follows objects by ByteTrack: Y. Zhang and others, "ByteTrack: Multi-object tracking by
 * associating every detection box", ECCV 2022.
 *
 * Every track is predicted to the time of the picture by a {@linkcode KalmanBoxFilter}. Likely
 * detections are matched first, with all tracks; then weak ones with the tracks that are still
 * open and were found a moment ago: an object that is half hidden keeps its id. What is left
 * continues tentative tracks or begins new ones; a tentative track that misses one picture is over
 * and never had an id, and what is weak and lies on a known object begins none. A track that is not
 * found stays for a while, its place predicted, and is taken up again where it reappears.
 *
 * Matching looks at the overlap of boxes and at classes as {@linkcode TrackerOptions.classes} says;
 * a track's own class is a vote of all its detections, each weighted by its score. Where two
 * classes are detected in one place, the better detection stands for the object. Matching does not
 * look at pixels: two objects of one class that meet, turn around behind each other and leave as
 * they came may change ids, and so may all objects after the camera was swept aside.
 *
 * At most 1024 tracks are kept and the best 1024 detections of a picture are looked at; what is
 * more gets no id, and the track that was lost first makes room.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ByteTracker } from "@fovea/fovea/track";
 *
 * const tracker = new ByteTracker();
 * const ids: (number | undefined)[] = [];
 * for (let seq = 0; seq < 4; seq++) {
 *   const detections = {
 *     count: 1,
 *     xyxyPx: new Float32Array([10 + 4 * seq, 20, 50 + 4 * seq, 90]),
 *     score: new Float32Array([0.8]),
 *     classIndex: new Int32Array([0]),
 *     anchorIndex: new Int32Array([0]),
 *   };
 *   const moment = { seq, ptsMs: 40 * seq, epoch: 0, width: 640, height: 384 };
 *   ids.push(tracker.update(detections, moment)[0]?.trackId);
 * }
 * assertEquals(ids, [undefined, 1, 1, 1]);
 * ```
 */
export class ByteTracker implements Tracker {
  readonly #options: CheckedTrackerOptions;
  readonly #association = new Association();
  readonly #strongRule: AssociationRule;
  readonly #weakRule: AssociationRule;
  readonly #tentativeRule: AssociationRule;
  /** Confirmed and tentative tracks, oldest first: the confirmed ones are in the order of ids. */
  readonly #tracks: TrackRecord[] = [];
  /** Records of tracks that are over. */
  readonly #spare: TrackRecord[] = [];
  /** Tracks that were not found yet in this picture, and rows of detections not taken yet. */
  readonly #open: TrackRecord[] = [];
  readonly #tentative: TrackRecord[] = [];
  readonly #strong: number[] = [];
  readonly #weak: number[] = [];
  #last: PictureMoment | null = null;
  #lastId = 0;

  /**
   * Begins without tracks.
   *
   * @throws {FoveaError} `USAGE` if an option is unknown or out of range.
   */
  constructor(options: TrackerOptions = {}) {
    this.#options = checkTrackerOptions(options);
    const { classes } = this.#options;
    this.#strongRule = ruleFor(STRONG_IOU_MIN, classes);
    this.#weakRule = ruleFor(WEAK_IOU_MIN, classes);
    this.#tentativeRule = ruleFor(TENTATIVE_IOU_MIN, classes);
  }

  /** Detections below this score, 0–1, are not used. */
  get scoreMin(): number {
    return this.#options.lowScore;
  }

  /** See {@linkcode Tracker.update}. */
  update(detections: Detections, moment: PictureMoment): readonly Track[] {
    checkDetections(detections);
    this.#moveTo(moment);
    this.#sortTracks();
    this.#sortDetections(detections);
    const { ptsMs } = moment;
    const [association, strong, weak] = [this.#association, this.#strong, this.#weak];
    const follow = (track: TrackRecord, row: number): void => track.follow(detections, row, ptsMs);
    association.pair(this.#open, strong, detections, this.#strongRule, follow);
    // What is weak is likely noise, unless it lies where something was just now.
    keepFoundLately(this.#open);
    association.pair(this.#open, weak, detections, this.#weakRule, follow);
    for (const row of weak) strong.push(row);
    association.pair(this.#tentative, strong, detections, this.#tentativeRule, follow);
    this.#settleTracks(moment);
    this.#beginTracks(detections, ptsMs);
    return this.#describe(moment);
  }

  /** See {@linkcode Tracker.reset}. */
  reset(): void {
    this.#forgetTracks();
    this.#last = null;
  }

  /** Predicts all tracks to the picture's time, or forgets them where it shows another scene. */
  #moveTo(moment: PictureMoment): void {
    const { seq, ptsMs, epoch, width, height } = moment;
    const last = this.#last;
    if (!Number.isFinite(ptsMs)) throw new RangeError(`Cannot track a picture of time ${ptsMs} ms`);
    const isSameScene = last?.epoch === epoch && last.width === width && last.height === height;
    if (!isSameScene) {
      this.#forgetTracks();
    } else if (!(seq > last.seq && ptsMs > last.ptsMs)) {
      throw new RangeError(
        `Cannot track frame ${seq} at ${ptsMs} ms: frame ${last.seq} at ${last.ptsMs} ms was ` +
          "before it; call reset() for another stream",
      );
    } else {
      for (const { filter } of this.#tracks) filter.predict(ptsMs - last.ptsMs);
    }
    this.#last = { seq, ptsMs, epoch, width, height };
  }

  #sortTracks(): void {
    this.#open.length = 0;
    this.#tentative.length = 0;
    for (const track of this.#tracks) {
      track.detectionRow = -1;
      (track.trackId === 0 ? this.#tentative : this.#open).push(track);
    }
  }

  #sortDetections(detections: Detections): void {
    const { lowScore, highScore } = this.#options;
    orderDetections(detections, lowScore, this.#strong);
    if (this.#strong.length > DETECTIONS_MAX) this.#strong.length = DETECTIONS_MAX;
    if (this.#options.classes !== "require") dropDoubles(detections, this.#strong);
    this.#weak.length = 0;
    const firstWeak = this.#strong.findIndex((row) => detections.score[row]! < highScore);
    if (firstWeak < 0) return;
    for (let i = firstWeak; i < this.#strong.length; i++) this.#weak.push(this.#strong[i]!);
    this.#strong.length = firstWeak;
  }

  /** Confirms tracks, ages those that were not found, and ends those that will not come back. */
  #settleTracks(moment: PictureMoment): void {
    let kept = 0;
    for (const track of this.#tracks) {
      if (track.detectionRow >= 0) {
        if (track.trackId === 0 && track.hits >= this.#options.confirmHits) this.#confirm(track);
      } else {
        track.miss();
        if (track.trackId === 0 || this.#isOver(track, moment)) {
          this.#spare.push(track);
          continue;
        }
      }
      this.#tracks[kept++] = track;
    }
    this.#tracks.length = kept;
  }

  #confirm(track: TrackRecord): void {
    track.trackId = ++this.#lastId;
  }

  #isOver(track: TrackRecord, { ptsMs, width, height }: PictureMoment): boolean {
    const { x1, y1, x2, y2 } = track.filter;
    if (x2 <= 0 || y2 <= 0 || x1 >= width || y1 >= height) return true;
    const { bufferMs, bufferFrames } = this.#options;
    return track.missed > bufferFrames && ptsMs - track.foundMs > bufferMs;
  }

  #beginTracks(detections: Detections, nowMs: number): void {
    const { newTrackScore, highScore } = this.#options;
    const known = this.#tracks.length;
    for (const row of this.#strong) {
      const score = detections.score[row]!;
      if (score < newTrackScore) return;
      if (score < highScore && this.#isOnTrack(detections.xyxyPx, 4 * row, known)) continue;
      if (this.#tracks.length >= TRACKS_MAX && !this.#giveUpLongestLost()) return;
      const track = this.#spare.pop() ?? new TrackRecord();
      track.begin(detections, row, nowMs);
      if (this.#options.confirmHits === 1) this.#confirm(track);
      this.#tracks.push(track);
    }
  }

  /** Whether at least half of a box lies on one of the first `known` tracks. */
  #isOnTrack(xyxyPx: Float32Array, at: number, known: number): boolean {
    const halfArea = boxArea(xyxyPx, at) / 2;
    for (let i = 0; i < known; i++) {
      if (this.#tracks[i]!.filter.areaSharedWith(xyxyPx, at) >= halfArea) return true;
    }
    return false;
  }

  /** Makes room for a new track; returns whether there is some. */
  #giveUpLongestLost(): boolean {
    let longest: TrackRecord | null = null;
    for (const track of this.#tracks) {
      if (track.missed > (longest?.missed ?? 0)) longest = track;
    }
    if (longest === null) return false;
    this.#tracks.splice(this.#tracks.indexOf(longest), 1);
    this.#spare.push(longest);
    return true;
  }

  #forgetTracks(): void {
    this.#spare.push(...this.#tracks);
    this.#tracks.length = 0;
  }

  #describe(moment: PictureMoment): Track[] {
    const confirmed = this.#tracks.filter(({ trackId }) => trackId > 0);
    const found = confirmed.filter(({ missed }) => missed === 0);
    const lost = confirmed.filter(({ missed }) => missed > 0);
    return [...found, ...lost].map((track) => track.describe(moment));
  }
}

function ruleFor(iouMin: number, classes: ClassRule): AssociationRule {
  switch (classes) {
    case "ignore":
      return { iouMin, otherClassIouMin: iouMin, otherClassFactor: 1 };
    case "prefer": {
      const otherClassIouMin = Math.max(iouMin, OTHER_CLASS_IOU_MIN);
      return { iouMin, otherClassIouMin, otherClassFactor: OTHER_CLASS_FACTOR };
    }
    case "require":
      return { iouMin, otherClassIouMin: 1, otherClassFactor: 0 };
  }
}

function keepFoundLately(tracks: TrackRecord[]): void {
  let kept = 0;
  for (const track of tracks) if (track.missed <= FLICKER_PICTURES) tracks[kept++] = track;
  tracks.length = kept;
}
