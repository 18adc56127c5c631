import type { FrameTap } from "../../core/tap.ts";
import type { FrameTargets } from "../../monitor/target_box.ts";
import type { FrameSet } from "./frame_set.ts";
import type { RefineFrames } from "./refine_detector.ts";

/** Bytes of the frames that are held for a label that may still come, and of clean ones, each. */
const HELD_BYTES_MAX = 2 ** 25;
/** Fewest and most of them, whatever their bytes. */
const HELD_MIN = 3;
const HELD_MAX = 12;
/** Every which of the clean frames judges. */
const CLEAN_JUDGES_EVERY = 3;

/** A labelled frame. */
interface LabelledTap {
  readonly tap: FrameTap;
  readonly targets: FrameTargets;
}

/** How many labelled frames a refinement takes. */
export interface LiveNeeds {
  /** Frames to learn from. */
  readonly learn: number;
  /** Later frames that judge. */
  readonly judge: number;
}

/**
 * Collects evidence from a running stream, bounded: clean frames while all is well, labelled frames
 * while it is not. All frames were tapped under the head that is served.
 */
export class LiveEvidence {
  readonly #needs: LiveNeeds;
  readonly #recent: FrameTap[] = [];
  #clean: FrameTap[] = [];
  #cleanSeen = 0;
  #drifted: LabelledTap[] = [];
  /** Frames of the present condition with what tracks say about them. */
  #tracked: LabelledTap[] = [];
  /** Whether a proposal was made of them. */
  #isTrackedUsed = false;

  /** Begins with nothing. */
  constructor(needs: LiveNeeds) {
    this.#needs = needs;
  }

  /** Labelled frames of the present condition. */
  get labelled(): number {
    return this.#drifted.length;
  }

  /** Whether there is enough for a refinement. */
  get isEnough(): boolean {
    return this.#drifted.length >= this.#needs.learn + this.#needs.judge;
  }

  /** Whether there is enough that only tracks speak for; once while a condition lasts. */
  get isTrackedEnough(): boolean {
    return !this.#isTrackedUsed && this.#tracked.length >= this.#needs.learn + this.#needs.judge;
  }

  /** Holds a frame for a label that may still come. */
  hold(tap: FrameTap): void {
    this.#recent.push(tap);
    if (this.#recent.length > heldMax(tap)) this.#recent.shift();
  }

  /** Takes a frame from a time when all is well; which ones stay is spread over that time. */
  addClean(tap: FrameTap): void {
    this.#cleanSeen++;
    const most = heldMax(tap);
    if (this.#clean.length < most) this.#clean.push(tap);
    else if (this.#cleanSeen % most === 0) {
      this.#clean[Math.floor(this.#cleanSeen / most) % most] = tap;
    }
  }

  /** Takes a labelled frame of the present condition. */
  addLabelled(tap: FrameTap, targets: FrameTargets): void {
    this.#drifted.push({ tap, targets });
    const most = this.#needs.learn + 2 * this.#needs.judge;
    if (this.#drifted.length > most) this.#drifted.shift();
  }

  /** Takes a frame that nobody labelled, with what tracks say about it. */
  addTracked(tap: FrameTap, targets: FrameTargets): void {
    if (this.#isTrackedUsed) return;
    this.#tracked.push({ tap, targets });
  }

  /** A held frame; `null` where it is not held any more. */
  find(seq: number): FrameTap | null {
    return this.#recent.find((tap) => tap.seq === seq) ?? null;
  }

  /** Forgets the labelled frames: things are well again. */
  forgetLabelled(): void {
    this.#drifted = [];
    this.#tracked = [];
    this.#isTrackedUsed = false;
  }

  /** After a proposal that tracks made: people decide about it before there is another one. */
  endTracked(): void {
    this.#tracked = [];
    this.#isTrackedUsed = true;
  }

  /** After a refinement that changed nothing: as many new frames as judge are waited for. */
  waitForMore(): void {
    this.#drifted = this.#drifted.slice(this.#needs.judge);
  }

  /** Forgets everything: another head is served, under which nothing of it was tapped. */
  clear(): void {
    this.#recent.length = 0;
    this.#clean = [];
    this.#drifted = [];
    this.#tracked = [];
  }

  /** What there is, shared out: the latest of the labelled frames judge. */
  frames(
    source: string,
    judged: ReadonlySet<number> | null,
    labelledBy: "operator" | "consensus",
  ): RefineFrames {
    const labelled = labelledBy === "operator" ? this.#drifted : this.#tracked;
    const sorted = labelled.toSorted((a, b) => a.tap.seq - b.tap.seq);
    const from = sorted.length - this.#needs.judge;
    const judges = (_: FrameTap, i: number): boolean =>
      i % CLEAN_JUDGES_EVERY === CLEAN_JUDGES_EVERY - 1;
    const replayed = this.#clean.filter((tap, i) => !judges(tap, i));
    const clean = this.#clean.filter(judges);
    return {
      learn: labelledSet(source, sorted.slice(0, from), judged, labelledBy),
      drifted: labelledSet(source, sorted.slice(from), judged, labelledBy),
      replay: replayed.length === 0 ? [] : [ownSet(source, replayed)],
      clean: clean.length === 0 ? null : ownSet(source, clean),
      bank: null,
    };
  }
}

/** How many frames as large as this one are held. */
function heldMax({ features, objectnessFeatures, logits }: FrameTap): number {
  const bytes = features.byteLength + logits.byteLength + (objectnessFeatures?.byteLength ?? 0);
  return Math.max(HELD_MIN, Math.min(HELD_MAX, Math.floor(HELD_BYTES_MAX / bytes)));
}

function labelledSet(
  source: string,
  labelled: readonly LabelledTap[],
  judged: ReadonlySet<number> | null,
  labelledBy: "operator" | "consensus",
): FrameSet {
  const known = new Map(labelled.map(({ tap, targets }) => [tap.seq, targets]));
  return {
    source,
    frames: labelled.length,
    open: labelled.map(({ tap }) => tap),
    labels: (seq) => known.get(seq),
    labelledBy,
    judged,
  };
}

function ownSet(source: string, taps: readonly FrameTap[]): FrameSet {
  return {
    source,
    frames: taps.length,
    open: [...taps],
    labels: null,
    labelledBy: "own",
    judged: null,
  };
}
