import {
  classesWithTargets,
  frameLoss,
  type FrameOutcome,
  type OutcomeFigures,
  sumOutcomes,
} from "./frame_outcome.ts";
import type { GateCheck, HoldOut, LabelOrigin } from "./gate_evidence.ts";
import type { GateRules } from "./gate_rules.ts";
import { signFlipTest } from "./paired_test.ts";

/** Figures are equal up to this: rounding is no reason. */
const EPSILON = 1e-9;

/** Asks whether the condition that was learnt is seen better. */
export function judgeDrifted(
  holdOut: HoldOut | null,
  rules: GateRules,
  nameOf: (index: number) => string,
): GateCheck[] {
  const frames = holdOut?.before.filter(({ classes }) => classes.some((one) => one.targets > 0))
    .length ?? 0;
  if (holdOut === null || frames < rules.framesMin) {
    return [{
      what: "drifted frames",
      className: null,
      before: null,
      after: frames,
      limit: rules.framesMin,
      holds: null,
      why: `${frames} distinct later frames with objects are too few to decide on, ` +
        `${rules.framesMin} are needed`,
    }];
  }
  const { before, after, labels } = holdOut;
  return [
    judgeFall(before, after, rules),
    judgeChance(before, after, rules),
    judgeF1(before, after),
    ...classesWithTargets(before)
      .map((index) => riseOf("drifted loss", before, after, index, rules, nameOf))
      .filter((check) => check !== null),
    {
      what: "drifted labels",
      className: null,
      before: null,
      after: frames,
      limit: rules.framesMin,
      holds: labels === "operator" ? true : null,
      why: labels === "operator"
        ? `${frames} later frames are labelled by an operator`
        : `the later frames are labelled by ${
          ORIGIN_WORDS[labels]
        }, whose word cannot accept a head`,
    },
  ];
}

const ORIGIN_WORDS: Readonly<Record<LabelOrigin, string>> = {
  operator: "an operator",
  teacher: "another detector",
  consensus: "tracks",
  own: "the detector itself",
};

function judgeFall(
  before: readonly FrameOutcome[],
  after: readonly FrameOutcome[],
  { lossFall }: GateRules,
): GateCheck {
  const [old, now] = [sumOutcomes(before, null).loss, sumOutcomes(after, null).loss];
  const limit = (1 - lossFall) * old;
  const holds = old > 0 && now <= limit + EPSILON;
  return {
    what: "drifted loss",
    className: null,
    before: old,
    after: now,
    limit,
    holds,
    why: `the loss on later frames goes from ${text(old)} to ${text(now)}, ` +
      (holds ? "far enough" : `at most ${text(limit)} is needed`),
  };
}

function judgeChance(
  before: readonly FrameOutcome[],
  after: readonly FrameOutcome[],
  { chanceMax }: GateRules,
): GateCheck {
  const differences = before.map((frame, i) => frameLoss(frame) - frameLoss(after[i]!));
  const { p, pairs } = signFlipTest(differences);
  // With few frames no figure is low enough; the lowest there is means that each became better.
  const few = 2 ** -pairs > chanceMax;
  const limit = few ? 2 ** -pairs : chanceMax;
  const better = differences.filter((difference) => difference > 0).length;
  return {
    what: "drifted chance",
    className: null,
    before: null,
    after: p,
    limit,
    holds: pairs > 0 && p <= limit + EPSILON,
    why: `${better} of ${before.length} later frames became better, ` +
      `which chance explains with ${text(p)}${few ? "; more frames would say more" : ""}`,
  };
}

function judgeF1(before: readonly FrameOutcome[], after: readonly FrameOutcome[]): GateCheck {
  const [old, now] = [sumOutcomes(before, null).f1 ?? 0, sumOutcomes(after, null).f1 ?? 0];
  return {
    what: "drifted F1",
    className: null,
    before: old,
    after: now,
    limit: old,
    holds: now >= old - EPSILON,
    why: `F1 on later frames goes from ${text(old)} to ${text(now)}`,
  };
}

/** Whether the loss of a class stays where it was; `null` where it has too few targets. */
function riseOf(
  what: "drifted loss" | "clean loss",
  before: readonly FrameOutcome[],
  after: readonly FrameOutcome[],
  classIndex: number | null,
  { cleanLossRise, classTargetsMin }: GateRules,
  nameOf: (index: number) => string,
): GateCheck | null {
  const [old, now] = [sumOutcomes(before, classIndex), sumOutcomes(after, classIndex)];
  if (old.targets < classTargetsMin) return null;
  const limit = old.loss + cleanLossRise;
  const whose = classIndex === null ? "" : ` of ${nameOf(classIndex)}`;
  const where = what === "clean loss" ? "clean" : "later";
  return {
    what,
    className: classIndex === null ? null : nameOf(classIndex),
    before: old.loss,
    after: now.loss,
    limit,
    holds: now.loss <= limit + EPSILON,
    why: `the loss${whose} on ${where} frames goes from ${text(old.loss)} to ${text(now.loss)}, ` +
      `at most ${text(limit)} is allowed`,
  };
}

/** Asks whether the camera as it was is seen as well as before. */
export function judgeClean(
  { before, after }: HoldOut,
  rules: GateRules,
  nameOf: (index: number) => string,
): GateCheck[] {
  return [null, ...classesWithTargets(before)]
    .map((index) => riseOf("clean loss", before, after, index, rules, nameOf))
    .filter((check) => check !== null);
}

/** Asks whether other things are seen as well as before. */
export function judgeBank({ labels, before, after }: HoldOut, rules: GateRules): GateCheck[] {
  const old: OutcomeFigures = sumOutcomes(before, null);
  // A bank without an object tells nothing about forgetting.
  if (old.f1 === null || old.targets === 0) return [];
  const now = sumOutcomes(after, null).f1 ?? 0;
  const limit = old.f1 - (labels === "own" ? rules.bankAgreementFall : rules.bankF1Fall);
  return [{
    what: "bank F1",
    className: null,
    before: old.f1,
    after: now,
    limit,
    holds: now >= limit - EPSILON,
    why: `F1 on ${old.frames} other pictures goes from ${text(old.f1)} to ${text(now)}, ` +
      `at least ${text(limit)} is needed`,
  }];
}

/** A figure in words: three digits behind the point. */
function text(value: number): string {
  return value.toFixed(3);
}
