import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { ClassOutcome, FrameOutcome } from "./frame_outcome.ts";
import { judgeHead } from "./gate.ts";
import type { GateDecision, HoldOut, LabelOrigin } from "./gate_evidence.ts";
import { DEFAULT_GATE_RULES } from "./gate_rules.ts";
import { chooseStep } from "./back_tracking.ts";

const NAMES = ["car", "van"];

function frames(
  count: number,
  one: (i: number) => Partial<ClassOutcome> | Partial<ClassOutcome>[],
): FrameOutcome[] {
  return Array.from({ length: count }, (_, i) => {
    const classes = [one(i)].flat().map((part) => {
      return { classIndex: 0, targets: 2, lossSum: 1, hits: 1, falses: 0, ...part };
    });
    return { frame: `frame ${i}`, classes };
  });
}

function holdOut(
  count: number,
  before: Parameters<typeof frames>[1],
  after: Parameters<typeof frames>[1],
  labels: LabelOrigin = "operator",
): HoldOut {
  return { labels, before: frames(count, before), after: frames(count, after) };
}

const BETTER = holdOut(8, () => ({ lossSum: 1, hits: 1 }), () => ({ lossSum: 0.2, hits: 2 }));
const SAME = holdOut(8, () => ({}), () => ({}));

function failed({ checks }: GateDecision): string[] {
  return checks.filter(({ holds }) => holds === false).map(({ what, className }) =>
    className === null ? what : `${what} of ${className}`
  );
}

Deno.test("judgeHead() accepts what is better here and the same elsewhere, with reasons", () => {
  const decision = judgeHead({ drifted: BETTER, clean: SAME, bank: SAME }, NAMES);
  assertEquals([decision.status, decision.repaired], ["accepted", true]);
  assert(decision.checks.every(({ holds }) => holds === true));
  assert(decision.why.length >= 4);
  assertEquals(JSON.parse(JSON.stringify(decision)), decision);
});

Deno.test("judgeHead() rejects what is not better enough, or not in most frames", () => {
  const little = holdOut(8, () => ({}), () => ({ lossSum: 0.95 }));
  assertEquals(failed(judgeHead({ drifted: little, clean: null, bank: null }, NAMES)), [
    "drifted loss",
  ]);
  // One frame that gains much against seven that lose a little.
  const one = holdOut(8, (i) => ({ lossSum: i === 0 ? 9 : 1 }), (i) => ({
    lossSum: i === 0 ? 0 : 1.1,
  }));
  assertEquals(failed(judgeHead({ drifted: one, clean: null, bank: null }, NAMES)), [
    "drifted chance",
  ]);
  const few = holdOut(3, () => ({}), (i) => ({ lossSum: i === 0 ? 1.2 : 0 }));
  assertEquals(failed(judgeHead({ drifted: few, clean: null, bank: null }, NAMES)), [
    "drifted chance",
  ]);
  const falls = holdOut(8, () => ({ hits: 2 }), () => ({ lossSum: 0.1, falses: 1, hits: 2 }));
  assertEquals(failed(judgeHead({ drifted: falls, clean: null, bank: null }, NAMES)), [
    "drifted F1",
  ]);
});

Deno.test("judgeHead() rejects a gain of one class that another one pays for", () => {
  const paid = holdOut(
    8,
    () => [{ lossSum: 2, hits: 0 }, { classIndex: 1, lossSum: 0.2, hits: 1 }],
    () => [{ lossSum: 0.1, hits: 2 }, { classIndex: 1, lossSum: 0.8, hits: 1 }],
  );
  assertEquals(failed(judgeHead({ drifted: paid, clean: null, bank: null }, NAMES)), [
    "drifted loss of van",
  ]);
  assertEquals(failed(judgeHead({ drifted: BETTER, clean: paid, bank: null }, NAMES)), [
    "clean loss of van",
  ]);
  const rare = holdOut(
    2,
    () => [{ lossSum: 2 }, { classIndex: 1, lossSum: 0.2 }],
    () => [{ lossSum: 0.1, hits: 2 }, { classIndex: 1, lossSum: 0.8 }],
  );
  assertEquals(failed(judgeHead({ drifted: rare, clean: null, bank: null }, NAMES)), []);
});

