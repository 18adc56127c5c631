import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Agreement } from "../evaluate/agreement.ts";
import { findFault, gateRule, gateThresholds, isEvidence } from "./accuracy_gate.ts";

const SAME: Agreement = {
  pictures: 8,
  referenceCount: 40,
  candidateCount: 40,
  matchedCount: 40,
  lostShare: 0,
  newShare: 0,
  scoreDifference: 0,
  meanIou: 1,
};

Deno.test("an engine is judged by each figure, and told every one that is out of bounds", () => {
  const float = gateThresholds({ fp16: true });
  assertEquals(findFault(SAME, float), null);
  const cases: [Partial<Agreement>, string][] = [
    [{ lostShare: 0.075 }, "loses 7.5 % of 40 detections"],
    [{ newShare: 0.075 }, "7.5 % of its detections are new"],
    [{ scoreDifference: 0.05 }, "scores differ by 0.050"],
    [{ meanIou: 0.9 }, "boxes overlap by 0.900"],
  ];
  for (const [change, words] of cases) {
    assertStringIncludes(findFault({ ...SAME, ...change }, float)!, words);
    // Eight bits are allowed more.
    assertEquals(findFault({ ...SAME, ...change }, gateThresholds({ int8: true })), null);
  }
  const all = Object.assign({}, SAME, ...cases.map(([change]) => change));
  for (const [, words] of cases) assertStringIncludes(findFault(all, float)!, words);
});

Deno.test("an engine is not judged by a few pictures, or a few things in many", () => {
  assertEquals(isEvidence(SAME), true);
  assertEquals(isEvidence({ ...SAME, pictures: 7 }), false);
  assertEquals(isEvidence({ ...SAME, pictures: 10_000, referenceCount: 39 }), false);
});

Deno.test("a firm score is above what is reported, and can be reached", () => {
  assertEquals(gateRule(0.25).firmScore, 0.35);
  assertEquals(gateRule(0.9).firmScore, 0.95);
  assertEquals(gateRule(1).firmScore, 1);
});
