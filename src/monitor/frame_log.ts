import type { LevelReport } from "../core/monitor_report.ts";
import { estimateLevel, readScores, type ScoreEvidence } from "./expected_loss.ts";
import { type FrameLoss, lossOver, type WindowLoss } from "./loss_window.ts";
import { matchObjects, objectLoss, type ObjectMatches } from "./object_loss.ts";
import type { FrameTargets, ScoredBox } from "./target_box.ts";

/** Focusing of the losses that are reported. */
export const REPORT_GAMMA = 2;
/** Frames that the level is taken over. */
const LEVEL_FRAMES = 25;
/** Labelled frames that a measured level needs. */
const LABELLED_MIN = 2;
/** Frames that are remembered: how late a label may come. */
const REMEMBERED_FRAMES = 300;

/** Who says what a frame holds. */
export type TargetSource = "measured" | "teacher";

/** One frame as it is remembered. */
interface Remembered extends LoggedFrame {
  /** What was detected. */
  readonly detections: readonly ScoredBox[];
}

/** What is kept of a frame over a restart. */
export interface LoggedFrame {
  /** Position in the stream. */
  readonly seq: number;
  /** What its scores say. */
  readonly scores: ScoreEvidence;
  /** Its losses by who judged it. */
  readonly losses: Partial<Record<TargetSource, FrameLoss>>;
}

/**
 * The last 300 frames with what was detected in them, so that labels may come late, and the level of
 * the loss over the last 25.
 */
export class FrameLog {
  #frames: Remembered[] = [];
  /** Frames from before a restart. */
  #kept: readonly LoggedFrame[] = [];

  /** Remembers a frame. */
  add(seq: number, detections: readonly ScoredBox[]): void {
    const scores = readScores(detections, REPORT_GAMMA);
    this.#frames.push({ seq, detections, scores, losses: {} });
    if (this.#frames.length > REMEMBERED_FRAMES) this.#frames.shift();
  }

  /** Judges a remembered frame by targets; `null` where it is not remembered (any more). */
  judge(seq: number, source: TargetSource, targets: FrameTargets): ObjectMatches | null {
    const at = this.#frames.findIndex((frame) => frame.seq === seq);
    const frame = this.#frames[at];
    if (frame === undefined) return null;
    const matches = matchObjects(frame.detections, targets);
    const sum = objectLoss(matches, REPORT_GAMMA).value * Math.max(1, matches.targets);
    const losses = { ...frame.losses, [source]: { sum, targets: matches.targets } };
    this.#frames[at] = { ...frame, losses };
    return matches;
  }

  /** Loss by one source over the last 25 frames; `null` where there is none. */
  window(source: TargetSource): WindowLoss | null {
    const losses = this.#last().flatMap(({ losses }) => losses[source] ?? []);
    return losses.length === 0 ? null : lossOver(losses);
  }

  /**
   * The level over the last 25 frames: by labels or a teacher where at least two frames have them,
   * else estimated from the scores. `null` before the first frame.
   *
   * @param targetsPerFrame Mean number of targets a frame in the warm-up.
   */
  level(targetsPerFrame: number): LevelReport | null {
    const frames = this.#last();
    if (frames.length === 0) return null;
    for (const evidence of ["measured", "teacher"] as const) {
      const window = this.window(evidence);
      if (window === null || window.frames < LABELLED_MIN) continue;
      const { value, frames, targets, interval } = window;
      return { focalLoss: value, evidence, frames, targets, interval, isEstimate: false };
    }
    const estimate = estimateLevel(
      frames.map(({ scores }) => scores),
      targetsPerFrame,
      REPORT_GAMMA,
    );
    return {
      focalLoss: estimate.value,
      evidence: "expected",
      frames: frames.length,
      targets: estimate.targets,
      interval: null,
      meanScore: estimate.meanScore,
      isEstimate: true,
    };
  }

  /** What must be kept for the level to go on after a restart. */
  toJSON(): LoggedFrame[] {
    return this.#last().map(({ seq, scores, losses }) => ({ seq, scores, losses }));
  }

  /** Goes on from what was kept; frames before it can no longer be labelled. */
  restore(frames: readonly LoggedFrame[]): void {
    this.#frames = [];
    this.#kept = frames;
  }

  /** The last 25 frames, those from before a restart among them. */
  #last(): readonly LoggedFrame[] {
    const kept = this.#frames.length < LEVEL_FRAMES ? this.#kept : [];
    return [...kept, ...this.#frames].slice(-LEVEL_FRAMES);
  }
}