Deno.test("judgeHead() rejects forgetting, on clean frames and in the bank", () => {
  const worse = holdOut(8, () => ({ hits: 2 }), () => ({ hits: 1, lossSum: 1.1 }));
  const decision = judgeHead({ drifted: BETTER, clean: worse, bank: worse }, NAMES);
  assertEquals(decision.status, "rejected");
  assertEquals(failed(decision), ["clean loss", "clean loss of car", "bank F1"]);
});

Deno.test("judgeHead() takes nobody's word but an operator's", () => {
  for (const labels of ["teacher", "consensus", "own"] as const) {
    const decision = judgeHead({ drifted: { ...BETTER, labels }, clean: SAME, bank: SAME }, NAMES);
    assertEquals([decision.status, decision.repaired], ["proposal", null]);
  }
});

Deno.test("judgeHead() decides nothing on one frame, however often it is given", () => {
  const once = holdOut(1, () => ({}), () => ({ lossSum: 0, hits: 2 }));
  const often = {
    ...once,
    before: Array(20).fill(once.before[0]),
    after: Array(20).fill(once.after[0]),
  };
  for (const drifted of [null, once, often]) {
    const decision = judgeHead({ drifted, clean: SAME, bank: SAME }, NAMES);
    assertEquals(decision.status, "proposal");
  }
});

Deno.test("judgeHead() says whether the detector is good now, whatever it gained", () => {
  const poor = holdOut(8, () => ({ lossSum: 2, hits: 0 }), (i) => ({ lossSum: 1, hits: i % 2 }));
  const decision = judgeHead({ drifted: poor, clean: null, bank: null }, NAMES);
  assertEquals([decision.status, decision.repaired], ["accepted", false]);
});

Deno.test("judgeHead() never accepts a head that is worse on the drifted frames", () => {
  const outcome = fc.record({
    lossSum: fc.double({ min: 0, max: 5, noNaN: true }),
    hits: fc.integer({ min: 0, max: 2 }),
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(outcome, outcome), { minLength: 1, maxLength: 12 }), (pairs) => {
      const drifted = holdOut(pairs.length, (i) => pairs[i]![0], (i) => pairs[i]![1]);
      const { status } = judgeHead({ drifted, clean: null, bank: null }, NAMES);
      const sum = (side: 0 | 1, key: "lossSum" | "hits"): number =>
        pairs.reduce((total, pair) => total + pair[side][key], 0);
      if (status !== "accepted") return;
      assert(sum(1, "lossSum") <= 0.9 * sum(0, "lossSum") + 1e-6);
      assert(sum(1, "hits") >= sum(0, "hits"));
    }),
    { seed: 8, numRuns: 300 },
  );
});

Deno.test("judgeHead() refuses frames that are not the same, and figures that are none", () => {
  const other = { ...BETTER, after: BETTER.after.toReversed() };
  const judge = (drifted: HoldOut) => () => judgeHead({ drifted, clean: null, bank: null }, NAMES);
  assertThrows(judge(other), RangeError, "not the same frames");
  assertThrows(judge(holdOut(3, () => ({}), () => ({ lossSum: NaN }))), RangeError, "not finite");
  const rules = { ...DEFAULT_GATE_RULES, lossFall: 2 };
  assertThrows(
    () => judgeHead({ drifted: BETTER, clean: null, bank: null }, NAMES, rules),
    RangeError,
  );
});

Deno.test("chooseStep() prefers what is accepted, then what is proposed, then the whole way", () => {
  const step = (tau: number, status: GateDecision["status"]) => {
    return { tau, decision: { status, repaired: null, checks: [], why: [] } };
  };
  const [no, maybe, yes] = [step(1, "rejected"), step(0.75, "proposal"), step(0.5, "accepted")];
  assertEquals(chooseStep([no, maybe, yes]), yes);
  assertEquals(chooseStep([no, maybe]), maybe);
  assertEquals(chooseStep([no, step(0.5, "rejected")]), no);
  assertThrows(() => chooseStep([]), RangeError);
});
