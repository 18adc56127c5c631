import type { Health } from "../core/monitor_report.ts";
import type { StreamState } from "../core/result.ts";

/** What the verdict rests on, frame by frame. */
export interface HealthFacts {
  /** State of the stream. */
  readonly state: StreamState;
  /** Whether the monitor knows what is usual here. */
  readonly isCalibrated: boolean;
  /** Whether a signal passed its threshold at this frame. */
  readonly isCrossing: boolean;
  /** The highest statistic of the signals as a share of its threshold. */
  readonly statisticShare: number;
  /** Whether labels say that the loss is far above what it was. */
  readonly isMeasuredBad: boolean;
}

/** The verdict with its reason. */
export interface Verdict {
  /** How the detector is doing. */
  readonly health: Health;
  /** Why, where it is not `healthy`; else `null`. */
  readonly why: string | null;
}

/** Crossings within the memory that make a drift a degradation. */
const DEGRADED_CROSSINGS = 3;
/** Frames over which crossings are remembered. */
const MEMORY_FRAMES = 100;
/** Calm frames in a row after which all is well again. */
const CALM_FRAMES = 100;
/** A signal below this share of its threshold is calm. */
const CALM_SHARE = 0.5;

/**
 * The state machine behind {@linkcode Health}, with hysteresis: one crossing makes `drifting`,
 * three within 100 frames or bad labels make `degraded`, and only 100 calm frames in a row make
 * `healthy` again. A blind stretch hides the verdict and does not change it.
 *
 * No clock, no randomness: the same facts give the same verdicts.
 */
export class HealthMachine {
  #verdict: "healthy" | "drifting" | "degraded" = "healthy";
  #crossings: number[] = [];
  #frame = 0;
  #calmFrames = 0;

  /** Takes the facts of the next frame and returns the verdict. */
  observe(facts: HealthFacts): Verdict {
    if (facts.state !== "live") return { health: "blind", why: `the stream is ${facts.state}` };
    if (!facts.isCalibrated) {
      return { health: "warming", why: "not enough frames to know what is usual here" };
    }
    this.#frame++;
    if (facts.isCrossing) this.#crossings.push(this.#frame);
    this.#crossings = this.#crossings.filter((frame) => this.#frame - frame < MEMORY_FRAMES);
    const isCalm = facts.statisticShare < CALM_SHARE && !facts.isMeasuredBad;
    this.#calmFrames = isCalm ? this.#calmFrames + 1 : 0;
    this.#verdict = this.#next(facts);
    return { health: this.#verdict, why: this.#why(facts) };
  }

  /** What must be kept to go on after a restart; plain data. */
  toJSON(): HealthState {
    return {
      verdict: this.#verdict,
      crossings: this.#crossings.map((frame) => frame - this.#frame),
      calmFrames: this.#calmFrames,
    };
  }

  /** Goes on from what was kept. */
  restore({ verdict, crossings, calmFrames }: HealthState): void {
    this.#verdict = verdict;
    this.#frame = 0;
    this.#crossings = [...crossings];
    this.#calmFrames = calmFrames;
  }

  #next({ isMeasuredBad }: HealthFacts): "healthy" | "drifting" | "degraded" {
    if (isMeasuredBad || this.#crossings.length >= DEGRADED_CROSSINGS) return "degraded";
    if (this.#calmFrames >= CALM_FRAMES) return "healthy";
    if (this.#verdict === "healthy" && this.#crossings.length > 0) return "drifting";
    return this.#verdict;
  }

  #why({ isMeasuredBad }: HealthFacts): string | null {
    if (this.#verdict === "healthy") return null;
    if (isMeasuredBad) return "labels say that the loss is far above what it was";
    const count = this.#crossings.length;
    return count > 0
      ? `${count} crossing${count === 1 ? "" : "s"} in the last ${MEMORY_FRAMES} frames`
      : `calm for ${this.#calmFrames} of ${CALM_FRAMES} frames`;
  }
}

/** What {@linkcode HealthMachine} keeps. */
export interface HealthState {
  /** The verdict. */
  readonly verdict: "healthy" | "drifting" | "degraded";
  /** When crossings happened, in frames from now: 0 and below. */
  readonly crossings: readonly number[];
  /** Calm frames in a row. */
  readonly calmFrames: number;
}
