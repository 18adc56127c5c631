import { boxIou } from "../core/box_overlap.ts";
import type { Xyxy } from "../core/xyxy.ts";
import { ConsensusTrack, type Hit } from "./consensus_track.ts";
import { type FrameTargets, hasScore, type ScoredBox, type TargetBox } from "./target_box.ts";

/** Settings of {@linkcode Consensus}; the defaults were chosen on three videos and 58 drifts. */
export interface ConsensusOptions {
  /** Score from which a detection may begin a track, 0–1; 0.4. */
  readonly highScore: number;
  /** Score from which a detection may continue a track, 0–1; 0.1. */
  readonly lowScore: number;
  /** IoU from which a detection may be the next of a track, 0–1; 0.3. */
  readonly matchIou: number;
  /** Frames without a hit after which a track is dropped; 15. */
  readonly dropAfterFrames: number;
  /** Hits that confirm a track; 3. */
  readonly confirmHits: number;
  /** Hits that a track needs before it is believed to go on unseen; 5. */
  readonly matureHits: number;
  /** Frames that a mature track is believed to go on unseen; 8. */
  readonly coastFrames: number;
  /** A coasting box this close to the border may have left: a share of the longer side; 0.03. */
  readonly borderShare: number;
}

/** The defaults of {@linkcode ConsensusOptions}. */
export const CONSENSUS_DEFAULTS: ConsensusOptions = {
  highScore: 0.4,
  lowScore: 0.1,
  matchIou: 0.3,
  dropAfterFrames: 15,
  confirmHits: 3,
  matureHits: 5,
  coastFrames: 8,
  borderShare: 0.03,
};

/** Most tracks that are followed at once; the longest unseen ones go first. */
const TRACKS_MAX = 256;
/** Most frames that {@linkcode Consensus.targets} may look back. */
const LAG_FRAMES_MAX = 16;

/**
 * What the detector's own past says a frame should hold: objects that were seen three times are
 * targets, also in frames in which they are missed for a moment; what was seen less often, or may
 * just have left the picture, is ignored.
 *
 * Detections are matched to tracks by IoU alone, whatever their class, the sure ones first; a track
 * has the class that most of its scores voted for. So a miss, a wrong class and a box that flickers
 * cost loss, although nobody labelled anything. It does not see what the detector never saw: an
 * object that was overlooked from its first frame on, and a class that is wrong all the time.
 *
 * Frames are counted as they are observed; skipped frames make tracks harder to follow.
 *
 * @example An object that is missed for a moment is a target all the same
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Consensus } from "@fovea/fovea/monitor";
 *
 * const consensus = new Consensus();
 * for (let frame = 0; frame < 6; frame++) {
 *   const x = 100 + 4 * frame;
 *   const car = { classIndex: 2, score: 0.8, xyxyPx: [x, 80, x + 40, 110] } as const;
 *   consensus.observe([car], 320, 180);
 * }
 * consensus.observe([], 320, 180);
 * assertEquals(consensus.targets().targets, [{ classIndex: 2, xyxyPx: [124, 80, 164, 110] }]);
 * ```
 */
export class Consensus {
  readonly #options: ConsensusOptions;
  #tracks: ConsensusTrack[] = [];
  /** No longer followed, but still of use for frames a lag ago. */
  #retired: ConsensusTrack[] = [];
  #frame = -1;
  #width = 0;
  #height = 0;

  /** Begins without a past. */
  constructor(options: Partial<ConsensusOptions> = {}) {
    this.#options = { ...CONSENSUS_DEFAULTS, ...options };
  }

  /** How many tracks are followed. */
  get trackCount(): number {
    return this.#tracks.length;
  }

  /** Number of frames observed. */
  get frames(): number {
    return this.#frame + 1;
  }

