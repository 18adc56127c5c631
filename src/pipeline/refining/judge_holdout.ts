import type { HeadWeights } from "../../core/head_weights.ts";
import type { FrameOutcome } from "../../refine/frame_outcome.ts";
import type { HoldOut } from "../../refine/gate_evidence.ts";
import type { EvidenceRecord } from "../../refine/ledger_event.ts";
import { type FrameSet, targetsOf } from "./frame_set.ts";
import { judgeFrame, listBoxes } from "./judge_frame.ts";
import { checkInside, type GatherContext } from "./learnt_rows.ts";
import { EvidenceTally, fingerprint, walkFrames } from "./walk_frames.ts";

/** What a hold-out says about several heads. */
export interface JudgedFrames {
  /** Outcomes under the served head against each head, in the order of the heads. */
  readonly holdOuts: readonly HoldOut[];
  /** What was looked at, for the ledger. */
  readonly record: EvidenceRecord;
}

/**
 * Looks at a hold-out once and tells what the served head and each other one make of it. Frames
 * that were learnt from are left out: they prove nothing.
 *
 * @param learnt Fingerprints of the frames that were learnt from.
 */
export async function judgeHoldOut(
  set: FrameSet,
  role: "drifted" | "clean" | "bank",
  heads: readonly HeadWeights[],
  learnt: ReadonlySet<string>,
  { target, scorer, signal, onFrame }: GatherContext,
): Promise<JudgedFrames> {
  const { served } = target;
  const tally = new EvidenceTally(role, set);
  const before: FrameOutcome[] = [];
  const after: FrameOutcome[][] = heads.map(() => []);
  await walkFrames(target, set, signal, (tap) => {
    onFrame();
    const frame = fingerprint(tap);
    if (learnt.has(frame)) return;
    const found = listBoxes(scorer.detect(tap, served, served));
    const known = targetsOf(set, tap, found);
    if (known === undefined) return;
    checkInside(known, tap, set.source);
    tally.add(frame, known, 0);
    before.push(judgeFrame(frame, found, known, set.judged));
    for (const [i, head] of heads.entries()) {
      const others = listBoxes(scorer.detect(tap, served, head));
      after[i]!.push(judgeFrame(frame, others, known, set.judged));
    }
  });
  return {
    holdOuts: after.map((outcomes) => ({ labels: set.labelledBy, before, after: outcomes })),
    record: tally.record(),
  };
}
