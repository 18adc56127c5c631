import { assert, assertEquals } from "@std/assert";
import type { FrameTap } from "../../core/tap.ts";
import { LiveEvidence } from "./live_evidence.ts";

/** A tapped frame of some kilobytes. */
function tapAt(seq: number, kilobytes = 1): FrameTap {
  return {
    seq,
    features: new Float32Array(128 * kilobytes),
    logits: new Float32Array(128 * kilobytes),
    objectnessFeatures: null,
  } as unknown as FrameTap;
}

const NOTHING = { targets: [], ignored: [] };
const NEEDS = { learn: 4, judge: 2 };

function seqsOf(set: { readonly open: unknown } | null | undefined): number[] {
  return ((set?.open ?? []) as FrameTap[]).map(({ seq }) => seq);
}

Deno.test("LiveEvidence lets the latest labelled frames judge, in whatever order labels came", () => {
  const evidence = new LiveEvidence(NEEDS);
  for (const seq of [50, 10, 40, 20, 30]) evidence.addLabelled(tapAt(seq), NOTHING);
  assertEquals(evidence.isEnough, false);
  evidence.addLabelled(tapAt(60), NOTHING);
  assertEquals(evidence.isEnough, true);
  const { learn, drifted } = evidence.frames("camera", null, "operator");
  assertEquals([seqsOf(learn), seqsOf(drifted)], [[10, 20, 30, 40], [50, 60]]);
  assertEquals(drifted!.labelledBy, "operator");
  evidence.waitForMore();
  assertEquals(evidence.isEnough, false);
});

Deno.test("LiveEvidence shares clean frames out and spreads them over time", () => {
  const evidence = new LiveEvidence(NEEDS);
  for (let seq = 0; seq < 600; seq++) evidence.addClean(tapAt(seq));
  for (let seq = 0; seq < 6; seq++) evidence.addLabelled(tapAt(1000 + seq), NOTHING);
  const { replay, clean } = evidence.frames("camera", null, "operator");
  const [replayed, judging] = [seqsOf(replay[0]), seqsOf(clean)];
  assertEquals([replayed.length, judging.length], [8, 4]);
  assertEquals(new Set([...replayed, ...judging]).size, 12);
  assert(Math.max(...replayed, ...judging) > 400);
});

Deno.test("LiveEvidence holds few large frames and forgets all under another head", () => {
  const evidence = new LiveEvidence(NEEDS);
  for (let seq = 0; seq < 20; seq++) evidence.hold(tapAt(seq, 10_000));
  assertEquals([16, 17, 19].map((seq) => evidence.find(seq)?.seq ?? null), [null, 17, 19]);
  for (let seq = 0; seq < 40; seq++) evidence.addLabelled(tapAt(seq), NOTHING);
  assertEquals(evidence.labelled, 8);
  evidence.clear();
  assertEquals([evidence.labelled, evidence.find(19)], [0, null]);
});

Deno.test("LiveEvidence lets tracks speak once while a condition lasts", () => {
  const evidence = new LiveEvidence(NEEDS);
  const speak = () => {
    for (let seq = 0; seq < 6; seq++) evidence.addTracked(tapAt(seq), NOTHING);
    return evidence.isTrackedEnough;
  };
  assertEquals(speak(), true);
  assertEquals(evidence.frames("camera", null, "consensus").learn.labelledBy, "consensus");
  evidence.endTracked();
  assertEquals(speak(), false);
  evidence.forgetLabelled();
  assertEquals(speak(), true);
});