  /**
   * Takes the detections of the next frame.
   *
   * @param detections After non-maximum suppression, down to `lowScore`, in source pixels.
   * @param width Width of the picture in pixels.
   * @param height Height of the picture in pixels.
   */
  observe(detections: readonly ScoredBox[], width: number, height: number): void {
    const frame = ++this.#frame;
    [this.#width, this.#height] = [width, height];
    const { highScore, lowScore, dropAfterFrames } = this.#options;
    const scored = detections.filter(hasScore);
    const high = scored.filter(({ score }) => score >= highScore);
    const low = scored.filter(({ score }) => score < highScore && score >= lowScore);
    const predicted = this.#tracks.map((track) => ({ track, box: track.predictAt(frame) }));
    const waiting = new Set(predicted);
    const unclaimed = this.#continue(waiting, high);
    this.#continue(waiting, low);
    for (const box of unclaimed) this.#tracks.push(new ConsensusTrack({ frame, box }));
    this.#retire(dropAfterFrames);
  }

  /**
   * Targets of a frame, by all frames observed until now.
   *
   * @param lagFrames How far back: 0 is the newest frame, judged by its past alone; more lets
   * later frames confirm and fill gaps, which is what training labels are made from. 16 at most.
   * @throws {RangeError} If `lagFrames` is not a whole number from 0 to 16.
   */
  targets(lagFrames = 0): FrameTargets {
    if (!Number.isInteger(lagFrames) || lagFrames < 0 || lagFrames > LAG_FRAMES_MAX) {
      throw new RangeError(`Cannot look ${lagFrames} frames back: use 0 to ${LAG_FRAMES_MAX}`);
    }
    const frame = this.#frame - lagFrames;
    const targets: TargetBox[] = [];
    const ignored: Xyxy[] = [];
    for (const track of [...this.#tracks, ...this.#retired]) {
      const place = this.#placeAt(track, frame);
      if (place === null) continue;
      if (place.claimed) targets.push({ classIndex: track.classIndex, xyxyPx: place.xyxyPx });
      else ignored.push(place.xyxyPx);
    }
    return { targets, ignored };
  }

  /** Forgets everything, as after a cut or a reconnection. */
  reset(): void {
    this.#tracks = [];
    this.#retired = [];
  }

  #retire(dropAfterFrames: number): void {
    const ageOf = (track: ConsensusTrack) => this.#frame - track.last.frame;
    const memoryFrames = this.#options.coastFrames + LAG_FRAMES_MAX;
    const old = this.#tracks.filter((track) => ageOf(track) >= dropAfterFrames);
    this.#retired = [...this.#retired, ...old].filter((track) => ageOf(track) <= memoryFrames);
    this.#tracks = this.#tracks.filter((track) => ageOf(track) < dropAfterFrames);
    if (this.#tracks.length <= TRACKS_MAX) return;
    this.#tracks.sort((a, b) => b.last.frame - a.last.frame);
    this.#tracks.length = TRACKS_MAX;
  }

  /** Gives the best pairs of tracks and detections to each other; returns detections left over. */
  #continue(
    waiting: Set<{ readonly track: ConsensusTrack; readonly box: Xyxy }>,
    detections: readonly ScoredBox[],
  ): ScoredBox[] {
    const pairs = [...waiting].flatMap((known) =>
      detections.map((box) => ({ known, box, iou: boxIou(known.box, 0, box.xyxyPx, 0) }))
    ).filter(({ iou }) => iou >= this.#options.matchIou);
    pairs.sort((a, b) => b.iou - a.iou);
    const free = new Set(detections);
    for (const { known, box } of pairs) {
      if (!waiting.has(known) || !free.has(box)) continue;
      known.track.see({ frame: this.#frame, box });
      waiting.delete(known);
      free.delete(box);
    }
    return [...free];
  }

  /** Where a track is at `frame`, and whether that may be claimed; `null` for nowhere. */
  #placeAt(track: ConsensusTrack, frame: number): { xyxyPx: Xyxy; claimed: boolean } | null {
    const { confirmHits } = this.#options;
    const { hits } = track;
    const at = hits.findIndex((hit) => hit.frame >= frame);
    const next = at < 0 ? null : hits[at]!;
    const isConfirmed = track.hitCount >= confirmHits;
    if (next?.frame === frame) return { xyxyPx: next.box.xyxyPx, claimed: isConfirmed };
    const previous = hits[at < 0 ? hits.length - 1 : at - 1];
    if (!isConfirmed || previous === undefined) return null;
    if (next !== null) return { xyxyPx: between(previous, next, frame), claimed: true };
    return this.#coast(track, previous, frame);
  }

  #coast(
    track: ConsensusTrack,
    last: Hit,
    frame: number,
  ): { xyxyPx: Xyxy; claimed: boolean } | null {
    const { matureHits, coastFrames, borderShare } = this.#options;
    if (track.hitCount < matureHits || frame - last.frame > coastFrames) return null;
    const xyxyPx = track.coastTo(frame, last.frame);
    if (xyxyPx === null) return null;
    const margin = borderShare * Math.max(this.#width, this.#height);
    const inside = xyxyPx[0] >= margin && xyxyPx[1] >= margin &&
      xyxyPx[2] <= this.#width - margin && xyxyPx[3] <= this.#height - margin;
    return { xyxyPx, claimed: inside };
  }
}

function between(a: Hit, b: Hit, frame: number): Xyxy {
  const share = (frame - a.frame) / (b.frame - a.frame);
  const [from, to] = [a.box.xyxyPx, b.box.xyxyPx];
  const mix = (i: 0 | 1 | 2 | 3) => (1 - share) * from[i] + share * to[i];
  return [mix(0), mix(1), mix(2), mix(3)];
}
