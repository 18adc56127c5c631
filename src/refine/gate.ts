import { frameLoss, type FrameOutcome } from "./frame_outcome.ts";
import { judgeBank, judgeClean, judgeDrifted } from "./gate_checks.ts";
import type { GateCheck, GateDecision, GateEvidence, HoldOut } from "./gate_evidence.ts";
import { checkGateRules, DEFAULT_GATE_RULES, type GateRules } from "./gate_rules.ts";

/**
 * Decides about a head by its object-level losses and F1 on frames that it did not learn from. It
 * never looks at the loss of anchors, which does not see forgetting.
 *
 * - The drifted loss must fall by `lossFall`, and by a paired sign-flip test over distinct frames
 *   chance must not explain that; with so few that no figure is low enough, each of them must have
 *   become better.
 *   F1 must not fall, and no class with enough targets may lose more than a clean class may.
 * - The loss on clean frames must not rise by more than `cleanLossRise`, in all and for each class.
 * - The bank's F1 must not fall by more than `bankF1Fall`, or `bankAgreementFall` where the detector
 *   itself labelled it.
 *
 * The detector counts as repaired if the head is not rejected and F1 on the drifted frames probably
 * reaches `repairedF1`: the lower end of an interval, since a few objects prove little.
 *
 * With labels of operators a head that passes is accepted; with other labels, with too few frames,
 * or with none it is at most a proposal.
 *
 * @throws {RangeError} If a hold-out's frames before and after are not the same, a figure is not
 * finite, or a rule is out of range.
 *
 * @example A head that finds what was missed, by the word of an operator and of the detector itself
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { judgeHead } from "@fovea/fovea/refine";
 *
 * const at = (lossSum: number, hits: number) =>
 *   ["a", "b", "c"].map((frame) => {
 *     return { frame, classes: [{ classIndex: 0, targets: 2, lossSum, hits, falses: 0 }] };
 *   });
 * const better = { before: at(2, 0), after: at(0.3, 2) };
 * const drifted = { ...better, labels: "operator" } as const;
 * const trusted = judgeHead({ drifted, clean: null, bank: null }, ["car"]);
 * assertEquals([trusted.status, trusted.repaired], ["accepted", true]);
 * const guessed = { ...better, labels: "consensus" } as const;
 * assertEquals(judgeHead({ drifted: guessed, clean: null, bank: null }, ["car"]).status, "proposal");
 * ```
 */
export function judgeHead(
  evidence: GateEvidence,
  classNames: readonly string[],
  rules: GateRules = DEFAULT_GATE_RULES,
): GateDecision {
  checkGateRules(rules);
  const drifted = distinct(evidence.drifted);
  const clean = distinct(evidence.clean);
  const bank = distinct(evidence.bank);
  const nameOf = (index: number): string => classNames[index] ?? `class ${index}`;
  const checks = [
    ...judgeDrifted(drifted, rules, nameOf),
    ...(clean === null ? [] : judgeClean(clean, rules, nameOf)),
    ...(bank === null ? [] : judgeBank(bank, rules)),
  ];
  const failed = checks.some(({ holds }) => holds === false);
  const open = checks.some(({ holds }) => holds === null);
  const isTrusted = drifted?.labels === "operator";
  const isGood = isTrusted && f1Below(drifted.after) >= rules.repairedF1;
  return {
    status: failed ? "rejected" : open ? "proposal" : "accepted",
    repaired: isTrusted ? !failed && isGood : null,
    checks,
    why: explain(checks, clean, bank),
  };
}

/** Quantile of the normal distribution that four of five values lie below. */
const Z = 0.8416;

/**
 * Where F1 at least lies, with a probability of 0.8: few objects that are found prove little. It is
 * the lower end of the interval of Wilson 1927 for `hits` of `hits + (falses + misses) / 2`.
 */
function f1Below(frames: readonly FrameOutcome[]): number {
  const counts = frames.flatMap(({ classes }) => classes);
  const sum = (key: "hits" | "falses" | "targets"): number =>
    counts.reduce((total, one) => total + one[key], 0);
  const n = (sum("hits") + sum("falses") + sum("targets")) / 2;
  if (n === 0) return 0;
  const p = sum("hits") / n;
  const centre = p + Z ** 2 / (2 * n);
  const half = Z * Math.sqrt(p * (1 - p) / n + Z ** 2 / (4 * n ** 2));
  return (centre - half) / (1 + Z ** 2 / n);
}

/** Each picture counts once, however often it is given. */
function distinct(holdOut: HoldOut | null): HoldOut | null {
  if (holdOut === null) return null;
  const { labels, before, after } = holdOut;
  const same = before.length === after.length &&
    before.every(({ frame }, i) => frame === after[i]!.frame);
  if (!same) throw new RangeError("Cannot judge a head: before and after are not the same frames");
  if (![...before, ...after].every((frame) => Number.isFinite(frameLoss(frame)))) {
    throw new RangeError("Cannot judge a head: a loss is not finite");
  }
  const seen = new Set<string>();
  const kept: number[] = [];
  before.forEach(({ frame }, i) => {
    if (!seen.has(frame)) kept.push(i);
    seen.add(frame);
  });
  return { labels, before: kept.map((i) => before[i]!), after: kept.map((i) => after[i]!) };
}

/** What failed or stayed open first; else what the decision rests on. */
function explain(
  checks: readonly GateCheck[],
  clean: HoldOut | null,
  bank: HoldOut | null,
): string[] {
  const failed = checks.filter(({ holds }) => holds === false);
  const open = checks.filter(({ holds }) => holds === null);
  const decisive = failed.length > 0
    ? failed
    : open.length > 0
    ? open
    : checks.filter(({ className }) => className === null);
  return [
    ...decisive.map(({ why }) => why),
    ...(clean === null ? ["there are no clean frames of this camera to compare"] : []),
    ...(bank === null ? ["whether other classes were forgotten was not checked"] : []),
  ];
}
