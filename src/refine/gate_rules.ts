/** What a head has to reach to be served; all of it is stated in the ledger. */
export interface GateRules {
  /** The drifted hold-out's loss must fall by at least this share of itself, 0–1. */
  readonly lossFall: number;
  /** How likely chance may be to explain the fall, 0–1; with fewer frames each must be better. */
  readonly chanceMax: number;
  /** Fewer distinct drifted frames than this prove nothing; whole, from 1. */
  readonly framesMin: number;
  /** A class with fewer targets than this is not judged on its own; whole, from 1. */
  readonly classTargetsMin: number;
  /** Most that the loss of clean frames may rise, in all and for each class, in nats a target. */
  readonly cleanLossRise: number;
  /** Most that the F1 of a labelled bank may fall, 0–1. */
  readonly bankF1Fall: number;
  /**
   * Most that it may fall where the detector itself labelled the bank, 0–1: what a head corrects
   * counts as a fall there, too.
   */
  readonly bankAgreementFall: number;
  /** F1 of the drifted hold-out from which the detector counts as repaired, 0–1. */
  readonly repairedF1: number;
}

/**
 * The rules that are used where nothing else is asked for. The bank may lose 0.02 although 0.03 would
 * do: a bank is small, and what it shows differs by a hundredth from what other pictures would.
 */
export const DEFAULT_GATE_RULES: GateRules = Object.freeze({
  lossFall: 0.1,
  chanceMax: 0.1,
  framesMin: 2,
  classTargetsMin: 5,
  cleanLossRise: 0.02,
  bankF1Fall: 0.02,
  bankAgreementFall: 0.03,
  repairedF1: 0.6,
});

/**
 * Checks rules.
 *
 * @throws {RangeError} If one is out of range.
 */
export function checkGateRules(rules: GateRules): GateRules {
  const { lossFall, chanceMax, bankF1Fall, bankAgreementFall, repairedF1 } = rules;
  const shares = [lossFall, chanceMax, bankF1Fall, bankAgreementFall, repairedF1];
  const counts = [rules.framesMin, rules.classTargetsMin];
  const sound = shares.every((share) => share >= 0 && share <= 1) &&
    counts.every((count) => Number.isSafeInteger(count) && count >= 1) &&
    rules.cleanLossRise >= 0;
  if (sound) return rules;
  throw new RangeError(`Cannot judge a head by the rules ${JSON.stringify(rules)}`);
}
