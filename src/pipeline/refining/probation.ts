import type { EvidencedLoss, EvidenceKind } from "../../core/monitor_report.ts";

/** Frames before a change whose losses tell what was usual. */
const BEFORE_FRAMES = 60;
/** Fewer losses of one kind than this, on either side, tell nothing. */
const LOSSES_MIN = 10;
/** The loss may rise by this share of itself and by this much more, in nats. */
const RISE_SHARE = 0.25;
const RISE_NATS = 0.05;
/** Kinds of evidence by how much they are worth; the scores alone are no evidence about a head. */
const KINDS: readonly EvidenceKind[] = ["measured", "teacher", "consensus"];

/** What a probation says. */
export interface ProbationVerdict {
  /** Whether the head is to be taken back. */
  readonly isWorse: boolean;
  /** Why, in words. */
  readonly why: string;
}

/**
 * Compares the live loss before and after a head was changed, kind by kind of evidence, the best first.
 * It remembers the last 60 losses while nothing is on probation.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Probation } from "@fovea/fovea";
 *
 * const loss = (focalLoss: number) => {
 *   const interval = null;
 *   return { evidence: "consensus", interval, focalLoss, crossEntropy: 1, targets: 1 } as const;
 * };
 * const probation = new Probation(100);
 * for (let i = 0; i < 20; i++) probation.observe(loss(0.2));
 * probation.begin();
 * for (let i = 0; i < 9; i++) assertEquals(probation.observe(loss(0.6)), null);
 * assertEquals(probation.observe(loss(0.6))?.isWorse, true);
 * ```
 */
export class Probation {
  readonly #frames: number;
  #before: EvidencedLoss[] = [];
  #after: EvidencedLoss[] = [];
  #left = 0;

  /** A probation of so many frames. @throws {RangeError} If it is no whole number from 1. */
  constructor(frames: number) {
    if (!Number.isSafeInteger(frames) || frames < 1) {
      throw new RangeError(`Cannot put a head on probation for ${frames} frames`);
    }
    this.#frames = frames;
  }

  /** Whether a head is on probation now. */
  get isOn(): boolean {
    return this.#left > 0;
  }

  /** Tells that another head is served from now on. */
  begin(): void {
    this.#after = [];
    this.#left = this.#frames;
  }

  /** Ends a probation; what came after it is what is usual from now on. */
  end(): void {
    this.#before = this.#after.slice(-BEFORE_FRAMES);
    this.#after = [];
    this.#left = 0;
  }

  /**
   * Takes the loss of the next frame.
   *
   * @returns The verdict, once there is one; `null` before, and while nothing is on probation.
   */
  observe(loss: EvidencedLoss): ProbationVerdict | null {
    if (!this.isOn) {
      this.#before.push(loss);
      if (this.#before.length > BEFORE_FRAMES) this.#before.shift();
      return null;
    }
    this.#after.push(loss);
    this.#left--;
    const worse = this.#worse();
    if (worse !== null) return { isWorse: true, why: worse };
    if (this.#left > 0) return null;
    return { isWorse: false, why: `the live loss did not rise in ${this.#frames} frames` };
  }

  #worse(): string | null {
    for (const kind of KINDS) {
      const [before, after] = [meanOf(this.#before, kind), meanOf(this.#after, kind)];
      if (before === null || after === null) continue;
      if (after <= before * (1 + RISE_SHARE) + RISE_NATS) return null;
      return `the live loss by ${kind} evidence rose from ${before.toFixed(3)} to ` +
        after.toFixed(3);
    }
    return null;
  }
}

/** The mean loss by one kind of evidence; `null` where there are too few. */
function meanOf(losses: readonly EvidencedLoss[], kind: EvidenceKind): number | null {
  const values = losses.flatMap(({ evidence, focalLoss, targets }) =>
    evidence === kind && focalLoss !== null && targets > 0 ? [focalLoss] : []
  );
  if (values.length < LOSSES_MIN) return null;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
