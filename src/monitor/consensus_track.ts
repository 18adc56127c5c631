import type { Xyxy } from "../core/xyxy.ts";
import type { ScoredBox } from "./target_box.ts";

/** Share of the newest step in a track's velocity. */
const VELOCITY_SHARE = 0.4;
/** A box is moved on by its velocity for at most this many frames when it is looked for. */
const PREDICT_FRAMES_MAX = 5;
/** Hits that the velocity of a coasting track is measured over. */
const COAST_HITS = 5;
/** Hits that are remembered: more than a fixed lag and a coasting velocity need. */
const HITS_MAX = 64;

/** One detection that a track was seen as. */
export interface Hit {
  /** Number of the observed frame. */
  readonly frame: number;
  /** Where and how surely. */
  readonly box: ScoredBox;
}

/**
 * One object followed over time: its last boxes, its velocity and the classes it was seen as.
 */
export class ConsensusTrack {
  readonly #hits: Hit[] = [];
  readonly #votes = new Map<number, number>();
  #hitCount = 0;
  #velocityX = 0;
  #velocityY = 0;

  /** Begins with its first hit. */
  constructor(hit: Hit) {
    this.#remember(hit);
  }

  /** The newest hits, oldest first. */
  get hits(): readonly Hit[] {
    return this.#hits;
  }

  /** How often it was seen in all. */
  get hitCount(): number {
    return this.#hitCount;
  }

  /** The newest hit. */
  get last(): Hit {
    return this.#hits[this.#hits.length - 1]!;
  }

  /** The class with the largest sum of scores over all hits. */
  get classIndex(): number {
    let best = -1;
    let most = -Infinity;
    for (const [classIndex, votes] of this.#votes) {
      if (votes > most) [best, most] = [classIndex, votes];
    }
    return best;
  }

  /** Where it is expected at `frame`: its last box, moved on by its smoothed velocity. */
  predictAt(frame: number): Xyxy {
    const frames = Math.min(frame - this.last.frame, PREDICT_FRAMES_MAX);
    return shift(this.last.box.xyxyPx, this.#velocityX * frames, this.#velocityY * frames);
  }

  /** Takes a new hit, later than the last. */
  see(hit: Hit): void {
    const { frame, box } = this.last;
    const frames = hit.frame - frame;
    const [fromX, fromY] = centreOf(box.xyxyPx);
    const [toX, toY] = centreOf(hit.box.xyxyPx);
    const old = 1 - VELOCITY_SHARE;
    this.#velocityX = old * this.#velocityX + VELOCITY_SHARE * (toX - fromX) / frames;
    this.#velocityY = old * this.#velocityY + VELOCITY_SHARE * (toY - fromY) / frames;
    this.#remember(hit);
  }

  /**
   * Where it is at `frame` if it went on as in the last hits up to `since`: the box of that hit,
   * moved by the mean velocity over the five hits before it. `null` where there is no such hit.
   */
  coastTo(frame: number, since: number): Xyxy | null {
    const before = this.#hits.filter((hit) => hit.frame <= since);
    const from = before[Math.max(0, before.length - COAST_HITS)];
    const to = before[before.length - 1];
    if (from === undefined || to === undefined) return null;
    const frames = Math.max(1, to.frame - from.frame);
    const [fromX, fromY] = centreOf(from.box.xyxyPx);
    const [toX, toY] = centreOf(to.box.xyxyPx);
    const ahead = (frame - to.frame) / frames;
    return shift(to.box.xyxyPx, (toX - fromX) * ahead, (toY - fromY) * ahead);
  }

  #remember(hit: Hit): void {
    const { classIndex, score } = hit.box;
    this.#votes.set(classIndex, (this.#votes.get(classIndex) ?? 0) + score);
    this.#hits.push(hit);
    if (this.#hits.length > HITS_MAX) this.#hits.shift();
    this.#hitCount++;
  }
}

function centreOf([x1, y1, x2, y2]: Xyxy): [number, number] {
  return [(x1 + x2) / 2, (y1 + y2) / 2];
}

function shift([x1, y1, x2, y2]: Xyxy, dx: number, dy: number): Xyxy {
  return [x1 + dx, y1 + dy, x2 + dx, y2 + dy];
}
